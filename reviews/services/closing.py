"""What takes an item up or away without deciding it: escalation, withdrawal, expiry. None of them approves (I73)."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import Change, audited
from auditlog.errors import InvalidInputError, StateError
from governance.authority import require_scope
from governance.services.notifications import notify
from governance.vocabulary import Scope
from reviews.models import Claim, Escalation, ReviewItem
from reviews.queries.scopes import get_item_for
from reviews.services.decisions import held
from reviews.services.intake import ITEM
from reviews.services.moves import end_claim, lock_item, move, wait_again
from reviews.services.questions import end_caught
from reviews.services.settling import outcome, tell_product
from reviews.vocabulary import ESCALATED, LIVE, WAITING, ClaimEnd, ItemState

BATCH = 200
#: How long before the deadline the holder is reminded.
REMIND = dt.timedelta(minutes=10)


def escalate_item(*, actor: Actor, item_id: uuid.UUID, epoch: int, seen_digest: str, reason: str) -> Escalation:
    """Give the item up to somebody who knows more; it comes before its like, and not back to the actor."""
    with audited(actor, "reviews.item.escalated", subject_kind=ITEM, subject_id=item_id) as change:
        item, _claim = held(change, item_id, epoch, seen_digest)
        if not reason.strip():
            raise InvalidInputError(_("Say what somebody else should look at."), field="reason")
        item.escalated_by_id = actor.id
        end_claim(item, ClaimEnd.ESCALATED)
        row = raise_up(change, item, person_id=actor.id, reason=reason.strip()[:2000])
        if item.is_seeded:
            end_caught(change, item)
        else:
            wait_again(change, item)
            tell_owner(actor, item, _("%(item)s was escalated to you.") % {"item": item.reference})
    return row


def raise_up(change: Change, item: ReviewItem, *, person_id: uuid.UUID | None, reason: str = "") -> Escalation:
    """Note the escalation and let the item overtake its like, once."""
    if item.escalated_at is None:
        item.priority += ESCALATED
    item.escalated_at, item.kept_for = timezone.now(), None
    return Escalation.objects.create(item=item, person_id=person_id, reason=reason)


def tell_owner(actor: Actor, item: ReviewItem, text: str) -> None:
    """Tell the queue's owner."""
    notify(
        actor=actor, people=[item.queue.owner_id], kind="reviews.escalated", text=text, url=f"/reviews/items/{item.id}/"
    )  # fmt: skip


def withdraw_item(*, actor: Actor, item_id: uuid.UUID) -> ReviewItem:
    """The product needs no decision any more. What is final cannot be withdrawn."""
    require_scope(actor, Scope.REVIEW_SUBMIT)
    seen = get_item_for(actor, item_id)
    with audited(
        actor, "reviews.item.withdrawn", subject_kind=ITEM, subject_id=item_id, tenant_id=seen.tenant_id
    ) as change:
        item = lock_item(item_id)
        end_claim(item, ClaimEnd.CLOSED)
        move(change, item, ItemState.WITHDRAWN)
    return item


def watch_deadlines() -> int:
    """Remind, escalate and expire what is due; gives how many items it touched. Never approves (I73)."""
    now = timezone.now()
    actor = job_actor("reviews.deadlines_watch")
    live = ReviewItem.objects.filter(state__in=LIVE, paused_at=None)
    expired = live.filter(expires_at__lte=now).exclude(state=ItemState.DECIDED).order_by("expires_at")
    late = live.filter(due_at__lte=now, expires_at__gt=now, escalated_at=None, is_seeded=False)
    late = late.filter(state__in=(*WAITING, ItemState.CLAIMED)).order_by("due_at")
    soon = live.filter(due_at__gt=now, due_at__lte=now + REMIND, reminded_at=None, is_seeded=False).order_by("due_at")
    touched = 0
    for verb, rows in ((expire_item, expired), (escalate_late_item, late), (remind_holder, soon)):
        for item_id in list(rows.values_list("pk", flat=True)[:BATCH]):
            touched += attempt(verb, actor, item_id)
    return touched


def attempt(verb: object, actor: Actor, item_id: uuid.UUID) -> int:
    """One item; what somebody else moved meanwhile is passed over."""
    try:
        verb(actor=actor, item_id=item_id)  # type: ignore[operator]
    except StateError:
        return 0
    return 1


def expire_item(*, actor: Actor, item_id: uuid.UUID) -> None:
    """Nobody decided in time: the item ends undecided, and the product is told so."""
    with audited(actor, "reviews.item.expired", subject_kind=ITEM, subject_id=item_id) as change:
        item = lock_item(item_id)
        change.tenant_id = item.tenant_id
        if item.expires_at > timezone.now() or item.paused_at or item.state == ItemState.DECIDED:
            raise StateError(_("This item has not expired."))
        end_claim(item, ClaimEnd.CLOSED)
        move(change, item, ItemState.EXPIRED)
        if not item.is_seeded:
            tell_product(actor, item, "review_item.expired", outcome(item))


def escalate_late_item(*, actor: Actor, item_id: uuid.UUID) -> None:
    """Its time ran out: it comes before its like, and the queue's owner is told. Who holds it goes on."""
    with audited(actor, "reviews.item.escalated", subject_kind=ITEM, subject_id=item_id) as change:
        item = lock_item(item_id)
        change.tenant_id = item.tenant_id
        if item.escalated_at or item.state not in (*WAITING, ItemState.CLAIMED) or item.due_at > timezone.now():
            raise StateError(_("This item is not late."))
        raise_up(change, item, person_id=None)
        change.details |= {"late": True}
        change.witness(item)
        tell_owner(actor, item, _("%(item)s is past its deadline.") % {"item": item.reference})


def remind_holder(*, actor: Actor, item_id: uuid.UUID) -> None:
    """Whoever holds the item, or whom it is kept for, is told that it is due soon."""
    with audited(actor, "reviews.item.reminded", subject_kind=ITEM, subject_id=item_id) as change:
        item = lock_item(item_id)
        change.tenant_id = item.tenant_id
        if item.reminded_at:
            raise StateError(_("They were reminded already."))
        item.reminded_at = timezone.now()
        change.witness(item)
        claim = Claim.objects.filter(item=item, ended_at=None).first()
        holder = claim.person_id if claim else item.kept_for_id
        text = _("%(item)s is due soon.") % {"item": item.reference}
        url = f"/reviews/items/{item.id}/"
        notify(actor=actor, people=[holder] if holder else [], kind="reviews.due_soon", text=text, url=url)
