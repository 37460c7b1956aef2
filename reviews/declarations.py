"""What the reviews room tells the registries, once every app is loaded."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from auditlog.actors import Actor
from auditlog.jobs import register_job, register_sweep
from auditlog.registry import register_actions, register_subject
from governance.authority import Right
from governance.models.notifications import Channel
from governance.navigation import register_nav
from governance.notification_kinds import NotificationKind, register_notification_kind
from governance.own_data import OwnPart, register_own_part
from governance.search import register_search
from governance.work import register_work
from outbox.registry import on_delivered, register_event
from reviews.actions import ACTIONS
from reviews.models import Queue, ReviewItem, SourceRecord
from reviews.queries.work import (
    items_breached,
    items_found,
    items_held,
    questions_open,
    queues_found,
    queues_waiting,
)
from reviews.services.closing import watch_deadlines
from reviews.services.decisions import SETTLE
from reviews.services.intake import ITEM, SEED
from reviews.services.keeping import erase_old_content
from reviews.services.own_data import (
    erase_items,
    erase_tenant_sources,
    item_ids,
    read_item,
    read_source,
    source_ids,
)
from reviews.services.queues import QUEUE
from reviews.services.seeding import make_missing_seeds, make_seed_if_due, withdraw_seeds
from reviews.services.settling import note_delivered, settle_due_items, settle_item
from reviews.services.sources import SOURCE, WITHDRAW_SEEDS


def declare() -> None:
    """Fill the registries."""
    register_actions(ACTIONS)
    register_subject(QUEUE, _("Review queue"), _queue)
    register_subject(ITEM, _("Review item"), _item)
    register_subject(SOURCE, _("Source record"), _source)
    register_subject("reviews.skill", _("Skill"), lambda _row_id: None)
    register_subject("reviews.absence", _("Absence"), lambda _row_id: None)
    register_job(SETTLE, _settle)
    register_sweep("reviews.items_settle", dt.timedelta(seconds=10), settle_due_items)
    register_sweep("reviews.deadlines_watch", dt.timedelta(seconds=30), watch_deadlines)
    register_job(SEED, _seed)
    register_job(WITHDRAW_SEEDS, _withdraw_seeds)
    register_sweep("reviews.seeds_make", dt.timedelta(minutes=5), make_missing_seeds)
    register_sweep(WITHDRAW_SEEDS, dt.timedelta(seconds=30), withdraw_seeds)
    register_sweep("reviews.content_erase", dt.timedelta(hours=1), erase_old_content)
    register_own_part(OwnPart("reviews.items", _("Review items"), item_ids, erase_items, read_item))
    register_own_part(OwnPart("reviews.sources", _("Source records"), source_ids, erase_tenant_sources, read_source))
    on_delivered(ITEM, note_delivered)
    register_event("review_item.final", _("A person decided about a draft, for good"))
    register_event("review_item.question", _("A reviewer asks something about a draft"))
    register_event("review_item.expired", _("Nobody decided about a draft in time"))
    for source in (items_held, queues_waiting, items_breached, questions_open):
        register_work(source)
    for part in (items_found, queues_found):
        register_search(part)
    room = _("Reviews")
    _kinds(room)
    register_nav(room, _("Review queues"), "reviews:queue_list", "list-checks", Right.READ_REVIEWS, order=30)


def _kinds(room: Any) -> None:
    """What people of the room hear of, and how it starts out."""
    for key, name, way, urgent, may_be_off in (
        ("reviews.due_soon", _("An item you hold is due soon"), Channel.APP, True, True),
        ("reviews.answered", _("Your question was answered"), Channel.NOW, False, False),
        ("reviews.asked", _("A reviewer asks something"), Channel.NOW, False, False),
        ("reviews.escalated", _("An item was escalated, or is past its deadline"), Channel.NOW, True, False),
        ("reviews.assigned", _("An item is kept for you"), Channel.APP, False, False),
        ("reviews.stopped", _("A queue was stopped"), Channel.NOW, True, False),
        ("reviews.cover", _("You cover for somebody"), Channel.APP, False, False),
    ):
        register_notification_kind(NotificationKind(key, room, name, way, urgent=urgent, may_be_off=may_be_off))


def _settle(item_id: str, *, actor: Actor) -> None:
    settle_item(actor=actor, item_id=uuid.UUID(item_id))


def _seed(queue_id: str, *, actor: Actor) -> None:
    make_seed_if_due(actor=actor, queue_id=uuid.UUID(queue_id))


def _withdraw_seeds(*, actor: Actor) -> None:
    withdraw_seeds()


def _queue(row_id: uuid.UUID) -> tuple[str, str] | None:
    row = Queue.objects.filter(pk=row_id).first()
    return (row.name, reverse("reviews:queue_read", args=[row_id])) if row else None


def _item(row_id: uuid.UUID) -> tuple[str, str] | None:
    row = ReviewItem.objects.filter(pk=row_id).first()
    return (row.reference, reverse("reviews:item_read", args=[row_id])) if row else None


def _source(row_id: uuid.UUID) -> tuple[str, str] | None:
    row = SourceRecord.objects.filter(pk=row_id).first()
    return (row.record, "") if row else None
