"""Where an item may go from where it is, and the lock under which it goes."""

from __future__ import annotations

import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.change import Change
from auditlog.errors import NotFoundError, StateError
from reviews.errors import QueueStoppedError
from reviews.models import Claim, Queue, ReviewItem
from reviews.vocabulary import ClaimEnd, ItemState

S = ItemState
_CLOSED = frozenset({S.EXPIRED, S.WITHDRAWN, S.SUPERSEDED})
_WAITING = frozenset({S.OPEN, S.AWAITING_SECOND, S.DISPUTED})

#: Every legal move; a state that is not a key has no exits.
MOVES: dict[str, frozenset[str]] = {
    S.OPEN: frozenset({S.CLAIMED}) | _CLOSED,
    S.AWAITING_SECOND: frozenset({S.CLAIMED}) | _CLOSED,
    S.DISPUTED: frozenset({S.CLAIMED}) | _CLOSED,
    S.CLAIMED: frozenset({S.CLAIMED, S.INFO_REQUESTED, S.DECIDED}) | _WAITING | _CLOSED,
    S.INFO_REQUESTED: _WAITING | _CLOSED,
    S.DECIDED: frozenset({S.CLAIMED, S.FINAL, S.AWAITING_SECOND, S.DISPUTED}) | _CLOSED,
    S.FINAL: frozenset({S.DELIVERED}),
}

#: The state in which a slot waits for its reviewer.
WAITS_IN: dict[int, ItemState] = {1: S.OPEN, 2: S.AWAITING_SECOND, 3: S.DISPUTED}


def lock_item(item_id: uuid.UUID) -> ReviewItem:
    """The item under lock, with what it says, its queue, tenant and site; who changes a claim takes this lock first.

    Only the item itself is sure to be as it stands under the lock: what is joined to it may have been read before
    the wait for it, so a claim is never joined here (I70).
    """
    rows = ReviewItem.objects.select_related("content", "queue", "tenant", "site", "account")
    item: ReviewItem | None = rows.select_for_update(of=("self",)).filter(pk=item_id).first()
    if item is None:
        raise NotFoundError(_("There is no such item."))
    return item


def move(change: Change, item: ReviewItem, state: ItemState) -> None:
    """Move the item and save it under the change's event.

    Raises:
        StateError: the item may not go there from where it is.
    """
    if state not in MOVES.get(item.state, frozenset()):
        raise StateError(
            _("This item is “%(state)s”, so that cannot be done any more.") % {"state": item.get_state_display()}
        )
    change.details |= {"from": str(item.state), "to": str(state)}
    item.state = state
    change.witness(item)


def wait_again(change: Change, item: ReviewItem) -> None:
    """The item waits for a reviewer of its slot."""
    move(change, item, WAITS_IN[item.slot])


def live_claim(item: ReviewItem) -> Claim | None:
    """The claim on the item that nobody has ended yet; its time may be over."""
    return Claim.objects.filter(item=item, ended_at=None).first()


def end_claim(item: ReviewItem, how: ClaimEnd) -> None:
    """End the item's claim, if there is one."""
    Claim.objects.filter(item=item, ended_at=None).update(ended_at=timezone.now(), ended_how=how)


def refuse_stopped(queue: Queue) -> None:
    """Nothing is given out or decided in a queue somebody stopped."""
    if queue.is_stopped:
        raise QueueStoppedError(
            _("This queue is stopped: %(reason)s Its owner can start it again.") % {"reason": queue.stop_reason}
        )
