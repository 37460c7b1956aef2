"""Findings: raised, remediated, lived with, closed."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import AuthorityError, InvalidInputError, NotFoundError, SeparationOfDutiesError, StateError
from governance.authority import Right, has_right, require
from governance.canonical import canonical, digest
from governance.models import Person
from governance.services.stepups import use_step_up
from vendors.models import Finding
from vendors.services.drafting import lock_assessment, note_drafter
from vendors.services.reassessments import void_pending_approval
from vendors.services.validation import check_fields

State = Finding.State
ACCEPT = "vendors.finding.accept"

MOVES: dict[str, frozenset[str]] = {
    State.OPEN: frozenset({State.REMEDIATED, State.ACCEPTED}),
    State.REMEDIATED: frozenset({State.OPEN, State.CLOSED}),
    State.ACCEPTED: frozenset({State.OPEN, State.REMEDIATED, State.CLOSED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingDetails:
    """What is wrong, how bad, and who mends it by when."""

    title: str
    severity: int
    owner_id: uuid.UUID
    due_on: dt.date
    text: str = ""
    clause: str = ""


def raise_finding(*, actor: Actor, assessment_id: uuid.UUID, details: FindingDetails) -> Finding:
    """Raise a finding on a service, while it is assessed or while it is in use.

    High and critical ones keep an assessment from being submitted until they are remediated or
    accepted (L2-38).
    """
    with audited(actor, "vendors.finding.raised", subject_kind="vendors.finding") as change:
        require(actor, Right.DRAFT_ASSESSMENT)
        assessment = lock_assessment(assessment_id)
        void_pending_approval(actor=actor, service=assessment.service, reason=_("A finding was raised."))
        assessment.refresh_from_db(fields=["state"])
        if assessment.is_editable:
            note_drafter(assessment, actor)
        finding = Finding(id=change.subject_id, assessment=assessment, raised_by_id=actor.id)
        _set_details(finding, details)
        change.details = {
            "assessment": str(assessment.id),
            "severity": finding.severity,
            "due": finding.due_on.isoformat(),
        }
        change.witness(finding)
        return finding


def _set_details(finding: Finding, details: FindingDetails) -> None:
    finding.title, finding.text, finding.clause = details.title.strip(), details.text.strip(), details.clause.strip()
    finding.severity, finding.due_on = details.severity, details.due_on
    check_fields(finding, ("title", "text", "clause", "severity", "due_on"))
    if details.due_on < timezone.now().date():
        raise InvalidInputError(_("Choose a day that is still to come."), field="due_on")
    if not Person.objects.filter(pk=details.owner_id, is_active=True).exists():
        raise InvalidInputError(_("Choose an active person."), field="owner")
    finding.owner_id = details.owner_id


def remediate_finding(*, actor: Actor, finding_id: uuid.UUID, resolution: str) -> Finding:
    """Say how it was mended: by its owner or an analyst."""
    with audited(actor, "vendors.finding.remediated", subject_kind="vendors.finding", subject_id=finding_id) as change:
        finding = _lock(finding_id)
        if finding.owner_id != actor.id:
            require(actor, Right.DRAFT_ASSESSMENT)
        _resolve(change, finding, State.REMEDIATED, resolution)
        return finding


def acceptance_digest(*, finding: Finding, person_id: uuid.UUID, reason: str, until: dt.date) -> str:
    """What a step-up for accepting a risk is bound to: the finding as it is, the reason and the end."""
    statement = {
        "finding": str(finding.id), "severity": finding.severity, "text_digest": digest(finding.title + finding.text),
        "person": str(person_id), "reason_digest": digest(reason), "until": until.isoformat(),
    }  # fmt: skip
    return digest(canonical(statement))


def why_not_accept(actor: Actor, finding: Finding) -> AuthorityError | StateError | None:
    """Why this actor may not accept this risk, or ``None``: for the page and for the service alike (I08)."""
    if finding.state != State.OPEN:
        return StateError(_("Only an open finding can be accepted."))
    if not has_right(actor, Right.SIGN_ASSESSMENT):
        return AuthorityError(_("Only a security approver may accept a risk."))
    if actor.id == finding.raised_by_id:
        return SeparationOfDutiesError(_("You raised this finding, so somebody else decides."))
    if actor.id == finding.owner_id:
        return SeparationOfDutiesError(_("You are to mend this finding, so somebody else decides."))
    if finding.assessment.drafters.filter(person_id=actor.id).exists():
        return SeparationOfDutiesError(_("You drafted the assessment, so somebody else decides."))
    return None


def accept_finding(
    *, actor: Actor, finding_id: uuid.UUID, reason: str, until: dt.date, step_up_id: uuid.UUID | None
) -> Finding:
    """A security approver signs to live with the risk until a day, with a second factor (I01, I08).

    After that day the finding counts as open again.
    """
    with audited(actor, "vendors.finding.accepted", subject_kind="vendors.finding", subject_id=finding_id) as change:
        finding = _lock(finding_id)
        refusal = why_not_accept(actor, finding)
        if refusal is not None:
            raise refusal
        if until <= timezone.now().date():
            raise InvalidInputError(_("Choose a day that is still to come."), field="until")
        if not reason.strip():
            raise InvalidInputError(_("Say why we can live with it."), field="reason")
        bound_to = acceptance_digest(finding=finding, person_id=actor.id, reason=reason, until=until)
        finding.step_up = use_step_up(actor=actor, step_up_id=step_up_id, purpose=ACCEPT, digest=bound_to)
        finding.accepted_by_id, finding.accepted_until = actor.id, until
        _resolve(change, finding, State.ACCEPTED, reason)
        change.details |= {"until": until.isoformat(), "digest": bound_to, "method": finding.step_up.method}
        return finding


def reopen_finding(*, actor: Actor, finding_id: uuid.UUID, reason: str) -> Finding:
    """It was not mended after all, or can no longer be lived with."""
    with audited(actor, "vendors.finding.reopened", subject_kind="vendors.finding", subject_id=finding_id) as change:
        require(actor, Right.DRAFT_ASSESSMENT)
        finding = _lock(finding_id)
        finding.accepted_by_id = finding.accepted_until = finding.step_up_id = None
        _resolve(change, finding, State.OPEN, reason)
        return finding


def why_not_close(actor: Actor, finding: Finding) -> str:
    """Why this actor may not close the finding now; empty: may. For the page and for the service alike."""
    refusal = _close_refusal(actor, finding)
    return refusal.message if refusal else ""


def _close_refusal(actor: Actor, finding: Finding) -> AuthorityError | StateError | None:
    if not (has_right(actor, Right.SIGN_ASSESSMENT) or has_right(actor, Right.DRAFT_ASSESSMENT)):
        return AuthorityError(_("Only a vendor analyst or a security approver closes findings."))
    if finding.state not in (State.REMEDIATED, State.ACCEPTED):
        return StateError(_("It is closed once it was mended, or its risk accepted."))
    if finding.resolved_by_id == actor.id:
        return SeparationOfDutiesError(_("You said it is dealt with, so somebody else checks and closes it."))
    return None


def close_finding(*, actor: Actor, finding_id: uuid.UUID) -> Finding:
    """Somebody else than who mended it, or accepted its risk, has checked that it is done."""
    with audited(actor, "vendors.finding.closed", subject_kind="vendors.finding", subject_id=finding_id) as change:
        finding = _lock(finding_id)
        refusal = _close_refusal(actor, finding)
        if refusal is not None:
            raise refusal
        _resolve(change, finding, State.CLOSED, finding.resolution)
        return finding


def _lock(finding_id: uuid.UUID) -> Finding:
    row: Finding | None = (
        Finding.objects.select_for_update(of=("self",))
        .select_related("assessment__service__vendor", "owner")
        .filter(pk=finding_id)
        .first()
    )
    if row is None:
        raise NotFoundError(_("There is no such finding."))
    return row


def _resolve(change: Change, finding: Finding, state: Finding.State, words: str) -> None:
    """Move the finding; what waits for signatures showed it as it was, so those become void (I10)."""
    if state not in MOVES.get(finding.state, frozenset()):
        raise StateError(
            _("This is not possible while the finding is “%(state)s”.") % {"state": finding.get_state_display()}
        )
    if not words.strip():
        raise InvalidInputError(_("Say how, in a sentence an auditor will understand."), field="resolution")
    resolved_at = None if state == State.OPEN else timezone.now()
    moved = Finding.objects.filter(pk=finding.pk, state=finding.state).update(
        state=state, resolved_at=resolved_at, accepted_by=finding.accepted_by_id,
        accepted_until=finding.accepted_until, step_up=finding.step_up_id,
    )  # fmt: skip
    if not moved:
        raise StateError(_("Somebody else changed this finding at the same moment. Reload the page."))
    change.details |= {"from": finding.state, "to": str(state), "severity": finding.severity}
    finding.state, finding.resolution, finding.resolved_at = state, words.strip(), resolved_at
    finding.resolved_by_id = None if state == State.OPEN else change.actor.id
    check_fields(finding, ("resolution",))
    change.witness(finding)
    void_pending_approval(actor=change.actor, service=finding.assessment.service, reason=_("A finding changed."))
