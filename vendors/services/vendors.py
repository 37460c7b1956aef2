"""Vendors: added and corrected."""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, NotFoundError
from governance.authority import Right, require
from vendors.models import Vendor
from vendors.services.validation import check_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorDetails:
    """What is known of a vendor."""

    name: str
    website: str = ""
    country: str = ""
    contact_name: str = ""
    contact_email: str = ""
    notes: str = ""


FIELDS = tuple(field.name for field in dataclasses.fields(VendorDetails))


def add_vendor(*, actor: Actor, details: VendorDetails) -> Vendor:
    """Add a vendor to the register; it may be used for nothing until a service of it is approved (L2-3)."""
    with audited(actor, "vendors.vendor.added", subject_kind="vendors.vendor") as change:
        require(actor, Right.DRAFT_ASSESSMENT)
        vendor = Vendor(id=change.subject_id, added_by_id=actor.id)
        _set_details(vendor, details)
        vendor.save()
        return vendor


def edit_vendor(*, actor: Actor, vendor_id: uuid.UUID, details: VendorDetails) -> Vendor:
    """Correct what is known of a vendor; no approval rests on it, so none falls."""
    with audited(actor, "vendors.vendor.edited", subject_kind="vendors.vendor", subject_id=vendor_id) as change:
        require(actor, Right.DRAFT_ASSESSMENT)
        vendor = lock_vendor(vendor_id)
        change.details["fields"] = [name for name in FIELDS if getattr(vendor, name) != getattr(details, name)]
        _set_details(vendor, details)
        vendor.save()
        return vendor


def lock_vendor(vendor_id: uuid.UUID) -> Vendor:
    """The vendor, read again under lock."""
    row: Vendor | None = Vendor.objects.select_for_update().filter(pk=vendor_id).first()
    if row is None:
        raise NotFoundError(_("There is no such vendor."))
    return row


def _set_details(vendor: Vendor, details: VendorDetails) -> None:
    for name in FIELDS:
        setattr(vendor, name, getattr(details, name).strip())
    check_fields(vendor, FIELDS)
    if Vendor.objects.filter(name__iexact=vendor.name).exclude(pk=vendor.pk).exists():
        raise InvalidInputError(_("There is already a vendor of this name. Open it instead."), field="name")
