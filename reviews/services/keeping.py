"""How long content is kept: what a draft said is erased after the queue's days; digests and decisions stay (I83)."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import suppress
from typing import NoReturn

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import audited
from auditlog.errors import StateError
from reviews.errors import TrainingRefusedError
from reviews.models import (
    Citation,
    Decision,
    DecisionDraft,
    Escalation,
    ItemContent,
    Question,
    Queue,
    ReviewItem,
    Seed,
    SourceRecord,
)  # fmt: skip
from reviews.services.intake import ITEM
from reviews.services.moves import lock_item
from reviews.services.seeding import withdraw_seed
from reviews.services.sources import SOURCE
from reviews.vocabulary import LIVE

BATCH = 200
ERASED = {"title": "", "fields": [], "text": ""}


def erase_old_content() -> int:
    """Erase the content of items that were closed longer ago than their queue keeps it, then of ended sources."""
    actor = job_actor("reviews.content_erase")
    done = 0
    for queue in Queue.objects.all():
        for item_id in old_items(queue)[:BATCH]:
            done += erase_item(actor=actor, item_id=item_id)
    return done + erase_old_sources(actor)


def old_items(queue: Queue) -> list[uuid.UUID]:
    """Closed items of the queue whose days are over, oldest first."""
    before = timezone.now() - dt.timedelta(days=queue.keep_days)
    closed = ReviewItem.objects.filter(queue=queue, content_erased_at=None).exclude(state__in=LIVE)
    old = closed.filter(Q(settled_at__lte=before) | Q(settled_at=None, expires_at__lte=before))
    return list(old.order_by("received_at").values_list("pk", flat=True)[:BATCH])


def erase_item(*, actor: Actor, item_id: uuid.UUID) -> bool:
    """Erase what the item says and what was typed about it. Its digests, verdict and decisions stay.

    Raises:
        StateError: the item still waits for a decision.
    """
    with audited(actor, "reviews.item.erased", subject_kind=ITEM, subject_id=item_id) as change:
        item = lock_item(item_id)
        change.tenant_id = item.tenant_id
        if item.is_live:
            raise StateError(_("This item still waits for a decision."))
        item.content_erased_at, item.asset = item.content_erased_at or timezone.now(), ""
        change.witness(item)
        erase_copies(actor, item)
        ItemContent.objects.filter(item=item).update(**ERASED)
        Citation.objects.filter(item=item).update(excerpt="")
        Decision.objects.filter(item=item).update(edits={}, reason="")
        Question.objects.filter(item=item).update(question="", answer="")
        Escalation.objects.filter(item=item).update(reason="")
        Seed.objects.filter(item=item).update(before="", after="")
        DecisionDraft.objects.filter(item=item).delete()
        change.details = {"digest": item.digest}
    return True


def erase_copies(actor: Actor, origin: ReviewItem) -> None:
    """A seeded item says what its origin said, so its content goes with it; one that still waits is taken out first."""
    seed = Seed.objects.filter(origin=origin, item__content_erased_at=None).first()
    if seed is None:
        return
    with suppress(StateError):
        withdraw_seed(actor=actor, item_id=seed.item_id)
    erase_item(actor=actor, item_id=seed.item_id)


def erase_old_sources(actor: Actor) -> int:
    """Erase versions that ended and that no item with content cites any more; gives how many."""
    cited = Citation.objects.filter(item__content_erased_at=None).values("source_id")
    month = timezone.now() - dt.timedelta(days=30)
    old = SourceRecord.objects.filter(ended_at__lte=month, erased_at=None).exclude(pk__in=cited)
    ids = list(old.order_by("ended_at").values_list("pk", flat=True)[:BATCH])
    if not ids:
        return 0
    with audited(actor, "reviews.source.erased", subject_kind=SOURCE, subject_id=ids[0]) as change:
        erase_sources(ids)
        change.details = {"sources": ids}
    return len(ids)


def erase_sources(ids: list[uuid.UUID]) -> None:
    """Empty source records, within the caller's audited change; their digests stay."""
    SourceRecord.objects.filter(pk__in=ids).update(content=None, erased_at=timezone.now())


def refuse_training_export(*, actor: Actor, queue_id: uuid.UUID) -> NoReturn:
    """Items are used for nothing but their review: an export for training is refused, and the refusal is kept (I83).

    Raises:
        TrainingRefusedError: always. Anonymised data that a release's signers approved is exported by the release.
    """
    with audited(actor, "reviews.training.exported", subject_kind="reviews.queue", subject_id=queue_id):
        raise TrainingRefusedError(
            _("Items of a queue are used for their review only, never to train a model."), clause="LD-3"
        )
