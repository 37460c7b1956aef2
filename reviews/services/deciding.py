"""What the review screen's buttons do: a second factor and a decision in one go, and the next item at once."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from auditlog.actors import Actor
from auditlog.errors import GovernanceError
from governance.authority import is_fresh
from governance.services.stepups import begin_bound_step_up, step_up_with_factor
from reviews.models import Claim, Decision, ReviewItem
from reviews.queries.claimable import held_now, queues_to_take_from
from reviews.services.claims import claim_first
from reviews.services.decisions import PURPOSE, decide_item, needs_step_up, sound_decision, standing_claim
from reviews.services.moves import lock_item


@dataclass(frozen=True, slots=True)
class Deciding:
    """A decision as it was typed. ``code`` or ``assertion`` (the security key's answer, JSON) confirms it."""

    epoch: int
    seen_digest: str
    verdict: str
    reason_code: str = ""
    reason: str = ""
    edits: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    assertion: str = ""


def decide_with_factor(*, actor: Actor, item: ReviewItem, given: Deciding) -> Decision:
    """Verify the second factor where one is needed, then decide. A factor is not spent on what would be refused.

    ``item`` is as the actor may see it, with its queue; what it is now is read again under lock.

    Raises:
        InvalidInputError: the code or the key's answer is wrong; and whatever :func:`decide_item` refuses.
    """
    step_up = None
    if asks_factor(actor, item) and (given.code.strip() or given.assertion) and stands(actor, item.id, given):
        factor = {"code": given.code, "assertion": given.assertion}
        step_up = step_up_with_factor(actor=actor, given=factor, purpose=PURPOSE, digest=item.digest)
    step_up_id = step_up.id if step_up else None
    return decide_item(
        actor=actor, item_id=item.id, epoch=given.epoch, seen_digest=given.seen_digest, verdict=given.verdict,
        reason_code=given.reason_code, reason=given.reason, edits=given.edits, step_up_id=step_up_id,
    )  # fmt: skip


def asks_factor(actor: Actor, item: ReviewItem) -> bool:
    """Whether a decision about the item asks the actor for a second factor now."""
    return needs_step_up(item) or not is_fresh(actor, item.queue.second_factor_minutes)


def stands(actor: Actor, item_id: uuid.UUID, given: Deciding) -> bool:
    """Whether nothing but a second factor is missing; if not, :func:`decide_item` says so and keeps that it did."""
    with contextlib.suppress(GovernanceError):
        refuse_unfit(actor, item_id, given)
        return True
    return False


def refuse_unfit(actor: Actor, item_id: uuid.UUID, given: Deciding) -> None:
    """Refuse what :func:`decide_item` would refuse with the best of second factors."""
    with transaction.atomic():
        item = lock_item(item_id)
        claim = standing_claim(actor, item, given.epoch, given.seen_digest)
        sound_decision(
            actor, item, claim, given.verdict, reason_code=given.reason_code, reason=given.reason, edits=given.edits
        )


def begin_decision(*, actor: Actor, item: ReviewItem, given: Deciding) -> dict[str, Any]:
    """Options for the browser's security key call; the challenge is the item's digest.

    A key is not touched for what would be refused: that is refused here, as :func:`decide_item` does.
    """
    refuse_unfit(actor, item.id, given)
    return begin_bound_step_up(actor=actor, purpose=PURPOSE, digest=item.digest)


def take_next(*, actor: Actor, queue_id: uuid.UUID | None = None, but: uuid.UUID | None = None) -> Claim | None:
    """What the actor holds already comes first, then the next that waits; ``but`` is the item they come from."""
    queues: list[Any] = list(queues_to_take_from(actor, queue_id))
    if any(one.held for one in queues):
        held = held_now(actor).filter(queue__in=queues).exclude(item_id=but)
        if claim := held.order_by("taken_at").first():
            return claim
    return claim_first(actor, queues)
