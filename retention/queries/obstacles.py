"""What keeps a tenant's data from being deleted now, for a page that says so before anybody counts."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from retention.queries.holds import holds_on
from tenants.models import Tenant
from tenants.queries import is_agreement_running


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way, in a sentence, and where somebody does something about it."""

    title: str
    text: str
    url: str
    verb: str


def obstacles_of(tenant: Tenant) -> list[Obstacle]:
    """A hold on all of the tenant (I52) and an agreement that still runs (I51): the service refuses for them, later."""
    found = []
    for hold in holds_on(tenant.id).filter(store=None).order_by("placed_at", "id")[:3]:
        told = _("Nothing of this tenant is deleted until it is lifted. %s answers for it.") % hold.owner.name
        url = reverse("retention:hold_read", args=[hold.id])
        found.append(Obstacle(_("A legal hold is on this tenant"), told, url, hold.matter))
    if is_agreement_running(tenant.id, timezone.now().date()):
        told = _("Nothing is deleted before it has ended. If it ends, terminate the tenant: its case opens by itself.")
        url = reverse("governance:tenant_read", args=[tenant.id])
        found.append(Obstacle(_("An agreement with %s runs") % tenant.name, told, url, _("Open the tenant")))
    return found
