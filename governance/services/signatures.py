"""Signing: a verdict, a reason, a second factor, on exactly the digest that was shown."""

from __future__ import annotations

import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import AuthorityError, InvalidInputError, SeparationOfDutiesError, StateError
from governance.approval_kinds import KINDS
from governance.authority import NEVER_SIGNS
from governance.canonical import canonical, digest
from governance.models import Approval, Signature, StepUp
from governance.quorum import needs_of
from governance.services.approvals import decide_if_complete, lock, supersede_pending
from governance.services.stepups import use_step_up
from governance.vocabulary import Role

SIGN = "governance.approval.sign"


def statement_of(*, approval: Approval, person_id: uuid.UUID, verdict: str, reason: str) -> str:
    """What is signed, as canonical JSON; its SHA-256 is a security key's challenge.

    It holds the approval's digest, so a key's assertion vouches for the content, and the
    verdict, so an assertion made to reject can never be replayed to approve.
    """
    return canonical(
        {
            "approval": str(approval.id),
            "digest": approval.digest,
            "kind": approval.kind,
            "person": str(person_id),
            "reason_digest": digest(reason),
            "verdict": verdict,
        }
    )


def why_not_sign(actor: Actor, approval: Approval) -> AuthorityError | StateError | None:
    """The reason this actor may not sign this approval now, or ``None``.

    Used by the page to show the disabled verb with its reason and by the service to refuse, so
    the two cannot differ.
    """
    if approval.state != Approval.State.PENDING:
        return StateError(_("This approval is closed: %s.") % approval.get_state_display().lower())
    if approval.decide_by <= timezone.now():
        return StateError(_("The time to decide this has run out. Its requester can file it again."))
    if not actor.is_person:
        return AuthorityError(_("Only a person signs."))
    if actor.holds_any(NEVER_SIGNS):
        return SeparationOfDutiesError(_("Administrators and auditors sign nothing."))
    parts = [party for party in approval.parties.all() if party.person_id == actor.id]
    if parts:
        part = max(parts, key=lambda party: party.part)
        return SeparationOfDutiesError(_("You cannot sign this because you %s.") % part.get_part_display())
    if not any(actor.holds(role, tenant_id=approval.tenant_id) for role in needs_of(approval.policy)):
        roles = _(" or ").join(str(Role(role).label).lower() for role in needs_of(approval.policy))
        return AuthorityError(_("This takes the role %s.") % roles)
    if any(signature.person_id == actor.id for signature in approval.signatures.all()):
        return StateError(_("You have already signed this."))
    return None


def role_for(actor: Actor, approval: Approval) -> str:
    """The policy group this actor's signature counts for (empty: none)."""
    roles = [role for role in needs_of(approval.policy) if actor.holds(role, tenant_id=approval.tenant_id)]
    taken = list(approval.signatures.filter(voided_at=None).values_list("role", flat=True))
    return min(roles, key=lambda role: (taken.count(role), role), default="")


def sign_approval(
    *, actor: Actor, approval_id: uuid.UUID, seen_digest: str, verdict: str, reason: str, step_up_id: uuid.UUID | None
) -> Signature | None:
    """Sign the approval whose digest the actor saw; the last signature needed decides it.

    ``seen_digest`` is the digest shown on the page (hex), ``verdict`` ``approve`` or ``reject``,
    ``reason`` in the signer's words, ``step_up_id`` a fresh step-up for exactly this statement.
    Refused for whoever asked, drafted or benefits, administrators and auditors (I08, I13), without
    a step-up (I01), twice (I09), or late. When the subject has changed since the request, nothing
    is signed: the approval is superseded and ``None`` comes back (I10).
    """
    if supersede_if_changed(actor=actor, approval_id=approval_id):
        return None
    with audited(
        actor, "governance.approval.signed", subject_kind="governance.approval", subject_id=approval_id
    ) as change:
        approval = lock(approval_id)
        change.tenant_id = approval.tenant_id
        refuse_signing(actor, approval, seen_digest, verdict, reason)
        statement = statement_of(approval=approval, person_id=actor.id, verdict=verdict, reason=reason)
        step_up = use_step_up(
            actor=actor, step_up_id=step_up_id, purpose=SIGN, digest=digest(statement),
            minutes=approval.policy.step_up_minutes,
        )  # fmt: skip
        refuse_weak_factor(approval, step_up)
        signature = Signature(
            approval=approval, person_id=actor.id, role=role_for(actor, approval), verdict=verdict, reason=reason,
            digest=approval.digest, statement=statement, step_up=step_up, method=step_up.method,
        )  # fmt: skip
        add_signature(change, signature)
        decide_if_complete(change, approval, signature)
        return signature


def refuse_signing(actor: Actor, approval: Approval, seen_digest: str, verdict: str, reason: str) -> None:
    """Refuse who may not sign, what is incomplete, and what is not what they saw."""
    refusal = why_not_sign(actor, approval)
    if refusal:
        raise refusal
    if verdict not in Signature.Verdict.values:
        raise InvalidInputError(_("Choose whether you approve or reject."), field="verdict")
    if not reason.strip():
        raise InvalidInputError(_("Say why, in a sentence an auditor will understand."), field="reason")
    if seen_digest != approval.digest:
        raise StateError(_("What you saw is not what is asked now. Read it again before you sign."))
    if has_changed(approval):
        raise StateError(_("The subject changed at this moment. Nothing was signed; reload the page."))


def add_signature(change: Change, signature: Signature) -> None:
    """Keep the signature, with an event of its own that holds its state's digest."""
    change.details = {
        "verdict": signature.verdict,
        "digest": signature.digest,
        "signature": str(signature.id),
        "method": signature.method,
        "role": signature.role,
        "statement": digest(signature.statement),
    }
    with audited(
        change.actor, "governance.signature.added", subject_kind="governance.signature", subject_id=signature.id
    ) as adding:
        adding.witness(signature)


def has_changed(approval: Approval) -> bool:
    """Whether the subject is no longer what the approval's digest was made of."""
    return digest(canonical(KINDS[approval.kind].snapshot(approval.subject_id))) != approval.digest


def supersede_if_changed(*, actor: Actor, approval_id: uuid.UUID) -> bool:
    """Close a pending approval whose subject has changed since it was asked for (I10).

    Only for somebody who could have signed it: a stranger's attempt closes nothing.
    """
    approval = Approval.objects.select_related("policy").filter(pk=approval_id).first()
    if approval is None or why_not_sign(actor, approval) or not has_changed(approval):
        return False
    supersede_pending(actor=actor, approval_id=approval_id, reason=_("The subject changed after the request."))
    return True


def refuse_weak_factor(approval: Approval, step_up: StepUp) -> None:
    """Where the policy asks for a security key, a code does not do."""
    if approval.policy.security_key_only and not (
        step_up.method == StepUp.Method.SECURITY_KEY and step_up.user_verified
    ):
        raise AuthorityError(_("This policy asks for a security key. Use one, or add one on your security page."))
