"""Claims: one person at a time holds an item, for a while, fenced by an epoch (I70)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import AuthorityError, InvalidInputError, StateError
from governance.authority import HOLDERS, Right, require, roles_of
from governance.models import Person
from governance.services.notifications import notify
from reviews.errors import NothingWaitingError, StaleClaimError, WorkloadError
from reviews.models import Claim, Decision, Queue, ReviewItem
from reviews.queries.claimable import claimable, held_now, queues_to_take_from, skills_for, theirs
from reviews.queries.scopes import get_item_for
from reviews.services.intake import ITEM
from reviews.services.moves import end_claim, live_claim, lock_item, move, refuse_stopped, wait_again
from reviews.vocabulary import WAITING, ClaimEnd, ItemState


def claim_next(*, actor: Actor, queue_id: uuid.UUID | None = None) -> Claim | None:
    """Take the oldest due item of the highest priority from the queue (or any of theirs); ``None``: none waits.

    Raises:
        WorkloadError: the actor holds, or decided lately, as much as the queue allows.
        QueueStoppedError: somebody stopped this queue.
    """
    return claim_first(actor, queues_to_take_from(actor, queue_id))


def claim_first(actor: Actor, queues: Iterable[Queue]) -> Claim | None:
    """The next item of the first of these queues that has one."""
    for queue in queues:
        try:
            return claim_from(actor, queue)
        except NothingWaitingError:
            continue
    return None


def claim_from(actor: Actor, queue: Any) -> Claim:
    """Take the next item of one of :func:`queues_to_take_from`; :class:`NothingWaitingError` when there is none."""
    with audited(actor, "reviews.item.claimed", subject_kind=ITEM, tenant_id=queue.tenant_id) as change:
        refuse_stopped(queue)
        refuse_overload(actor, queue, queue.held)
        found = [row for search in claimable(actor, queue) if (row := search.first()) and not is_held(row)]
        if not found:
            raise NothingWaitingError(_("Nothing waits in this queue."))
        item = min(found, key=lambda one: (-one.priority, one.due_at, one.pk))
        change.subject_id = item.pk
        return take(change, item, queue)


def is_held(item: ReviewItem) -> bool:
    """Whether somebody renewed their claim between our search and our lock; on what waits there is none."""
    claim = live_claim(item) if item.state == ItemState.CLAIMED else None
    return claim is not None and claim.until > timezone.now()


def claim_item(*, actor: Actor, item_id: uuid.UUID) -> Claim:
    """Take this item, if it waits and is the actor's to decide; one's own live claim is given again."""
    seen = get_item_for(actor, item_id, Right.DECIDE_REVIEW)
    held = live_claim(seen)
    if held and held.person_id == actor.id and held.until > timezone.now():
        return held
    with audited(
        actor, "reviews.item.claimed", subject_kind=ITEM, subject_id=item_id, tenant_id=seen.tenant_id
    ) as change:
        require(actor, Right.DECIDE_REVIEW, tenant_id=seen.tenant_id, site_id=seen.site_id)
        item = lock_item(item_id)
        refuse_stopped(item.queue)
        refuse_overload(actor, item.queue, held_now(actor).filter(queue=item.queue).count())
        refuse_taken(item)
        refuse_not_theirs(actor, item)
        return take(change, item, item.queue)


def take(change: Change, item: ReviewItem, queue: Queue) -> Claim:
    """Give the locked item to the actor: a new epoch, a new lease; whoever held it before has lost it."""
    now = timezone.now()
    if item.state == ItemState.CLAIMED:
        end_claim(item, ClaimEnd.LAPSED)
    item.epoch += 1
    item.kept_for = None
    move(change, item, ItemState.CLAIMED)
    change.details |= {"epoch": item.epoch, "slot": item.slot, "digest": item.digest}
    return Claim.objects.create(
        item=item, queue=queue, slot=item.slot, person_id=change.actor.id, epoch=item.epoch, digest=item.digest,
        taken_at=now, until=now + dt.timedelta(seconds=queue.lease_seconds),
    )  # fmt: skip


def renew_claim(*, actor: Actor, item_id: uuid.UUID, epoch: int) -> Claim:
    """Hold the item for another lease; :class:`StaleClaimError` when somebody else has it or its time is over."""
    with audited(actor, "reviews.claim.renewed", subject_kind=ITEM, subject_id=item_id) as change:
        item = lock_item(item_id)
        change.tenant_id = item.tenant_id
        claim = own_claim(actor, item, epoch)
        claim.until = timezone.now() + dt.timedelta(seconds=item.queue.lease_seconds)
        claim.save(update_fields=["until"])
        change.details = {"epoch": epoch}
    return claim


def release_claim(*, actor: Actor, item_id: uuid.UUID, epoch: int) -> None:
    """Give the item back; what was typed stays with the one who typed it (I80)."""
    with audited(actor, "reviews.claim.released", subject_kind=ITEM, subject_id=item_id) as change:
        item = lock_item(item_id)
        change.tenant_id = item.tenant_id
        own_claim(actor, item, epoch)
        end_claim(item, ClaimEnd.RELEASED)
        wait_again(change, item)


def own_claim(actor: Actor, item: ReviewItem, epoch: int) -> Claim:
    """The actor's live claim with this epoch on the locked item (I70)."""
    claim = live_claim(item)
    if claim is None or claim.person_id != actor.id or claim.epoch != epoch or claim.until <= timezone.now():
        raise StaleClaimError(
            _(
                "You do not hold this item any more: its time ran out or somebody else took it. What you typed is "
                "kept; take the item again if it still waits."
            )
        )
    return claim


