"""The decision panel: the same everywhere something is to be countersigned."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from auditlog.actors import Actor
from governance.approval_kinds import KINDS
from governance.forms import SignatureForm
from governance.models import Approval, ApprovalParty, Signature
from governance.quorum import needs_of
from governance.services.signatures import why_not_sign
from governance.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Seal:
    """One seat on the panel: a signature, or a place still to be filled (``waiting``)."""

    state: str
    role: str
    name: str = ""
    at: dt.datetime | None = None
    number: int = 0


def seals_of(signatures: list[Signature], needs: dict[str, int], *, pending: bool) -> list[Seal]:
    """The signatures, then a waiting seat for each place of the policy that is still empty."""
    seals = [Seal(_seal_state(s), s.get_role_display(), s.person.name, s.signed_at) for s in signatures]
    valid = [s.role for s in signatures if s.voided_at is None]
    number = len(valid)
    for role, count in sorted(needs.items()) if pending else ():
        for _place in range(count - valid.count(role)):
            number += 1
            seals.append(Seal("waiting", str(Role(role).label), number=number))
    return seals


def _seal_state(signature: Signature) -> str:
    if signature.voided_at is not None:
        return "void"
    return "refused" if signature.verdict == Signature.Verdict.REJECT else "signed"


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel shows: the question, what would be signed, by which policy, by whom so far, and why not."""

    approval: Approval
    kind: str
    snapshot: dict[str, Any]
    pretty: str
    template: str
    url: str
    policy_sentence: str
    signatures: list[Signature]
    seals: list[Seal]
    given: int
    needed: int
    parties: QuerySet[ApprovalParty]
    why_not: str
    may_withdraw: bool
    form: SignatureForm


def policy_sentence(needs: dict[str, int]) -> str:
    """The policy in words: "Two security approvers and one release approver, not counting…"."""
    wanted = [_count_of(role, count) for role, count in sorted(needs.items())]
    return _("%(who)s must sign; whoever asked, drafted or benefits cannot.") % {"who": _(" and ").join(wanted)}


def _count_of(role: str, count: int) -> str:
    name = str(Role(role).label).lower()
    words = {1: _("One"), 2: _("Two"), 3: _("Three"), 4: _("Four"), 5: _("Five")}
    return ngettext("%(n)s %(role)s", "%(n)s %(role)ss", count) % {"n": words.get(count, str(count)), "role": name}


def panel_for(actor: Actor, approval: Approval, form: SignatureForm | None = None) -> Panel:
    """The panel for one approval as this actor sees it: signatures and, for who might sign, parties; two queries."""
    kind = KINDS[approval.kind]
    needs = needs_of(approval.policy)
    prefetch_related_objects([approval], Prefetch("signatures", Signature.objects.select_related("person")))
    signatures = list(approval.signatures.all())
    refusal = why_not_sign(actor, approval)
    snapshot = json.loads(approval.snapshot)
    return Panel(
        approval=approval,
        kind=kind.name,
        snapshot=snapshot,
        pretty=json.dumps(snapshot, indent=2, ensure_ascii=False),
        template=kind.template,
        url=kind.url(approval.subject_id),
        policy_sentence=policy_sentence(needs),
        signatures=signatures,
        seals=seals_of(signatures, needs, pending=approval.state == Approval.State.PENDING),
        given=sum(1 for s in signatures if s.voided_at is None and s.verdict == Signature.Verdict.APPROVE),
        needed=sum(needs.values()),
        parties=approval.parties.all(),
        why_not=refusal.message if refusal else "",
        may_withdraw=approval.requested_by_id == actor.id and approval.state == Approval.State.PENDING,
        form=form or SignatureForm(initial={"seen_digest": approval.digest}),
    )
