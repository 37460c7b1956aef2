"""What every edit of an assessment begins with."""

from __future__ import annotations

import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import NotFoundError, StateError
from governance.authority import Right, require
from vendors.models import Assessment, AssessmentDrafter, Service


def lock_assessment(assessment_id: uuid.UUID) -> Assessment:
    """The assessment, read again under lock; :class:`NotFoundError` when there is none."""
    row: Assessment | None = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("service", "service__vendor")
        .filter(pk=assessment_id)
        .first()
    )
    if row is None:
        raise NotFoundError(_("There is no such assessment."))
    return row


def lock_service(service_id: uuid.UUID) -> Service:
    """The service, read again under lock, with its vendor."""
    row: Service | None = (
        Service.objects.select_for_update(of=("self",)).select_related("vendor", "owner").filter(pk=service_id).first()
    )
    if row is None:
        raise NotFoundError(_("There is no such service."))
    return row


def refuse_unless_editable(assessment: Assessment) -> None:
    """What waits for signatures or is decided stays as it is."""
    if assessment.state == Assessment.State.SUBMITTED:
        raise StateError(
            _("This assessment waits for signatures. Withdraw it to change it: its signatures become void.")
        )
    if not assessment.is_editable:
        raise StateError(
            _("This assessment is closed (%(state)s). Start a re-assessment to change anything.")
            % {"state": assessment.get_state_display().lower()}
        )


def lock_draft(*, actor: Actor, assessment_id: uuid.UUID) -> Assessment:
    """Begin an edit inside the caller's audited change: right, lock, state, and the drafter is noted (I25).

    Whoever passes here can never sign this assessment (I08).
    """
    require(actor, Right.DRAFT_ASSESSMENT)
    assessment = lock_assessment(assessment_id)
    refuse_unless_editable(assessment)
    note_drafter(assessment, actor)
    return assessment


def note_drafter(assessment: Assessment, actor: Actor) -> None:
    """Keep that this person wrote on the assessment, and when it was last written on."""
    AssessmentDrafter.objects.get_or_create(assessment=assessment, person_id=actor.id)
    assessment.edited_at = timezone.now()
    Assessment.objects.filter(pk=assessment.pk).update(edited_at=assessment.edited_at)
