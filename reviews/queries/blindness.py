"""What nobody may know before they decide: what others decided (I72), and which items are seeded (I81)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from auditlog.actors import Actor
from governance.authority import Right, has_right
from reviews.models import Claim, Decision, Escalation, ReviewItem
from reviews.queries.seeds import oversees
from reviews.vocabulary import ClaimEnd, ItemState

#: What a reviewer reads instead of the states that tell of a decision not yet final.
MASKS: dict[str, ItemState] = {
    ItemState.AWAITING_SECOND: ItemState.OPEN,
    ItemState.DISPUTED: ItemState.OPEN,
    ItemState.DECIDED: ItemState.CLAIMED,
}

#: States in which nobody has decided yet, while it is the first review's turn.
UNDECIDED = (ItemState.OPEN, ItemState.CLAIMED, ItemState.INFO_REQUESTED)


def reviews_here(actor: Actor, item: ReviewItem) -> bool:
    """Whether the actor is somebody who may decide about the item."""
    return has_right(actor, Right.DECIDE_REVIEW, tenant_id=item.tenant_id, site_id=item.site_id)


def is_blind(actor: Actor, item: ReviewItem) -> bool:
    """Whether the actor could still decide about the item, and so sees nobody else's decision."""
    return item.is_live and reviews_here(actor, item)


def settles(actor: Actor, claim: Claim | None) -> bool:
    """Whether the actor holds the third slot: two people disagree, and both decisions lie before them."""
    return (
        claim is not None
        and claim.person_id == actor.id
        and claim.slot == 3
        and claim.ended_how in ("", ClaimEnd.DECIDED)
    )


def decisions_shown(actor: Actor, item: ReviewItem, claim: Claim | None) -> list[Decision]:
    """The decisions the actor may see: all once nothing can change, or for the third; else only their own."""
    if item.slot == 1 and item.state in UNDECIDED:
        return []
    rows = Decision.objects.filter(item=item, undone_at=None).select_related("person", "step_up").order_by("slot")
    if is_blind(actor, item) and not settles(actor, claim):
        rows = rows.filter(person_id=actor.id)
    return list(rows)


def escalations_shown(actor: Actor, item: ReviewItem) -> list[Escalation]:
    """Why the item went up; words from a review that is over are kept from the next reviewer."""
    rows: QuerySet[Escalation] = Escalation.objects.filter(item=item).select_related("person")
    if is_blind(actor, item) and item.slot > 1:
        before = Decision.objects.filter(item=item, undone_at=None, slot__lt=item.slot).order_by("-decided_at").first()
        rows = rows.filter(at__gt=before.decided_at) if before else rows
    return list(rows)


def state_shown(item: ReviewItem, *, masked: bool) -> ItemState:
    """The state as the actor may read it."""
    state = ItemState(item.state)
    return MASKS.get(state, state) if masked else state


def states_behind(state: str, *, masked: bool) -> Iterable[str]:
    """The states that a filter for ``state`` finds."""
    return [state, *(real for real, shown in MASKS.items() if shown == state)] if masked else [state]


def masks_states(actor: Actor) -> bool:
    """Whether lists show the actor masked states: everybody who reviews anything."""
    return has_right(actor, Right.DECIDE_REVIEW)


def tells_seed(actor: Actor, item: ReviewItem) -> bool:
    """Whether a list may say of this item (with its ``seed``) that it was seeded: as :func:`seed_outcome` does."""
    if not item.is_seeded or item.is_live:
        return False
    return item.seed.judged_by_id == actor.id or oversees(actor, item)
