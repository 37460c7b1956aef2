"""What a change does to what was approved: it suspends at once and opens a re-assessment (I22, I23)."""

from __future__ import annotations

from auditlog.actors import Actor
from auditlog.change import Change, audited
from governance.services.approvals import supersede_approval
from vendors.models import OPEN_STATES, Answer, AnswerDocument, Assessment, AssessmentEvidence, Authorisation, Service
from vendors.queries.bases import problems_with
from vendors.services.authorisations import end_authorisation, lock_authorisation
from vendors.services.drafting import note_drafter

#: What a re-assessment takes over from the one before; an isolation review never is (L2-39).
COPIED = (
    "questionnaire_id", "intended_use", "data_classes", "environments", "regions", "purposes", "models", "criticality",
    "conditions", "inherent_risk",
)  # fmt: skip


def react_to_material_change(*, actor: Actor, service: Service, what: str) -> Assessment | None:
    """Suspend the service's live approval, void what waits for signatures, open a re-assessment (I23).

    Called inside the change itself, so both happen or neither. Gives the re-assessment when one
    was opened now.
    """
    void_pending_approval(actor=actor, service=service, reason=what)
    suspended = suspend_live(actor=actor, service=service, code="material_change", reason=what)
    if suspended is None or service.assessments.filter(state__in=OPEN_STATES).exists():
        return None
    return open_assessment(actor=actor, service=service, previous=suspended.assessment, reason=what)


def suspend_live(*, actor: Actor, service: Service, code: str, reason: str) -> Authorisation | None:
    """Suspend the service's live authorisation at once, if it has one."""
    live = service.authorisations.filter(state=Authorisation.State.LIVE).first()
    if live is None:
        return None
    row = lock_authorisation(live.id)
    end_authorisation(actor=actor, authorisation=row, state=Authorisation.State.SUSPENDED, code=code, reason=reason)
    return row


def void_pending_approval(*, actor: Actor, service: Service, reason: str) -> None:
    """What waits for signatures changed: the approval is superseded and its signatures are void (I10)."""
    submitted = service.assessments.filter(state=Assessment.State.SUBMITTED).first()
    if submitted is not None and submitted.approval_id is not None:
        supersede_approval(actor=actor, approval_id=submitted.approval_id, reason=reason)


def open_assessment(*, actor: Actor, service: Service, previous: Assessment | None, reason: str) -> Assessment:
    """Open an assessment, with what still counts of the previous one: scope, answers, evidence."""
    with audited(actor, "vendors.assessment.started", subject_kind="vendors.assessment") as change:
        assessment = Assessment(
            id=change.subject_id, service=service, previous=previous, reason=reason[:300], drafted_by_id=actor.id
        )
        for name in COPIED if previous else ():
            setattr(assessment, name, getattr(previous, name))
        change.details = {"service": str(service.id), "previous": str(previous.id) if previous else None}
        change.witness(assessment)
        note_drafter(assessment, actor)
        if previous is not None:
            _copy_content(change, previous, assessment)
        return assessment


def _copy_content(change: Change, previous: Assessment, assessment: Assessment) -> None:
    today = assessment.started_at.date()
    vendor_name = assessment.service.vendor.name
    links = previous.evidence_links.select_related("evidence")
    counted = [link for link in links if not problems_with(link.evidence, vendor_name, today)]
    AssessmentEvidence.objects.bulk_create(
        AssessmentEvidence(
            assessment=assessment, evidence_id=link.evidence_id, proves=link.proves, attached_by_id=change.actor.id
        )
        for link in counted
    )
    answers = Answer.objects.filter(assessment=previous)
    copied = Answer.objects.bulk_create(_answer_copy(answer, assessment) for answer in answers)
    documents = AnswerDocument.objects.filter(assessment=previous, evidence__withdrawn_at=None)
    AnswerDocument.objects.bulk_create(_document_copy(document, assessment) for document in documents)
    change.details |= {"evidence": len(counted), "answers": len(copied)}


def _document_copy(document: AnswerDocument, assessment: Assessment) -> AnswerDocument:
    return AnswerDocument(
        assessment=assessment, question_id=document.question_id, evidence_id=document.evidence_id,
        name=document.name, size=document.size, attached_by_id=document.attached_by_id,
        attached_through_id=document.attached_through_id, attached_at=document.attached_at,
    )  # fmt: skip


def _answer_copy(answer: Answer, assessment: Assessment) -> Answer:
    return Answer(
        assessment=assessment, question_id=answer.question_id, value=answer.value, comment=answer.comment,
        answered_by_id=answer.answered_by_id, answered_through_id=answer.answered_through_id,
        answered_at=answer.answered_at,
    )  # fmt: skip
