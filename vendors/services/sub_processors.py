"""Who works for a service behind the scenes; every change is material (I23)."""

from __future__ import annotations

import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, NotFoundError
from governance.authority import Right, require
from vendors.models import Service, SubProcessor
from vendors.services.drafting import lock_service
from vendors.services.reassessments import react_to_material_change
from vendors.services.validation import check_fields, check_regions


def add_sub_processor(
    *,
    actor: Actor,
    service_id: uuid.UUID,
    name: str,
    purpose: str,
    regions: tuple[str, ...] = (),
    parent_id: uuid.UUID | None = None,
) -> SubProcessor:
    """Add a sub-processor, under another one or directly; suspends the service's approval (I23)."""
    with audited(actor, "vendors.sub_processor.added", subject_kind="vendors.service", subject_id=service_id) as change:
        require(actor, Right.DRAFT_ASSESSMENT)
        service = lock_service(service_id)
        row = SubProcessor(service=service, parent=_parent(service, parent_id))
        _set_details(row, name, purpose, regions)
        row.save()
        change.details = {"sub_processor": str(row.id), "regions": row.regions}
        react_to_material_change(actor=actor, service=service, what=_("A sub-processor was added."))
        return row


def edit_sub_processor(
    *, actor: Actor, sub_processor_id: uuid.UUID, name: str, purpose: str, regions: tuple[str, ...] = ()
) -> SubProcessor:
    """Correct a sub-processor; suspends the service's approval when anything changed (I23)."""
    row = _live(sub_processor_id)
    with audited(
        actor, "vendors.sub_processor.edited", subject_kind="vendors.service", subject_id=row.service_id
    ) as change:
        require(actor, Right.DRAFT_ASSESSMENT)
        service = lock_service(row.service_id)
        before = (row.name, row.purpose, row.regions)
        _set_details(row, name, purpose, regions)
        row.save()
        change.details = {"sub_processor": str(row.id), "regions": [before[2], row.regions]}
        if before != (row.name, row.purpose, row.regions):
            react_to_material_change(actor=actor, service=service, what=_("A sub-processor changed."))
        return row


def remove_sub_processor(*, actor: Actor, sub_processor_id: uuid.UUID) -> None:
    """End a sub-processor and all under it; suspends the service's approval (I23). The rows stay on record."""
    row = _live(sub_processor_id)
    with audited(
        actor, "vendors.sub_processor.removed", subject_kind="vendors.service", subject_id=row.service_id
    ) as change:
        require(actor, Right.DRAFT_ASSESSMENT)
        service = lock_service(row.service_id)
        gone = _with_descendants(service, row)
        SubProcessor.objects.filter(pk__in=gone).update(removed_at=timezone.now())
        change.details = {"sub_processors": sorted(str(pk) for pk in gone)}
        react_to_material_change(actor=actor, service=service, what=_("A sub-processor was removed."))


def _live(sub_processor_id: uuid.UUID) -> SubProcessor:
    row: SubProcessor | None = SubProcessor.objects.filter(pk=sub_processor_id, removed_at=None).first()
    if row is None:
        raise NotFoundError(_("There is no such sub-processor."))
    return row


def _parent(service: Service, parent_id: uuid.UUID | None) -> SubProcessor | None:
    if parent_id is None:
        return None
    row: SubProcessor | None = service.sub_processors.filter(pk=parent_id, removed_at=None).first()
    if row is None:
        raise InvalidInputError(_("Choose a sub-processor of this service, or none."), field="parent")
    return row


def _with_descendants(service: Service, row: SubProcessor) -> set[uuid.UUID]:
    """The row and everything below it, from one read of the service's tree."""
    parents = dict(service.sub_processors.filter(removed_at=None).values_list("pk", "parent_id"))
    gone, grew = {row.pk}, True
    while grew:
        more = {pk for pk, parent in parents.items() if parent in gone} - gone
        gone, grew = gone | more, bool(more)
    return gone


def _set_details(row: SubProcessor, name: str, purpose: str, regions: tuple[str, ...]) -> None:
    row.name, row.purpose, row.regions = name.strip(), purpose.strip(), check_regions(regions)
    check_fields(row, ("name", "purpose"))
    namesakes = SubProcessor.objects.filter(service_id=row.service_id, name=row.name, removed_at=None)
    if namesakes.exclude(pk=row.pk).exists():
        raise InvalidInputError(_("The service already lists this sub-processor."), field="name")
