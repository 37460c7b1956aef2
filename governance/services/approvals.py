"""The approval: asked for once, decided by the right people on exactly what they saw.

States and exits are in :data:`MOVES`; every function here is safe against two callers at once:
the row is read under lock and moved by a conditional UPDATE.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import AuthorityError, InvalidInputError, NotFoundError, StateError
from governance.approval_kinds import KINDS
from governance.canonical import canonical, digest
from governance.models import Approval, ApprovalParty, PolicyVersion, Signature
from governance.quorum import is_met, needs_of, refuse_unsatisfiable
from governance.services.notifications import notify

State = Approval.State

#: Every legal move; a state that is not a key has no exits.
MOVES: dict[str, frozenset[str]] = {
    State.PENDING: frozenset({State.APPROVED, State.REJECTED, State.WITHDRAWN, State.TIMED_OUT, State.SUPERSEDED}),
    State.APPROVED: frozenset({State.LAPSED, State.REVOKED, State.SUPERSEDED}),
}


def current_policy(kind: str) -> PolicyVersion:
    """The published policy that decides about ``kind`` now."""
    policy: PolicyVersion | None = PolicyVersion.objects.filter(kind=kind, published_at__lte=timezone.now()).first()
    if policy is None:
        raise InvalidInputError(_("No policy says who decides about this yet. Ask a security approver to publish one."))
    return policy


def request_approval(
    *,
    actor: Actor,
    kind: str,
    subject_id: uuid.UUID,
    title: str,
    drafters: Iterable[uuid.UUID] = (),
    beneficiaries: Iterable[uuid.UUID] = (),
    tenant_id: uuid.UUID | None = None,
    effective_until: dt.datetime | None = None,
    decide_before: dt.datetime | None = None,
) -> Approval:
    """Ask for a decision about the subject as it is now; pins the policy and the snapshot's digest.

    The policy says how long it may take; ``decide_before`` shortens that, where the subject itself has a deadline.

    The subject's kind is ``kind``. The requester, ``drafters`` and ``beneficiaries`` can never
    sign (I08). Refused when the people who could sign are too few for the policy. Call inside
    the change that moves the subject, so that both happen or neither.
    """
    if not actor.is_person:
        raise AuthorityError(_("Only a person may ask for an approval."))
    policy = current_policy(kind)
    parties = {(actor.id, "requester")}
    parties |= {(person, "drafter") for person in drafters} | {(person, "beneficiary") for person in beneficiaries}
    refuse_unsatisfiable(needs_of(policy), {person for person, _part in parties}, tenant_id)
    text = canonical(KINDS[kind].snapshot(subject_id))
    now = timezone.now()
    decide_by = now + dt.timedelta(days=policy.decide_within_days)
    with audited(
        actor, "governance.approval.requested", subject_kind="governance.approval", tenant_id=tenant_id
    ) as change:
        approval = Approval(
            id=change.subject_id, kind=kind, policy=policy, subject_kind=kind, subject_id=subject_id,
            tenant_id=tenant_id, title=title[:300], snapshot=text, digest=digest(text), requested_by_id=actor.id,
            requested_at=now, decide_by=min(decide_by, decide_before or decide_by),
            effective_until=effective_until,
        )  # fmt: skip
        change.details = {
            "kind": kind, "subject": str(subject_id), "digest": approval.digest, "policy": str(policy.id),
            "decide_by": approval.decide_by,
        }  # fmt: skip
        change.witness(approval)
        ApprovalParty.objects.bulk_create(
            ApprovalParty(approval=approval, person_id=person, part=part) for person, part in parties
        )
    return approval


def lock(approval_id: uuid.UUID) -> Approval:
    """The approval, read again under lock; :class:`NotFoundError` when there is none."""
    row: Approval | None = Approval.objects.select_for_update().filter(pk=approval_id).first()
    if row is None:
        raise NotFoundError(_("There is no such approval."))
    return row


def move(change: Change, approval: Approval, state: State, reason: str = "") -> None:
    """Bring the approval to ``state``: a legal move, conditional on the state it was read in."""
    if state not in MOVES.get(approval.state, frozenset()):
        raise StateError(
            _("This approval is already closed: %(state)s.") % {"state": approval.get_state_display().lower()}
        )
    now = timezone.now()
    moved = Approval.objects.filter(pk=approval.pk, state=approval.state).update(state=state, decided_at=now)
    if not moved:
        raise StateError(_("Somebody else decided this at the same moment. Reload the page to see how."))
    change.details |= {"from": approval.state, "to": str(state)}
    approval.state, approval.decided_at, approval.closing_reason = state, now, reason
    change.witness(approval)


def conclude(change: Change, approval: Approval, state: State, reason: str = "") -> None:
    """Move the approval, bring the outcome to its subject, and tell who asked."""
    move(change, approval, state, reason)
    kind = KINDS[approval.kind]
    outcome = kind.on_approved if state == State.APPROVED else kind.on_closed
    outcome(change.actor, approval)
    if state in (State.SUPERSEDED, State.WITHDRAWN, State.TIMED_OUT):
        void_signatures(change, approval)
    notify(
        actor=change.actor,
        people=[approval.requested_by_id],
        kind=f"approval.{state}",
        text=f"{approval.title}: {approval.get_state_display()}",
        url=kind.url(approval.subject_id),
    )


def void_signatures(change: Change, approval: Approval) -> None:
    """Make the signatures count for nothing; they stay on record (I10)."""
    for signature in approval.signatures.filter(voided_at=None):
        signature.voided_at = timezone.now()
        with audited(
            change.actor, "governance.signature.voided", subject_kind="governance.signature", subject_id=signature.id
        ) as voiding:
            voiding.witness(signature)


def decide_if_complete(change: Change, approval: Approval, signature: Signature) -> None:
    """After a signature: one rejection rejects; the last one the policy needs approves (I09, I12)."""
    if signature.verdict == Signature.Verdict.REJECT:
        conclude(change, approval, State.REJECTED, signature.reason)
    elif is_met(approval):
        conclude(change, approval, State.APPROVED)


def withdraw_approval(*, actor: Actor, approval_id: uuid.UUID, reason: str) -> Approval:
    """The requester takes the request back while it is pending; signatures on it become void."""
    with audited(
        actor, "governance.approval.withdrawn", subject_kind="governance.approval", subject_id=approval_id
    ) as change:
        approval = lock(approval_id)
        if approval.requested_by_id != actor.id:
            raise AuthorityError(_("Only who asked for this may withdraw it."))
        conclude(change, approval, State.WITHDRAWN, reason)
        return approval


def supersede_approval(*, actor: Actor, approval_id: uuid.UUID, reason: str) -> Approval:
    """Close an approval because its subject changed; signatures on a pending one become void (I10)."""
    return close(actor, "governance.approval.superseded", approval_id, State.SUPERSEDED, reason)


def supersede_pending(*, actor: Actor, approval_id: uuid.UUID, reason: str) -> Approval:
    """The same, only while nobody has decided: who comes second to the last signature must not undo it (I12)."""
    with audited(
        actor, "governance.approval.superseded", subject_kind="governance.approval", subject_id=approval_id
    ) as change:
        approval = lock(approval_id)
        if approval.state != State.PENDING:
            raise StateError(_("This approval is closed: %s.") % approval.get_state_display().lower())
        conclude(change, approval, State.SUPERSEDED, reason)
        return approval


def lapse_approval(*, actor: Actor, approval_id: uuid.UUID, reason: str) -> Approval:
    """What was approved ended by time or because what it rests on did."""
    return close(actor, "governance.approval.lapsed", approval_id, State.LAPSED, reason)


def revoke_approval(*, actor: Actor, approval_id: uuid.UUID, reason: str) -> Approval:
    """A person takes the approval back for good; the calling service checks who may."""
    return close(actor, "governance.approval.revoked", approval_id, State.REVOKED, reason)


def close(actor: Actor, action: str, approval_id: uuid.UUID, state: State, reason: str) -> Approval:
    """Lock, move, tell."""
    with audited(actor, action, subject_kind="governance.approval", subject_id=approval_id) as change:
        approval = lock(approval_id)
        conclude(change, approval, state, reason)
        return approval


def time_out_approvals(*, actor: Actor) -> int:
    """Close what nobody decided in time; never approves (I11). Safe to run twice."""
    overdue = Approval.objects.filter(state=State.PENDING, decide_by__lte=timezone.now()).values_list("pk", flat=True)
    for approval_id in overdue[:500]:
        close(actor, "governance.approval.timed_out", approval_id, State.TIMED_OUT, "")
    return len(overdue)
