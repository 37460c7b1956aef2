"""What waits for a person in the review room, and what they can find here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from auditlog.actors import Actor
from governance.authority import Right, has_right
from governance.search import Hit
from governance.work import WorkItem
from reviews.models import Question, ReviewItem
from reviews.queries.blindness import masks_states, state_shown
from reviews.queries.queues import breached, queues_with_counts, takes_from
from reviews.queries.reading import held_by
from reviews.queries.scopes import items_for, queues_for
from reviews.vocabulary import WAITING, ItemState

ROOM = "Reviews"
MOST = 20


def items_held(actor: Actor) -> Iterable[WorkItem]:
    """Items the actor holds now, and those that wait for nobody else."""
    if not has_right(actor, Right.DECIDE_REVIEW):
        return
    for claim in held_by(actor):
        yield work_item(claim.item, _("You hold it"))
    kept = items_for(actor, Right.DECIDE_REVIEW).filter(kept_for_id=actor.id, state__in=WAITING)
    for item in kept.select_related("content").order_by("due_at")[:MOST]:
        yield work_item(item, _("Kept for you"))


def queues_waiting(actor: Actor) -> Iterable[WorkItem]:
    """Queues with something the actor can take, due when the first of them is."""
    if not has_right(actor, Right.DECIDE_REVIEW):
        return
    counted: Any = queues_with_counts(actor, Right.DECIDE_REVIEW).filter(stopped_at=None)
    for queue in counted:
        if queue.waiting and takes_from(actor, queue):
            said = ngettext("%(n)s draft waits", "%(n)s drafts wait", queue.waiting) % {"n": queue.waiting}
            yield WorkItem(ROOM, queue.name, reverse("reviews:queue_read", args=[queue.id]), queue.oldest, said)


def items_breached(actor: Actor) -> Iterable[WorkItem]:
    """Items past their deadline in the queues the actor owns."""
    if not has_right(actor, Right.KEEP_QUEUES):
        return
    for item in breached(actor).select_related("content")[:MOST]:
        yield work_item(item, _("Past its deadline"))


def questions_open(actor: Actor) -> Iterable[WorkItem]:
    """Questions nobody has answered: for the owner of the queue to answer, for who asked to wait."""
    latest = Question.objects.filter(item=OuterRef("pk"), answered_at=None)
    rows = ReviewItem.objects.filter(state=ItemState.INFO_REQUESTED, queue__owner_id=actor.id).select_related("content")
    if has_right(actor, Right.KEEP_QUEUES):
        for item in rows.annotate(asked=Subquery(latest.values("asked_by__name")[:1]))[:MOST]:
            yield work_item(item, _("%(who)s asks") % {"who": item.asked})
    asked = ReviewItem.objects.filter(
        state=ItemState.INFO_REQUESTED, questions__asked_by_id=actor.id, questions__answered_at=None
    )
    for item in asked.select_related("content")[:MOST]:
        yield work_item(item, _("Waits for an answer"), mine=False)


def work_item(item: ReviewItem, waiting: str, *, mine: bool = True) -> WorkItem:
    """One item on *My work*; AI text in it is escaped by the page, and what hides is left to the item's own."""
    title = f"{item.reference}: {item.content.title}"
    return WorkItem(ROOM, title, reverse("reviews:item_read", args=[item.pk]), item.due_at, waiting, mine)


def items_found(actor: Actor, words: str) -> Iterable[Hit]:
    """Items by reference."""
    if not has_right(actor, Right.READ_REVIEWS):
        return
    rows = items_for(actor).filter(reference__icontains=words).select_related("content")
    masked = masks_states(actor)
    for item in rows.order_by("-received_at")[:10]:
        note = f"{item.label}, {state_shown(item, masked=masked).label}"
        url = reverse("reviews:item_read", args=[item.pk])
        yield Hit(_("Review item"), f"{item.reference}: {item.content.title}", url, note)


def queues_found(actor: Actor, words: str) -> Iterable[Hit]:
    """Queues by name or kind."""
    if not has_right(actor, Right.READ_REVIEWS):
        return
    rows = queues_for(actor).filter(name__icontains=words)
    for queue in rows[:10]:
        note = _("stopped") if queue.is_stopped else queue.tenant.name
        yield Hit(_("Review queue"), queue.name, reverse("reviews:queue_read", args=[queue.id]), note)
