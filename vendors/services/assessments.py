"""Assessments: started, scoped, handed to the vendor and back."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, NotFoundError, StateError
from governance.authority import Right, require
from governance.vocabulary import DataClass, EnvironmentName, Purpose
from vendors.models import OPEN_STATES, Answer, Assessment, Questionnaire, Service
from vendors.risk import inherent_risk
from vendors.services.drafting import lock_assessment, lock_draft, lock_service, refuse_unless_editable
from vendors.services.moves import move_assessment
from vendors.services.reassessments import open_assessment
from vendors.services.validation import check_fields, check_members

State = Assessment.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a service is to be approved for."""

    intended_use: str = ""
    data_classes: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    criticality: int | None = None
    requested_until: dt.date | None = None


def start_assessment(*, actor: Actor, service_id: uuid.UUID, reason: str = "") -> Assessment:
    """Open an assessment of a service; a re-assessment takes over what still counts of the last one.

    One at a time for each service.
    """
    with audited(actor, "vendors.service.assessed", subject_kind="vendors.service", subject_id=service_id):
        require(actor, Right.DRAFT_ASSESSMENT)
        service = lock_service(service_id)
        if service.assessments.filter(state__in=OPEN_STATES).exists():
            raise StateError(_("An assessment of this service is already open. Continue that one."))
        previous = service.assessments.order_by("-started_at").first()
        return open_assessment(actor=actor, service=service, previous=previous, reason=reason)


def edit_scope(*, actor: Actor, assessment_id: uuid.UUID, scope: Scope) -> Assessment:
    """Say what the service is to be approved for; what is still empty is asked for at submission (I20)."""
    with audited(
        actor, "vendors.assessment.scope_edited", subject_kind="vendors.assessment", subject_id=assessment_id
    ) as change:
        assessment = lock_draft(actor=actor, assessment_id=assessment_id)
        _set_scope(assessment, scope)
        change.details = {
            name: getattr(assessment, name)
            for name in ("data_classes", "environments", "regions", "purposes", "criticality", "inherent_risk")
        }
        change.witness(assessment)
        return assessment


def _set_scope(assessment: Assessment, scope: Scope) -> None:
    service = assessment.service
    assessment.intended_use = scope.intended_use.strip()
    assessment.data_classes = check_members(scope.data_classes, DataClass.values, field="data_classes")
    assessment.environments = check_members(scope.environments, EnvironmentName.values, field="environments")
    assessment.purposes = check_members(scope.purposes, Purpose.values, field="purposes")
    assessment.regions = check_members(scope.regions, service.regions, field="regions")
    assessment.models = check_members(scope.models, model_names(service), field="models")
    assessment.criticality = scope.criticality
    if scope.requested_until is not None and scope.requested_until <= timezone.now().date():
        raise InvalidInputError(_("Choose a day that is still to come."), field="requested_until")
    assessment.requested_until = scope.requested_until
    check_fields(assessment, ("intended_use", "criticality", "requested_until"))
    assessment.inherent_risk = inherent_risk(assessment.data_classes, assessment.criticality, service.hosting)


def model_names(service: Service) -> list[str]:
    """The models the service lists, as products call them."""
    return list(service.models.values_list("name", flat=True))


def edit_conditions(*, actor: Actor, assessment_id: uuid.UUID, conditions: str) -> Assessment:
    """Write the conditions people must keep; they are part of what is signed and shown in the register."""
    with audited(
        actor, "vendors.assessment.conditions_edited", subject_kind="vendors.assessment", subject_id=assessment_id
    ) as change:
        assessment = lock_draft(actor=actor, assessment_id=assessment_id)
        assessment.conditions = conditions.strip()
        check_fields(assessment, ("conditions",))
        change.witness(assessment)
        return assessment


def choose_questionnaire(*, actor: Actor, assessment_id: uuid.UUID, questionnaire_id: uuid.UUID) -> Assessment:
    """Choose the questionnaire; refused once anything is answered in another, so that no answer is lost."""
    with audited(
        actor, "vendors.assessment.questionnaire_chosen", subject_kind="vendors.assessment", subject_id=assessment_id
    ) as change:
        assessment = lock_draft(actor=actor, assessment_id=assessment_id)
        if not Questionnaire.objects.filter(pk=questionnaire_id).exists():
            raise NotFoundError(_("There is no such questionnaire."))
        answered = Answer.objects.filter(assessment=assessment).exclude(question__questionnaire_id=questionnaire_id)
        if answered.exists():
            raise InvalidInputError(
                _("Questions of another questionnaire are already answered here. Keep it, or start a new assessment."),
                field="questionnaire",
            )
        assessment.questionnaire_id = questionnaire_id
        change.details = {"questionnaire": str(questionnaire_id)}
        change.witness(assessment)
        return assessment


def await_vendor(*, actor: Actor, assessment_id: uuid.UUID) -> Assessment:
    """Hand the assessment to the vendor to answer; nothing happens when it is there already."""
    with audited(
        actor, "vendors.assessment.awaiting_vendor", subject_kind="vendors.assessment", subject_id=assessment_id
    ) as change:
        assessment = lock_draft(actor=actor, assessment_id=assessment_id)
        if assessment.state != State.AWAITING_VENDOR:
            move_assessment(change, assessment, State.AWAITING_VENDOR)
        return assessment


def take_back(*, actor: Actor, assessment_id: uuid.UUID) -> Assessment:
    """Bring the assessment back into review: by an analyst, or by the vendor's respondent handing it back."""
    with audited(
        actor, "vendors.assessment.taken_back", subject_kind="vendors.assessment", subject_id=assessment_id
    ) as change:
        assessment = _lock_for_return(actor, assessment_id)
        if assessment.state != State.IN_REVIEW:
            move_assessment(change, assessment, State.IN_REVIEW)
        return assessment


def _lock_for_return(actor: Actor, assessment_id: uuid.UUID) -> Assessment:
    if actor.kind != "respondent":
        return lock_draft(actor=actor, assessment_id=assessment_id)
    assessment = lock_assessment(assessment_id)
    refuse_unless_editable(assessment)
    return assessment
