"""What this room holds of a tenant, erased with the tenant: drafts, sources, what was typed, and their names."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.services.labels import erase_labels
from governance.services.notifications import forget_notifications
from outbox.services import forget_messages
from reviews.models import Citation, ReviewItem, SourceRecord
from reviews.services.intake import ITEM
from reviews.services.keeping import erase_item, erase_sources
from reviews.services.moves import end_claim, lock_item, move
from reviews.services.sources import SOURCE
from reviews.vocabulary import ClaimEnd, ItemState

#: What stands where a name of the customer's stood.
ERASED = "erased-"


def item_ids(tenant_id: uuid.UUID) -> Iterator[uuid.UUID]:
    """Items of the tenant that still say something, or are still called as the customer called them."""
    rows = ReviewItem.objects.filter(tenant_id=tenant_id).exclude(
        content_erased_at__isnull=False, reference__startswith=ERASED
    )
    yield from rows.order_by("id").values_list("id", flat=True).iterator()


def erase_items(actor: Actor, tenant_id: uuid.UUID, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Erase items of the tenant, those that still wait included: nobody is to decide about them any more."""
    theirs = list(ReviewItem.objects.filter(tenant_id=tenant_id, pk__in=list(ids)).values_list("pk", flat=True))
    for item_id in theirs:
        _close(actor, item_id)
        erase_item(actor=actor, item_id=item_id)
        _unname(actor, item_id)
    if theirs:
        forget_messages(actor=actor, about_kind=ITEM, about_ids=theirs)
        forget_notifications(actor=actor, urls=[f"/reviews/items/{item_id}/" for item_id in theirs])
        erase_labels(actor=actor, kind=ITEM, ref_id=theirs[0], also=theirs)
    return set(ids)


def _close(actor: Actor, item_id: uuid.UUID) -> None:
    """Take an item that waits out of its queue."""
    if not ReviewItem.objects.get(pk=item_id).is_live:
        return
    with audited(actor, "reviews.item.withdrawn", subject_kind=ITEM, subject_id=item_id) as change:
        item = lock_item(item_id)
        change.tenant_id = item.tenant_id
        end_claim(item, ClaimEnd.CLOSED)
        move(change, item, ItemState.WITHDRAWN)
        change.details |= {"why": "tenant_deleted"}


def _unname(actor: Actor, item_id: uuid.UUID) -> None:
    """The product's own name for the record goes, too; the digest of what was decided stays."""
    with audited(actor, "reviews.item.erased", subject_kind=ITEM, subject_id=item_id) as change:
        item = lock_item(item_id)
        change.tenant_id, change.details = item.tenant_id, {"reference": True}
        item.reference, item.idempotency_key = f"{ERASED}{item.id}", ""
        change.label = item.reference
        change.witness(item)
        Citation.objects.filter(item=item).update(record="")


def source_ids(tenant_id: uuid.UUID) -> Iterator[uuid.UUID]:
    """Source records of the tenant that still have content or a name."""
    rows = SourceRecord.objects.filter(tenant_id=tenant_id).exclude(erased_at__isnull=False, record__startswith=ERASED)
    yield from rows.order_by("id").values_list("id", flat=True).iterator()


def erase_tenant_sources(actor: Actor, tenant_id: uuid.UUID, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Erase source records of the tenant, current versions included."""
    theirs = list(SourceRecord.objects.filter(tenant_id=tenant_id, pk__in=list(ids)).values_list("pk", flat=True))
    if theirs:
        with audited(
            actor, "reviews.source.erased", subject_kind=SOURCE, subject_id=theirs[0], tenant_id=tenant_id
        ) as change:
            erase_sources(theirs)
            for source in SourceRecord.objects.filter(pk__in=theirs):
                source.record = f"{ERASED}{source.id}"
                source.save(update_fields=["record"])
            change.details = {"sources": theirs}
        erase_labels(actor=actor, kind=SOURCE, ref_id=theirs[0], also=theirs)
    return set(ids)


def read_item(item_id: uuid.UUID) -> dict[str, Any]:
    """What the item said, cited and came to, for its return to the customer; labelled as what an AI drafted (I78)."""
    item = ReviewItem.objects.select_related("content", "queue").get(pk=item_id)
    return {
        "label": item.label, "reference": item.reference, "kind": item.queue.kind, "title": item.content.title,
        "fields": item.content.fields, "text": item.content.text, "model": item.model, "service": item.service,
        "received_at": item.received_at, "state": item.state, "verdict": item.verdict, "digest": item.digest,
        "final_digest": item.final_digest,
        "citations": list(item.citations.values("record", "digest", "excerpt", "field")),
        "decisions": list(item.decisions.values("slot", "verdict", "reason_code", "reason", "edits", "decided_at")),
    }  # fmt: skip


def read_source(source_id: uuid.UUID) -> dict[str, Any]:
    """The source record as the product gave it."""
    row = SourceRecord.objects.get(pk=source_id)
    return {"record": row.record, "digest": row.digest, "content": row.content, "received_at": row.received_at}
