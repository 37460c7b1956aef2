"""Authorisations: given by an approval, ended by time, by what they stand on, or by a person."""

from __future__ import annotations

import datetime as dt
import uuid

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import Change, audited
from auditlog.errors import AuthorityError, InvalidInputError, NotFoundError, StateError
from governance.authority import Right, has_right
from governance.canonical import canonical, digest
from governance.models import Approval
from governance.services.approvals import lapse_approval, revoke_approval
from governance.services.notifications import notify
from governance.services.stepups import use_step_up
from vendors.models import Assessment, Authorisation, AuthorisationBasis
from vendors.queries.bases import Basis, bases_of, end_of
from vendors.queries.completeness import missing_for_submission
from vendors.queries.standing import Standing, standing, with_bases
from vendors.services.moves import AUTHORISATION_MOVES, move_assessment, move_authorisation

State = Authorisation.State
REVOKE = "vendors.authorisation.revoke"


def grant_authorisation(*, actor: Actor, assessment: Assessment) -> Authorisation:
    """Turn an approved assessment into what its service may be used for.

    Ends no later than the earliest thing it stands on (I22); refused when by now something is
    missing (I20), so the last signature is refused with it. An earlier approval of the service lapses.
    """
    now = timezone.now()
    missing = missing_for_submission(assessment)
    if missing:
        raise StateError(
            _("Since it was submitted, something is missing: %(what)s") % {"what": " ".join(m.text for m in missing)},
            clause=missing[0].clause,
        )
    for earlier in Authorisation.objects.select_for_update().filter(service_id=assessment.service_id, state=State.LIVE):
        end_authorisation(
            actor=actor, authorisation=earlier, state=State.LAPSED, code="replaced",
            reason=_("A newer approval took its place."),
        )  # fmt: skip
    bases = bases_of(assessment, now.date())
    assert assessment.requested_until is not None  # noqa: S101  # missing_for_submission asked for it
    until, why = end_of(assessment.requested_until, bases)
    with audited(actor, "vendors.authorisation.granted", subject_kind="vendors.authorisation") as change:
        authorisation = _from_assessment(change.subject_id, assessment, now, until, why)
        change.details = {"assessment": str(assessment.id), "service": str(assessment.service_id), "until": until}
        change.witness(authorisation)
        AuthorisationBasis.objects.bulk_create(_basis_row(authorisation, basis) for basis in bases)
        return authorisation


def _from_assessment(
    row_id: uuid.UUID, assessment: Assessment, now: dt.datetime, until: dt.datetime, why: str
) -> Authorisation:
    return Authorisation(
        id=row_id, service_id=assessment.service_id, assessment=assessment, starts_at=now, until=until,
        until_because=why[:300], intended_use=assessment.intended_use, conditions=assessment.conditions,
        data_classes=assessment.data_classes, environments=assessment.environments, regions=assessment.regions,
        purposes=assessment.purposes, models=assessment.models,
    )  # fmt: skip


def _basis_row(authorisation: Authorisation, basis: Basis) -> AuthorisationBasis:
    return AuthorisationBasis(authorisation=authorisation, evidence=basis.evidence, term=basis.term)


def end_authorisation(
    *, actor: Actor, authorisation: Authorisation, state: Authorisation.State, code: str, reason: str
) -> None:
    """End what a service may be used for, close the approval behind it, and tell everyone concerned.

    ``state`` is suspended, lapsed or revoked; nothing leads back but a new assessment. Callers
    check who may; ``reason`` is shown to everybody who asks for the service.
    """
    with audited(
        actor, f"vendors.authorisation.{state}", subject_kind="vendors.authorisation", subject_id=authorisation.id
    ) as change:
        _end(change, authorisation, state, code=code, reason=reason)


def _end(change: Change, authorisation: Authorisation, state: Authorisation.State, *, code: str, reason: str) -> None:
    move_authorisation(change, authorisation, state, code=code, reason=reason)
    assessment = authorisation.assessment
    _end_assessment(change.actor, assessment, Assessment.State(str(state)))
    _close_approval(change.actor, assessment, state, reason)
    if code != "replaced":
        _tell(change.actor, authorisation)


def _end_assessment(actor: Actor, assessment: Assessment, state: Assessment.State) -> None:
    with audited(
        actor, "vendors.assessment.ended", subject_kind="vendors.assessment", subject_id=assessment.id
    ) as change:
        move_assessment(change, assessment, state)


