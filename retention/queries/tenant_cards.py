"""What the retention room shows on a tenant's page: holds on it, and its cases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import FilteredRelation, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from governance.authority import Right, has_right
from governance.tenant_cards import TenantCard
from retention.models import DeletionCase
from retention.pages.case_words import light_words
from retention.vocabulary import Cause
from tenants.models import Tenant

#: Of each kind.
MOST = 3
HOLD = ("id", "matter", "placed_at", "effective_at", "owner__name", "store__name")
CASE = ("id", "number", "cause", "state", "clock_from")


def tenant_cards(actor: Actor, tenant: Tenant) -> Iterable[TenantCard]:
    """Live holds on a tenant or its stores, the widest first, then its newest cases; in one query."""
    if not has_right(actor, Right.READ_DELETIONS):
        return
    live = FilteredRelation("holds", condition=Q(holds__lifted_at=None))
    rows = Tenant.objects.filter(pk=tenant.pk).annotate(live=live)
    found = list(rows.values(*(f"live__{name}" for name in HOLD), *(f"deletion_cases__{name}" for name in CASE)))
    holds = sorted(_told(found, "live", HOLD), key=lambda row: (row["store__name"] or "", row["placed_at"]))
    cases = [DeletionCase(tenant=tenant, **told) for told in _told(found, "deletion_cases", CASE)]
    yield from (_of_hold(row) for row in holds[:MOST])
    yield from (_of_case(case) for case in sorted(cases, key=lambda case: -case.number)[:MOST])


def _told(rows: list[dict[str, Any]], relation: str, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Each row of one of the two relations once: the query pairs every hold with every case."""
    found = [{name: row[f"{relation}__{name}"] for name in names} for row in rows]
    return list({row["id"]: row for row in found if row["id"]}.values())


def _of_hold(row: dict[str, Any]) -> TenantCard:
    words = _("Nothing of this tenant is deleted until it is lifted. %(owner)s answers for it.")
    if row["store__name"]:
        words = _("%(store)s is not deleted until it is lifted. %(owner)s answers for it.")
    return TenantCard(
        title=_("Legal hold"), text=row["matter"], url=reverse("retention:hold_read", args=[row["id"]]),
        state=_("In effect") if row["effective_at"] else _("Taking effect"), tone="warn", icon="lock",
        stops=words % {"store": row["store__name"], "owner": row["owner__name"]},
    )  # fmt: skip


def _of_case(case: DeletionCase) -> TenantCard:
    tone, icon, word = light_words(case)
    title = _("One person’s data") if case.cause == Cause.DATA_SUBJECT else _("Deletion")
    return TenantCard(
        title=title, text=case.get_state_display(), url=reverse("retention:case_read", args=[case.id]),
        state=word, tone=tone, icon=icon, due_on=None if case.is_done else case.due_on,
    )  # fmt: skip
