"""Queues with what waits in them, and lists of items, as far as the actor may see them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from auditlog.actors import Actor
from governance.authority import HOLDERS, Right
from governance.models import Person, RoleAssignment
from governance.vocabulary import Role
from reviews.models import Absence, Claim, Decision, Queue, ReviewerSkill, ReviewItem
from reviews.queries.blindness import masks_states, states_behind
from reviews.queries.scopes import items_for, queues_for
from reviews.vocabulary import LIVE, WAITING, ItemState

#: No queue is counted further: the page shows 999+.
MOST_COUNTED = 1000
SOON = dt.timedelta(minutes=30)


class Capped(Subquery):
    """How many rows a query has, counted no further than its limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) capped)"
    output_field = IntegerField()


def counted(rows: QuerySet[Any]) -> Capped:
    """The count of rows for each queue (``queue=OuterRef("pk")``)."""
    return Capped(rows.order_by().values("pk")[:MOST_COUNTED])


def queues_with_counts(actor: Actor, right: Right = Right.READ_REVIEWS) -> QuerySet[Queue]:
    """The actor's queues with ``waiting``, ``soon``, ``late`` (for them to take, if they review) and ``mine``."""
    now = timezone.now()
    waiting = ReviewItem.objects.filter(queue=OuterRef("pk"), state__in=WAITING).filter(
        pk__in=items_for(actor).values("pk")
    )
    if masks_states(actor):
        decided = Decision.objects.filter(item=OuterRef("pk"), person_id=actor.id, undone_at=None)
        waiting = waiting.filter(~Exists(decided), Q(kept_for=None) | Q(kept_for=actor.id)).exclude(
            escalated_by=actor.id
        )
    mine = Claim.objects.filter(queue=OuterRef("pk"), person_id=actor.id, ended_at=None, until__gt=now)
    return queues_for(actor, right).annotate(
        waiting=counted(waiting),
        soon=counted(waiting.filter(due_at__gt=now, due_at__lte=now + SOON)),
        late=counted(waiting.filter(due_at__lte=now)),
        mine=counted(mine),
        oldest=Subquery(waiting.order_by("due_at").values("due_at")[:1]),
    )


