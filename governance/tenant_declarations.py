"""What the register of tenants tells the registries: its subjects, what waits, what search finds."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auditlog.actors import Actor
from auditlog.registry import register_subject
from governance.authority import Right, has_right
from governance.evidence_uses import register_use
from governance.queries.tenants import Wanted, agreements_ending, evidence_uses, tenants
from governance.search import Hit, register_search
from governance.work import WorkItem, register_work
from tenants.models import Agreement, DataStore, Site

READ = "governance:tenant_read"


def declare() -> None:
    """Fill the registries."""
    _part(Site, "tenants.site", gettext_lazy("Site"))
    _part(Agreement, "tenants.agreement", gettext_lazy("Agreement with a tenant"))
    _part(DataStore, "tenants.store", gettext_lazy("Data store"))
    register_subject("tenants.register", gettext_lazy("Register of tenants"), _register)
    register_use(evidence_uses)
    register_work(agreements_that_end)
    register_search(tenants_found)


def _part(model: Any, kind: str, name: object) -> None:
    """A site, an agreement or a data store: its page is its tenant's."""

    def locate(row_id: uuid.UUID) -> tuple[str, str] | None:
        row = model.objects.filter(pk=row_id).first()
        return (str(row), reverse(READ, args=[row.tenant_id])) if row else None

    register_subject(kind, name, locate)


def _register(row_id: uuid.UUID) -> tuple[str, str]:
    return _("Register of tenants"), reverse("governance:tenant_list")


def agreements_that_end(actor: Actor) -> Iterable[WorkItem]:
    """Tenants whose last agreement ends soon or ended: the next one, or the termination, is to be recorded."""
    if not has_right(actor, Right.REGISTER_TENANT):
        return
    for tenant, day in agreements_ending():
        yield WorkItem(
            room=_("Tenants"), title=_("%s: its last agreement ends") % tenant.name,
            url=reverse(READ, args=[tenant.id]),
            due=dt.datetime.combine(day, dt.time.max, tzinfo=dt.UTC) if day else None,
            waiting=_("record the next one, or terminate the tenant"),
        )  # fmt: skip


def tenants_found(actor: Actor, words: str) -> Iterable[Hit]:
    """Tenants by name or key."""
    if has_right(actor, Right.READ_TENANTS):
        for row in tenants(Wanted(words=words)).prefetch_related(None).order_by("name", "id")[:10]:
            yield Hit(_("Tenant"), row.name, reverse(READ, args=[row.id]), row.key)
