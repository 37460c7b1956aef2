"""The models a service offers."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, NotFoundError
from governance.authority import Right, require
from vendors.models import ServiceModel
from vendors.services.drafting import lock_service
from vendors.services.reassessments import react_to_material_change
from vendors.services.validation import check_fields


def add_service_model(
    *, actor: Actor, service_id: uuid.UUID, family: str, name: str, version: str = ""
) -> ServiceModel:
    """Add a model. A family the service did not have suspends its approval (I23).

    Another model of a known family suspends nothing, and may be used only once it is approved:
    an approval lists its models one by one (I90).
    """
    with audited(actor, "vendors.service_model.added", subject_kind="vendors.service", subject_id=service_id) as change:
        require(actor, Right.DRAFT_ASSESSMENT)
        service = lock_service(service_id)
        row = ServiceModel(service=service, family=family.strip(), name=name.strip(), version=version.strip())
        check_fields(row, ("family", "name", "version"))
        if service.models.filter(name=row.name).exists():
            raise InvalidInputError(_("The service already lists this model."), field="name")
        is_new_family = not service.models.filter(family__iexact=row.family).exists()
        row.save()
        change.details = {"model": str(row.id), "new_family": is_new_family}
        if is_new_family:
            react_to_material_change(actor=actor, service=service, what=_("The service offers a new model family."))
        return row


def remove_service_model(*, actor: Actor, service_id: uuid.UUID, model_id: uuid.UUID) -> None:
    """Remove a model; losing a family suspends the approval (I23)."""
    with audited(
        actor, "vendors.service_model.removed", subject_kind="vendors.service", subject_id=service_id
    ) as change:
        require(actor, Right.DRAFT_ASSESSMENT)
        service = lock_service(service_id)
        row = service.models.filter(pk=model_id).first()
        if row is None:
            raise NotFoundError(_("The service does not list this model."))
        family = row.family
        row.delete()
        is_last = not service.models.filter(family__iexact=family).exists()
        change.details = {"model": str(model_id), "last_of_family": is_last}
        if is_last:
            react_to_material_change(actor=actor, service=service, what=_("The service lost a model family."))
