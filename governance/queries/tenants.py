"""The register of tenants, for the pages and the API; who may see it is decided before, or by ``actor``."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import NotFoundError
from governance.authority import Right, has_right
from governance.evidence_uses import Use
from governance.models import Evidence
from tenants.models import Agreement, DataStore, Site, Tenant
from tenants.queries import gaps, standing, with_something_missing
from tenants.vocabulary import TenantState

#: Filter word for tenants of which something is missing.
MISSING = "missing"
#: How long before its last agreement ends a tenant shows up in My work.
WARN = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list of tenants is filtered by; empty: by nothing."""

    words: str = ""
    state: str = ""
    region: str = ""


def tenants(wanted: Wanted | None = None) -> QuerySet[Tenant]:
    """Tenants with how many open sites each has, and its agreements and sites at hand."""
    wanted, today = wanted or Wanted(), timezone.now().date()
    open_sites = Count("sites", filter=Q(sites__closed_on=None), distinct=True)
    rows: QuerySet[Tenant] = Tenant.objects.annotate(site_count=open_sites)
    rows = rows.prefetch_related("agreements", Prefetch("sites", Site.objects.order_by("name", "id")))
    if wanted.words:
        rows = rows.filter(Q(name__icontains=wanted.words) | Q(key__icontains=wanted.words))
    if wanted.region:
        rows = rows.filter(allowed_regions__icontains=f'"{wanted.region}"')  # a member of the JSON list, as text
    if wanted.state in TenantState.values:
        rows = rows.filter(standing(wanted.state, today))
    elif wanted.state == MISSING:
        rows = with_something_missing(rows, today)
    return rows


def regions_in_use() -> list[str]:
    """Every region that some tenant allows."""
    lists = Tenant.objects.order_by().values_list("allowed_regions", flat=True).distinct()
    return sorted({region for regions in lists for region in regions})


def get_tenant(tenant_id: uuid.UUID) -> Tenant:
    """One tenant with its sites, agreements and data stores."""
    row: Tenant | None = tenants().prefetch_related("stores").filter(pk=tenant_id).first()
    if row is None:
        raise NotFoundError(_("There is no such tenant."))
    return row


def get_tenant_for(actor: Actor, key: str) -> Tenant:
    """One tenant by its key, for a product; one beyond the account's bounds does not exist."""
    row: Tenant | None = tenants_for(actor).filter(key=key).first()
    if row is None:
        raise NotFoundError(_("There is no such tenant."))
    return row


def tenants_for(actor: Actor, wanted: Wanted | None = None) -> QuerySet[Tenant]:
    """The tenants that exist for a product: all, or the one its account is bound to."""
    rows = tenants(wanted)
    return rows.filter(pk=actor.bound_tenant_id) if actor.bound_tenant_id else rows


def get_site(tenant_id: uuid.UUID, site_id: uuid.UUID) -> Site:
    """One site of the tenant."""
    row: Site | None = Site.objects.select_related("tenant").filter(pk=site_id, tenant_id=tenant_id).first()
    if row is None:
        raise NotFoundError(_("There is no such site."))
    return row


def get_agreement(tenant_id: uuid.UUID, agreement_id: uuid.UUID) -> Agreement:
    """One agreement with the tenant."""
    rows = Agreement.objects.select_related("tenant")
    row: Agreement | None = rows.filter(pk=agreement_id, tenant_id=tenant_id).first()
    if row is None:
        raise NotFoundError(_("There is no such agreement."))
    return row


def get_store(tenant_id: uuid.UUID, store_id: uuid.UUID) -> DataStore:
    """One data store of the tenant."""
    row: DataStore | None = DataStore.objects.select_related("tenant").filter(pk=store_id, tenant_id=tenant_id).first()
    if row is None:
        raise NotFoundError(_("There is no such data store."))
    return row


def gaps_of(tenant: Tenant) -> list[str]:
    """What is missing of a tenant today, as codes (:func:`tenants.queries.gaps`)."""
    return gaps(tenant, tenant.agreements.all(), timezone.now().date())


def runs_until(tenant: Tenant) -> tuple[str, dt.date | None]:
    """How its agreements stand today: ``none``, ``ended``, ``upcoming`` or ``running``, and the day that goes with it.

    The day is the last one of what runs (``None``: no end), or ended, or the first of what is to come.
    """
    today, rows = timezone.now().date(), list(tenant.agreements.all())
    if running := [row.last_day for row in rows if row.runs_on(today)]:
        return "running", None if None in running else max(day for day in running if day)
    if upcoming := [row.starts_on for row in rows if row.state_on(today) == "upcoming"]:
        return "upcoming", min(upcoming)
    if not rows:
        return "none", None
    return "ended", max((row.last_day for row in rows if row.last_day), default=None)


def agreements_ending() -> list[tuple[Tenant, dt.date | None]]:
    """Tenants that go on and whose last agreement ends within :data:`WARN`, or ended: with its last day."""
    today = timezone.now().date()
    lasting = Agreement.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today + WARN), ended_on=None)
    rows = Tenant.objects.filter(terminated_on=None, agreements__isnull=False).exclude(pk__in=lasting.values("tenant"))
    found = [(row, runs_until(row)) for row in rows.distinct().prefetch_related("agreements")[:50]]
    return [(row, day) for row, (state, day) in found if state in ("running", "ended")]


def documents_named(actor: Actor, digests: Iterable[str]) -> dict[str, Evidence]:
    """Evidence on file by its digest, for those who may read evidence."""
    if not has_right(actor, Right.READ_EVIDENCE):
        return {}
    rows = Evidence.objects.filter(digest__in=[one for one in digests if one]).order_by("uploaded_at")
    return {row.digest: row for row in rows}


def documents_on_file() -> QuerySet[Evidence]:
    """Evidence that may stand under an agreement, newest first."""
    kinds = (Evidence.Kind.DPA, Evidence.Kind.ZDR, Evidence.Kind.OTHER)
    return Evidence.objects.filter(withdrawn_at=None, kind__in=kinds).order_by("-uploaded_at", "-id")[:200]


def evidence_uses(actor: Actor, evidence_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, list[Use]]:
    """Agreements with tenants that name a piece of evidence, for those who read the register."""
    if not has_right(actor, Right.READ_TENANTS):
        return {}
    by_digest: dict[str, list[uuid.UUID]] = {}
    for evidence_id, digest in Evidence.objects.filter(pk__in=list(evidence_ids)).values_list("pk", "digest"):
        by_digest.setdefault(digest, []).append(evidence_id)
    found: dict[uuid.UUID, list[Use]] = {}
    for row in Agreement.objects.filter(evidence_digest__in=by_digest).select_related("tenant"):
        url = reverse("governance:tenant_read", args=[row.tenant_id])
        for evidence_id in by_digest[row.evidence_digest]:
            found.setdefault(evidence_id, []).append(Use(_("Agreement"), f"{row.tenant.name}: {row.reference}", url))
    return found