def _close_approval(actor: Actor, assessment: Assessment, state: Authorisation.State, reason: str) -> None:
    """The approval behind it ends too, unless that is where the end came from."""
    approval = assessment.approval
    if approval is None or approval.state != Approval.State.APPROVED:
        return
    close = revoke_approval if state == State.REVOKED else lapse_approval
    close(actor=actor, approval_id=approval.id, reason=reason)


def _tell(actor: Actor, authorisation: Authorisation) -> None:
    """Tell the drafters, the service's owner, and whoever signed."""
    assessment, service = authorisation.assessment, authorisation.service
    people = {service.owner_id, assessment.drafted_by_id}
    people |= set(assessment.drafters.values_list("person_id", flat=True))
    if assessment.approval_id:
        people |= set(Approval.objects.get(pk=assessment.approval_id).signatures.values_list("person_id", flat=True))
    notify(
        actor=actor,
        people=people,
        kind=f"vendors.authorisation.{authorisation.state}",
        text=f"{service}: {authorisation.get_state_display()}. {authorisation.reason}",
        url=reverse("vendors:service_read", args=[service.id]),
    )


def revocation_digest(authorisation_id: uuid.UUID, reason: str) -> str:
    """What a step-up for revoking is bound to."""
    return digest(canonical({"authorisation": str(authorisation_id), "reason_digest": digest(reason)}))


def why_not_revoke(actor: Actor, authorisation: Authorisation) -> AuthorityError | StateError | None:
    """Why this actor may not revoke this authorisation now, or ``None``."""
    if not has_right(actor, Right.SIGN_ASSESSMENT):
        return AuthorityError(_("Only a security approver may revoke."))
    if State.REVOKED not in AUTHORISATION_MOVES.get(authorisation.state, frozenset()):
        return StateError(
            _("This approval has already ended: %(state)s.") % {"state": authorisation.get_state_display().lower()}
        )
    return None


def revoke_authorisation(
    *, actor: Actor, authorisation_id: uuid.UUID, reason: str, step_up_id: uuid.UUID | None
) -> Authorisation:
    """A security approver ends a service's use at once and for good, with a second factor (I01).

    One person is enough, since it only takes away; using the service again needs a new assessment.
    """
    with audited(
        actor, "vendors.authorisation.revoked", subject_kind="vendors.authorisation", subject_id=authorisation_id
    ) as change:
        authorisation = lock_authorisation(authorisation_id)
        refusal = why_not_revoke(actor, authorisation)
        if refusal is not None:
            raise refusal
        if not reason.strip():
            raise InvalidInputError(_("Say why, in a sentence everybody may read."), field="reason")
        bound_to = revocation_digest(authorisation_id, reason)
        step_up = use_step_up(actor=actor, step_up_id=step_up_id, purpose=REVOKE, digest=bound_to)
        change.details = {"step_up": str(step_up.id), "digest": bound_to, "method": step_up.method}
        _end(change, authorisation, State.REVOKED, code="revoked", reason=reason.strip())
        return authorisation


def lock_authorisation(authorisation_id: uuid.UUID) -> Authorisation:
    """The authorisation, read again under lock."""
    row: Authorisation | None = (
        Authorisation.objects.select_for_update(of=("self",))
        .select_related("assessment", "service", "service__vendor")
        .filter(pk=authorisation_id)
        .first()
    )
    if row is None:
        raise NotFoundError(_("There is no such approval."))
    return row


def sweep_authorisations() -> int:
    """Write down what time and lost bases have already ended, and tell people. Safe to run twice, or late."""
    actor = job_actor("vendors.authorisations_sweep")
    live = with_bases(Authorisation.objects.filter(state=State.LIVE))
    ended = [(row.id, found) for row in live.iterator(chunk_size=500) if not (found := standing(row)).is_live]
    return sum(settle_authorisation(actor=actor, authorisation_id=row_id, found=found) for row_id, found in ended)


def settle_authorisation(*, actor: Actor, authorisation_id: uuid.UUID, found: Standing) -> bool:
    """Write down that a live authorisation ended as ``found``; gives whether this call did it."""
    state = State(found.state)
    try:
        with audited(
            actor, f"vendors.authorisation.{state}", subject_kind="vendors.authorisation", subject_id=authorisation_id
        ) as change:
            authorisation = lock_authorisation(authorisation_id)
            reason = " ".join(ground.text for ground in found.grounds)
            _end(change, authorisation, state, code=found.grounds[0].code, reason=reason)
    except StateError:  # somebody else was faster
        return False
    return True
