"""A vendor's AI services: added, corrected, and watched for material changes (I23)."""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import InvalidInputError, NotFoundError
from governance.authority import Right, require
from governance.models import Person
from vendors.models import Service, Vendor
from vendors.services.drafting import lock_service
from vendors.services.reassessments import react_to_material_change
from vendors.services.validation import check_fields, check_regions


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDetails:
    """What is known of a service. ``retention_days`` and ``trains_on_data``: ``None`` is not known."""

    name: str
    plan_tier: str
    hosting: str
    owner_id: uuid.UUID
    summary: str = ""
    licence_tier: str = ""
    account_id: str = ""
    billing_owner: str = ""
    endpoints: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    retention_days: int | None = None
    trains_on_data: bool | None = None


FIELDS = tuple(field.name for field in dataclasses.fields(ServiceDetails))

#: A change of any of these ends the approval at once (I23).
MATERIAL = ("plan_tier", "hosting", "regions", "retention_days", "trains_on_data")


def add_service(*, actor: Actor, vendor_id: uuid.UUID, details: ServiceDetails) -> Service:
    """Add a service of a vendor; it may be used for nothing until it is assessed and approved (L2-5)."""
    with audited(actor, "vendors.service.added", subject_kind="vendors.service") as change:
        require(actor, Right.DRAFT_ASSESSMENT)
        if not Vendor.objects.filter(pk=vendor_id).exists():
            raise NotFoundError(_("There is no such vendor."))
        service = Service(id=change.subject_id, vendor_id=vendor_id, added_by_id=actor.id)
        _set_details(service, details)
        service.save()
        change.details = {"vendor": str(vendor_id), "plan": service.plan_tier, "hosting": service.hosting}
        return service


def edit_service(*, actor: Actor, service_id: uuid.UUID, details: ServiceDetails) -> Service:
    """Correct a service; a material change suspends its approval at once and opens a re-assessment (I23)."""
    with audited(actor, "vendors.service.edited", subject_kind="vendors.service", subject_id=service_id) as change:
        require(actor, Right.DRAFT_ASSESSMENT)
        service = lock_service(service_id)
        before = {name: getattr(service, name) for name in FIELDS}
        _set_details(service, details)
        service.save()
        changed = [name for name in FIELDS if getattr(service, name) != before[name]]
        change.details = {"fields": changed}
        _note_material(change, service, before, [name for name in MATERIAL if name in changed])
        return service


def _note_material(change: Change, service: Service, before: dict[str, object], material: list[str]) -> None:
    if not material:
        return
    change.details |= {name: {"from": before[name], "to": getattr(service, name)} for name in material}
    words = ", ".join(str(Service._meta.get_field(name).verbose_name) for name in material)  # type: ignore[union-attr]
    react_to_material_change(
        actor=change.actor, service=service, what=_("The service changed: %(what)s.") % {"what": words}
    )


def _set_details(service: Service, details: ServiceDetails) -> None:
    for name in FIELDS:
        value = getattr(details, name)
        setattr(service, name, value.strip() if isinstance(value, str) else value)
    service.regions = check_regions(details.regions)
    service.endpoints = sorted({endpoint.strip() for endpoint in details.endpoints if endpoint.strip()})
    check_fields(service, [name for name in FIELDS if name != "owner_id"])
    if not Person.objects.filter(pk=details.owner_id, is_active=True).exists():
        raise InvalidInputError(_("Choose an active person as owner."), field="owner")
    namesakes = Service.objects.filter(vendor_id=service.vendor_id, name__iexact=service.name).exclude(pk=service.pk)
    if namesakes.exists():
        raise InvalidInputError(_("This vendor already has a service of this name. Open it instead."), field="name")
