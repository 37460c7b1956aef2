"""Reading the register: which agreements run, where tenants stand, what is missing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from tenants.models import Agreement, DataStore, Tenant
from tenants.selectors import may_be_one_account, reaches_into
from tenants.vocabulary import TenantState


def reaching(day: dt.date) -> Q:
    """Agreements whose own term goes to a day or past it."""
    return Q(ends_on__isnull=True) | Q(ends_on__gte=day)


def running_on(day: dt.date) -> Q:
    """Agreements that are in force on a day, as :meth:`Agreement.runs_on` says of one."""
    return Q(starts_on__lte=day) & reaching(day) & (Q(ended_on__isnull=True) | Q(ended_on__gt=day))


def running_agreements(tenant_id: uuid.UUID, day: dt.date) -> QuerySet[Agreement]:
    """The tenant's agreements that are in force on a day (UTC)."""
    rows: QuerySet[Agreement] = Agreement.objects.filter(running_on(day), tenant_id=tenant_id)
    return rows


def is_agreement_running(tenant_id: uuid.UUID, day: dt.date) -> bool:
    """Whether any agreement with the tenant is in force on a day: nothing is purged then (I51, LD-20)."""
    return running_agreements(tenant_id, day).exists()


def overlapping(*, kind: str, selector: str, account: str, besides: uuid.UUID) -> DataStore | None:
    """Another store out of which a store of this selector would erase, or that would erase out of it."""
    others: QuerySet[DataStore] = DataStore.objects.filter(kind=kind, withdrawn_at=None).exclude(pk=besides)
    for other in others.only("key", "tenant_id", "selector", "account").iterator():
        if may_be_one_account(kind, account, other.account) and reaches_into(kind, selector, other.selector):
            return other
    return None


def ending_with_tenant(tenant_id: uuid.UUID, day: dt.date) -> QuerySet[Agreement]:
    """The agreements that a termination on a day ends: what would run on that day or later."""
    rows: QuerySet[Agreement] = Agreement.objects.filter(tenant_id=tenant_id, ended_on=None)
    return rows.filter(reaching(day))


def stores_outside(tenant_id: uuid.UUID, regions: list[str]) -> QuerySet[DataStore]:
    """The tenant's stores that would lie in none of these regions (I59)."""
    rows: QuerySet[DataStore] = DataStore.objects.filter(tenant_id=tenant_id, withdrawn_at=None)
    return rows.exclude(region__in=regions)


def standing(state: str, day: dt.date) -> Q:
    """Tenants that stand so on a day (:class:`TenantState`)."""
    return {
        TenantState.ACTIVE.value: Q(terminated_on__isnull=True),
        TenantState.TERMINATING.value: Q(terminated_on__gt=day),
        TenantState.TERMINATED.value: Q(terminated_on__lte=day),
    }[state]


def with_something_missing(rows: QuerySet[Tenant], day: dt.date) -> QuerySet[Tenant]:
    """Tenants of which :func:`gaps` names something."""
    running = Agreement.objects.filter(running_on(day), tenant=OuterRef("pk"))
    lacking = running.filter(Q(customer_owns_data=False) | Q(company_owns_platform=False) | Q(evidence_digest=""))
    return rows.filter(~standing(TenantState.TERMINATED, day)).filter(~Exists(running) | Exists(lacking))


def gaps(tenant: Tenant, agreements: Iterable[Agreement], day: dt.date) -> list[str]:
    """What is missing of a tenant, as codes; nothing is asked of one that is terminated.

    ``no_agreement`` (none was ever recorded), ``not_running`` (none runs today), ``ownership_term``
    (LD-1), ``platform_term`` (LD-2), ``document`` (a running one without its signed document).
    """
    rows = list(agreements)
    if tenant.state_on(day) == TenantState.TERMINATED:
        return []
    if not rows:
        return ["no_agreement"]
    running = [row for row in rows if row.runs_on(day)]
    found = {
        "not_running": not running,
        "ownership_term": not all(row.customer_owns_data for row in running),
        "platform_term": not all(row.company_owns_platform for row in running),
        "document": not all(row.evidence_digest for row in running),
    }
    return [code for code, is_missing in found.items() if is_missing]
