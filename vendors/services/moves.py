"""Every legal move of an assessment and of an authorisation; what is not a key has no exits."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.change import Change
from auditlog.errors import StateError
from vendors.models import Assessment, Authorisation

State = Assessment.State
Use = Authorisation.State

ASSESSMENT_MOVES: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.AWAITING_VENDOR, State.IN_REVIEW, State.SUBMITTED}),
    State.AWAITING_VENDOR: frozenset({State.IN_REVIEW}),
    State.IN_REVIEW: frozenset({State.AWAITING_VENDOR, State.SUBMITTED}),
    State.SUBMITTED: frozenset({State.APPROVED, State.REJECTED, State.IN_REVIEW}),
    State.APPROVED: frozenset({State.SUSPENDED, State.LAPSED, State.REVOKED}),
    State.SUSPENDED: frozenset({State.LAPSED, State.REVOKED}),
}

AUTHORISATION_MOVES: dict[str, frozenset[str]] = {
    Use.LIVE: frozenset({Use.SUSPENDED, Use.LAPSED, Use.REVOKED}),
    Use.SUSPENDED: frozenset({Use.LAPSED, Use.REVOKED}),
}


def move_assessment(change: Change, assessment: Assessment, state: Assessment.State) -> None:
    """Bring the assessment to ``state``, with what else was set on it: legal, and conditional on where it stood."""
    if state not in ASSESSMENT_MOVES.get(assessment.state, frozenset()):
        raise StateError(
            _("This is not possible while the assessment is “%(state)s”.") % {"state": assessment.get_state_display()}
        )
    moved = Assessment.objects.filter(pk=assessment.pk, state=assessment.state).update(
        state=state, approval=assessment.approval
    )
    if not moved:
        raise StateError(_("Somebody else changed this assessment at the same moment. Reload the page."))
    change.details |= {"from": assessment.state, "to": str(state)}
    assessment.state = state
    change.witness(assessment)


def move_authorisation(
    change: Change, authorisation: Authorisation, state: Authorisation.State, *, code: str, reason: str
) -> None:
    """End an authorisation: legal, conditional, and with the reason it shows from now on."""
    if state not in AUTHORISATION_MOVES.get(authorisation.state, frozenset()):
        raise StateError(
            _("This approval has already ended: %(state)s.") % {"state": authorisation.get_state_display().lower()}
        )
    moved = Authorisation.objects.filter(pk=authorisation.pk, state=authorisation.state).update(
        state=state, reason_code=code, reason=reason[:300], ended_at=timezone.now()
    )
    if not moved:
        raise StateError(_("Somebody else ended this approval at the same moment. Reload the page."))
    change.details |= {"from": authorisation.state, "to": str(state), "reason": code}
    authorisation.refresh_from_db()
    change.witness(authorisation)
