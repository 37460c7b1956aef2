"""What a reviewer may take next: the oldest due of the highest priority, found without counting or sorting the queue.

Two short searches, each the first rows of an index: what waits, and what lies claimed by somebody whose time is over.
The second looks only at claims that are open, of which there are never more than people times what one may hold; so a
hundred abandoned claims cost what one does, and a million waiting items what ten do.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from auditlog.actors import Actor
from governance.authority import Right
from reviews.models import Absence, Claim, Queue, ReviewerSkill, ReviewItem
from reviews.queries.queues import counted
from reviews.queries.scopes import queues_for, sites_of
from reviews.vocabulary import WAITING, ItemState

FIRST = ("-priority", "due_at", "id")


def claimable(actor: Actor, queue: Any) -> list[QuerySet[ReviewItem]]:
    """Ordered searches whose first rows together hold the actor's next item in the queue; they lock what they give.

    ``queue`` is one of :func:`queues_to_take_from`; where nobody's time is over, only what waits is searched.
    """
    skills = skills_for(actor, queue)
    if queue.skill and queue.skill not in skills:
        return []
    now = timezone.now()
    rows = ReviewItem.objects.filter(queue=queue, expires_at__gt=now).filter(theirs(actor, queue, skills))
    rows = rows.order_by(*FIRST).select_for_update(skip_locked=True, of=("self",))
    waiting = rows.filter(state__in=WAITING)
    lapsed = rows.filter(state=ItemState.CLAIMED, claims__ended_at=None, claims__until__lte=now)
    searches: list[QuerySet[ReviewItem]] = [waiting, lapsed] if queue.lapsed else [waiting]
    sites = sites_of(actor, queue.tenant_id)
    if sites is None:
        return searches
    return [search.filter(site_id=site) for site in sites for search in searches]


def queues_to_take_from(actor: Actor, queue_id: uuid.UUID | None) -> QuerySet[Queue]:
    """The queue, or all of the actor's that nobody stopped, with what is claimed in each.

    ``held`` is how many items the actor holds, ``lapsed`` whether somebody's time is over.
    """
    over = Claim.objects.filter(queue=OuterRef("pk"), ended_at=None, until__lte=timezone.now())
    queues = queues_for(actor, Right.DECIDE_REVIEW).annotate(
        held=counted(held_now(actor).filter(queue=OuterRef("pk"))), lapsed=Exists(over)
    )
    return queues.filter(pk=queue_id) if queue_id else queues.filter(stopped_at=None)


def held_now(actor: Actor) -> QuerySet[Claim]:
    """The actor's claims that count now."""
    return Claim.objects.filter(person_id=actor.id, ended_at=None, until__gt=timezone.now())


def theirs(actor: Actor, queue: Queue, skills: frozenset[str]) -> Q:
    """Items of the queue that this person may decide about.

    Not what they decided before (I72) or escalated, not what is kept for somebody who is there, escalated
    ones only with the skill the queue asks for, and no seeded item whose origin they held.
    """
    mine = Q(kept_for=None) | Q(kept_for=actor.id) | Q(kept_for__in=stood_in_for(actor.id))
    again = Q(slot__gt=1) & Q(decisions__person_id=actor.id, decisions__undone_at=None)
    allowed: Any = mine & ~Q(escalated_by=actor.id)
    allowed &= Q(slot=1) | ~Q(
        pk__in=ReviewItem.objects.filter(again, queue=queue, state__in=(*WAITING, ItemState.CLAIMED)).values("pk")
    )
    origin = Q(item__made_seed__item=OuterRef("pk"), item__made_seed__for_anybody=False)
    allowed &= Q(is_seeded=False) | ~Exists(Claim.objects.filter(origin, person_id=actor.id))
    if queue.escalation_skill and queue.escalation_skill not in skills:
        allowed &= Q(escalated_at=None)
    found: Q = allowed
    return found


def skills_for(actor: Actor, queue: Queue) -> frozenset[str]:
    """The actor's skills, where the queue asks for any."""
    return skills_of(actor.id) if queue.skill or queue.escalation_skill else frozenset()


def skills_of(person_id: uuid.UUID) -> frozenset[str]:
    """The skills a person has now."""
    rows = ReviewerSkill.objects.filter(person_id=person_id, ended_at=None)
    return frozenset(rows.values_list("skill", flat=True))


def stood_in_for(person_id: uuid.UUID) -> QuerySet[Absence, uuid.UUID]:
    """People who are away and whose items this person may take: theirs to cover, or nobody's."""
    now = timezone.now()
    away = Absence.objects.filter(starts_at__lte=now, ends_at__gt=now, cancelled_at=None)
    return away.filter(Q(cover_id=person_id) | Q(cover=None)).order_by().values_list("person_id", flat=True)
