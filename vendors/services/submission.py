"""Submitting an assessment for signature, and what its decision does."""

from __future__ import annotations

import uuid

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import AuthorityError, InvalidInputError, StateError
from governance.approval_kinds import ApprovalKind
from governance.authority import Right, require
from governance.models import Approval
from governance.services.approvals import request_approval, withdraw_approval
from governance.vocabulary import Role
from vendors.models import Assessment, Authorisation
from vendors.queries.bases import bases_of, end_of
from vendors.queries.completeness import missing_for_submission
from vendors.queries.scoring import scores_of
from vendors.queries.snapshot import snapshot_of
from vendors.services.authorisations import end_authorisation, grant_authorisation, lock_authorisation
from vendors.services.drafting import lock_assessment, lock_draft
from vendors.services.moves import move_assessment

KIND = "vendors.assessment"
State = Assessment.State


def submit_assessment(*, actor: Actor, assessment_id: uuid.UUID) -> Approval:
    """Ask for signatures on the assessment as it is now.

    Refused while anything is missing (I20) and for free or consumer plans that would see customer
    data (I21). Everybody who wrote on it is kept as a drafter and can never sign it (I08, I25).
    """
    with audited(actor, "vendors.assessment.submitted", subject_kind=KIND, subject_id=assessment_id) as change:
        assessment = lock_draft(actor=actor, assessment_id=assessment_id)
        missing = missing_for_submission(assessment)
        if missing:
            text = _("Not submitted: %(what)s") % {"what": " ".join(item.text for item in missing)}
            raise InvalidInputError(text, clause=missing[0].clause)
        scores = scores_of(assessment)
        assessment.inherent_risk, assessment.residual_risk = scores.inherent, scores.residual
        assessment.submitted_at = timezone.now()
        assessment.approval = _request(actor, assessment)
        move_assessment(change, assessment, State.SUBMITTED)
        change.details |= {"approval": str(assessment.approval.id), "digest": assessment.approval.digest}
        return assessment.approval


def _request(actor: Actor, assessment: Assessment) -> Approval:
    assert assessment.requested_until is not None  # noqa: S101  # missing_for_submission asked for it
    until, _why = end_of(assessment.requested_until, bases_of(assessment, timezone.now().date()))
    return request_approval(
        actor=actor,
        kind=KIND,
        subject_id=assessment.id,
        title=_("May we use %(service)s by %(vendor)s?")
        % {"service": assessment.service.name, "vendor": assessment.service.vendor.name},
        drafters=list(assessment.drafters.values_list("person_id", flat=True)),
        effective_until=until,
    )


def withdraw_submission(*, actor: Actor, assessment_id: uuid.UUID, reason: str = "") -> Assessment:
    """Take a submitted assessment back into review; signatures already given become void."""
    with audited(actor, "vendors.assessment.withdrawn", subject_kind=KIND, subject_id=assessment_id):
        require(actor, Right.DRAFT_ASSESSMENT)
        assessment = lock_assessment(assessment_id)
        if assessment.state != State.SUBMITTED or assessment.approval is None:
            raise StateError(_("Only what waits for signatures can be withdrawn."))
        if assessment.approval.requested_by_id != actor.id:
            raise AuthorityError(
                _("Only %(name)s, who submitted it, can withdraw it.") % {"name": assessment.approval.requested_by.name}
            )
        withdraw_approval(actor=actor, approval_id=assessment.approval.id, reason=reason or _("To be changed."))
        assessment.refresh_from_db()
        return assessment


def approve_assessment(actor: Actor, approval: Approval) -> None:
    """The last signature was given: the assessment is approved and its service may be used (same transaction)."""
    with audited(actor, "vendors.assessment.approved", subject_kind=KIND, subject_id=approval.subject_id) as change:
        assessment = lock_assessment(approval.subject_id)
        authorisation = grant_authorisation(actor=actor, assessment=assessment)
        move_assessment(change, assessment, State.APPROVED)
        change.details |= {"approval": str(approval.id), "authorisation": str(authorisation.id)}


def close_assessment(actor: Actor, approval: Approval) -> None:
    """The approval was closed: rejected, back in review, or what it allowed has ended."""
    assessment = lock_assessment(approval.subject_id)
    if assessment.approval_id != approval.id:
        return
    if assessment.state == State.SUBMITTED:
        _return(actor, assessment, approval)
    elif assessment.state == State.APPROVED:
        _end_use(actor, assessment, approval)


def _return(actor: Actor, assessment: Assessment, approval: Approval) -> None:
    is_rejected = approval.state == Approval.State.REJECTED
    action = "vendors.assessment.rejected" if is_rejected else "vendors.assessment.returned"
    with audited(actor, action, subject_kind=KIND, subject_id=assessment.id) as change:
        assessment.reason = approval.closing_reason[:300] or assessment.reason
        move_assessment(change, assessment, State.REJECTED if is_rejected else State.IN_REVIEW)
        change.details |= {"approval": str(approval.id), "outcome": approval.state}


def _end_use(actor: Actor, assessment: Assessment, approval: Approval) -> None:
    """The approval ended by another door than ours: what it allowed ends with it."""
    live = Authorisation.objects.filter(assessment=assessment, state=Authorisation.State.LIVE).first()
    if live is None:
        return
    is_revoked = approval.state == Approval.State.REVOKED
    end_authorisation(
        actor=actor,
        authorisation=lock_authorisation(live.id),
        state=Authorisation.State.REVOKED if is_revoked else Authorisation.State.LAPSED,
        code=f"approval_{approval.state}",
        reason=approval.closing_reason or _("Its approval ended."),
    )


def assessment_url(assessment_id: uuid.UUID) -> str:
    """Where the assessment is read and signed."""
    return reverse("vendors:assessment_read", args=[assessment_id])


ASSESSMENT_KIND = ApprovalKind(
    kind=KIND,
    name="Vendor assessment",
    snapshot=snapshot_of,
    on_approved=approve_assessment,
    on_closed=close_assessment,
    url=assessment_url,
    template="vendors/assessments/_asked.html",
    groups={Role.SECURITY_APPROVER.value: 1},
)