def takes_from(actor: Actor, queue: Queue) -> bool:
    """Whether the actor reviews for the queue's tenant and, at least, one of its sites."""
    return any(
        held.role in HOLDERS[Right.DECIDE_REVIEW]
        and held.tenant_id in (None, queue.tenant_id)
        and (None in (held.site_id, queue.site_id) or held.site_id == queue.site_id)
        for held in actor.roles
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list of items is filtered by; empty means any."""

    state: str = ""
    criticality: str = ""
    site: str = ""
    queue: str = ""
    when: str = ""
    holder: str = ""
    words: str = ""


def list_items(actor: Actor, wanted: Wanted) -> QuerySet[ReviewItem]:
    """Items the actor may see, with who holds each (``holder_name``), filtered."""
    now = timezone.now()
    live = Claim.objects.filter(item=OuterRef("pk"), ended_at=None, until__gt=now)
    rows = items_for(actor).select_related("queue", "site", "tenant", "content", "kept_for", "account", "seed")
    rows = rows.annotate(holder_name=Subquery(live.values("person__name")[:1]))
    if wanted.state == "live":
        rows = rows.filter(state__in=LIVE)
    elif wanted.state:
        rows = rows.filter(state__in=states_behind(wanted.state, masked=masks_states(actor)))
    if wanted.criticality:
        rows = rows.filter(criticality=wanted.criticality)
    if wanted.site:
        rows = rows.filter(site_id=wanted.site)
    if wanted.queue:
        rows = rows.filter(queue_id=wanted.queue)
    if wanted.when == "late":
        rows = rows.filter(due_at__lte=now, state__in=LIVE, paused_at=None)
    elif wanted.when == "soon":
        rows = rows.filter(due_at__gt=now, due_at__lte=now + SOON, state__in=LIVE, paused_at=None)
    if wanted.holder == "mine":
        held = Claim.objects.filter(item=OuterRef("pk"), person_id=actor.id, ended_at=None, until__gt=now)
        rows = rows.filter(Exists(held) | Q(kept_for=actor.id))
    elif wanted.holder == "decided":
        rows = rows.filter(Exists(Decision.objects.filter(item=OuterRef("pk"), person_id=actor.id, undone_at=None)))
    if wanted.words:
        rows = rows.filter(reference__icontains=wanted.words)
    return rows


def backlog(actor: Actor, queue: Queue) -> QuerySet[ReviewItem]:
    """What is not decided for good in a queue, most urgent first, with who holds it until when."""
    live = Claim.objects.filter(item=OuterRef("pk"), ended_at=None, until__gt=timezone.now())
    rows = (
        items_for(actor)
        .filter(queue=queue, state__in=LIVE)
        .select_related("content", "kept_for", "site", "queue", "tenant")
    )
    return rows.annotate(
        holder_name=Subquery(live.values("person__name")[:1]), held_until=Subquery(live.values("until")[:1])
    )


def loads(queue: Queue) -> list[dict[str, Any]]:
    """Who holds how many items of the queue now, and how many are kept for whom; most first."""
    now = timezone.now()
    held = Claim.objects.filter(queue=queue, ended_at=None, until__gt=now).values("person_id", "person__name")
    kept = ReviewItem.objects.filter(queue=queue, state__in=LIVE, kept_for__isnull=False)
    found: dict[uuid.UUID, dict[str, Any]] = {}
    for row in held.annotate(n=Count("id")):
        found[row["person_id"]] = {"id": row["person_id"], "name": row["person__name"], "held": row["n"], "kept": 0}
    for row in kept.values("kept_for", "kept_for__name").annotate(n=Count("id")):
        one = found.setdefault(row["kept_for"], {"id": row["kept_for"], "name": row["kept_for__name"], "held": 0})
        one["kept"] = row["n"]
    away = {one.person_id: one for one in absences_now().filter(person_id__in=found)}
    return sorted(
        (one | {"away": away.get(one["id"])} for one in found.values()), key=lambda one: -(one["held"] + one["kept"])
    )


def reviewers_of(queue: Queue) -> QuerySet[Person]:
    """People who may decide in the queue, by role and skill."""
    now = timezone.now()
    held = (
        RoleAssignment.objects.live()
        .filter(role=Role.REVIEWER)
        .filter(Q(tenant_id=None) | Q(tenant_id=queue.tenant_id))
    )
    if queue.site_id:
        held = held.filter(Q(site_id=None) | Q(site_id=queue.site_id))
    rows = Person.objects.filter(pk__in=held.values("person_id"), is_active=True)
    if queue.skill:
        rows = rows.filter(review_skills__skill=queue.skill, review_skills__ended_at=None)
    away = Absence.objects.filter(person=OuterRef("pk"), starts_at__lte=now, ends_at__gt=now, cancelled_at=None)
    found: QuerySet[Person] = rows.annotate(is_away=Exists(away)).order_by("name")
    return found


def absences_now() -> QuerySet[Absence]:
    """Who is away now."""
    now = timezone.now()
    return Absence.objects.filter(starts_at__lte=now, ends_at__gt=now, cancelled_at=None).select_related(
        "person", "cover"
    )


def skills_held() -> QuerySet[ReviewerSkill]:
    """Every skill somebody has now."""
    return ReviewerSkill.objects.filter(ended_at=None).select_related("person")


def absences_for(actor: Actor, *, of_everybody: bool) -> QuerySet[Absence]:
    """Absences that are not over: everybody's for who keeps queues, else one's own and those one covers."""
    rows = Absence.objects.filter(cancelled_at=None, ends_at__gt=timezone.now()).select_related("person", "cover")
    if not of_everybody:
        rows = rows.filter(Q(person_id=actor.id) | Q(cover_id=actor.id))
    return rows.order_by("starts_at", "id")


def breached(actor: Actor) -> QuerySet[ReviewItem]:
    """Items past their deadline in the queues the actor owns."""
    rows = ReviewItem.objects.filter(
        queue__owner_id=actor.id, state__in=LIVE, due_at__lte=timezone.now(), paused_at=None
    )
    return rows.exclude(state=ItemState.DECIDED).select_related("queue").order_by(F("due_at").asc())