def refuse_overload(actor: Actor, queue: Queue, held: int) -> None:
    """Nobody holds more (``held`` items they hold now), or decides faster, than the queue allows."""
    if held >= queue.most_claims:
        raise WorkloadError(
            _("You hold %(held)s items of this queue, as many as one person may. Decide or give back one first.")
            % {"held": held}
        )
    if not queue.most_per_hour:
        return
    lately = Decision.objects.filter(
        person_id=actor.id, queue=queue, undone_at=None, decided_at__gt=timezone.now() - dt.timedelta(hours=1)
    ).count()
    if lately >= queue.most_per_hour:
        raise WorkloadError(
            _("You decided %(lately)s items in the last hour, as many as this queue allows. Take a break.")
            % {"lately": lately}
        )


def refuse_taken(item: ReviewItem) -> None:
    """The item waits, or its holder's time is over."""
    claim = live_claim(item)
    if claim and claim.until > timezone.now():
        raise StateError(_("%(person)s is reviewing this item.") % {"person": claim.person})
    if item.state == ItemState.DECIDED:  # whoever is to decide blind is not told that somebody did
        raise StateError(_("Somebody is reviewing this item."))
    if item.state not in (*WAITING, ItemState.CLAIMED):
        raise StateError(_("This item is “%(state)s”; nobody can take it.") % {"state": item.get_state_display()})
    if item.expires_at <= timezone.now():
        raise StateError(_("This item has expired."))


def refuse_not_theirs(actor: Actor, item: ReviewItem) -> None:
    """The rules by which :func:`claim_next` chooses, for one item (I72)."""
    skills = skills_for(actor, item.queue)
    if item.queue.skill and item.queue.skill not in skills:
        raise AuthorityError(
            _("This queue asks for a skill that you do not have: %(skill)s.") % {"skill": item.queue.skill}
        )
    if not ReviewItem.objects.filter(pk=item.pk).filter(theirs(actor, item.queue, skills)).exists():
        raise AuthorityError(
            _("This item is for somebody else: it is kept for a colleague, or you decided or escalated it before.")
        )


def move_items(*, actor: Actor, item_ids: list[uuid.UUID], person_id: uuid.UUID | None) -> int:
    """Keep items for one reviewer, or (``None``) for everybody; ends the claims on them. Gives how many moved.

    For whoever keeps the queue: somebody is away, or holds too much. What is decided stays.
    """
    with audited(actor, "reviews.item.moved", subject_kind="reviews.queue") as outer:
        moved = [move_item(actor, item_id, person_id) for item_id in item_ids]
        outer.subject_id = moved[0].queue_id if moved else outer.subject_id
        outer.details = {"items": len(moved), "for": person_id}
    return len(moved)


def move_item(actor: Actor, item_id: uuid.UUID, person_id: uuid.UUID | None) -> ReviewItem:
    """One of :func:`move_items`."""
    with audited(actor, "reviews.item.moved", subject_kind=ITEM, subject_id=item_id) as change:
        item = lock_item(item_id)
        change.tenant_id = item.tenant_id
        require(actor, Right.KEEP_QUEUES, tenant_id=item.tenant_id, site_id=item.site_id)
        refuse_no_reviewer(item, person_id)
        item.kept_for_id = person_id
        if item.state == ItemState.CLAIMED:
            end_claim(item, ClaimEnd.MOVED)
            wait_again(change, item)
        elif item.state in (*WAITING, ItemState.INFO_REQUESTED):
            change.witness(item)
        else:
            raise StateError(_("“%(item)s” is decided or closed already.") % {"item": item.reference}, field="items")
        change.details |= {"for": person_id}
        if person_id:
            text, url = _("%(item)s is kept for you.") % {"item": item.reference}, f"/reviews/items/{item.id}/"
            notify(actor=actor, people=[person_id], kind="reviews.assigned", text=text, url=url)
    return item


def refuse_no_reviewer(item: ReviewItem, person_id: uuid.UUID | None) -> None:
    """Items are kept only for somebody who may decide them."""
    if person_id is None:
        return
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    roles = roles_of(person) if person else frozenset()
    scopes = [held for held in roles if held.role in HOLDERS[Right.DECIDE_REVIEW]]
    if not any(s.tenant_id in (None, item.tenant_id) and s.site_id in (None, item.site_id) for s in scopes):
        raise InvalidInputError(_("They do not review for this tenant and site."), field="person")
