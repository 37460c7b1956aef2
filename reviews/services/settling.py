"""From a decision to something final: the second pair of eyes, the third that settles it, and the product told."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import Change, audited
from auditlog.errors import StateError
from outbox.models import Message
from outbox.services import queue_webhook
from reviews.models import Decision, DecisionDraft, ReviewItem, Seed
from reviews.services.intake import ITEM, minutes_to_decide
from reviews.services.moves import lock_item, move
from reviews.services.sources import changed_sources
from reviews.snapshot import final_fields
from reviews.vocabulary import AI_LABEL, APPROVING, SECOND_REVIEW_COVERS, ItemState, Verdict

BATCH = 200


def settle_due_items() -> int:
    """Settle every decision whose undo seconds are over; gives how many. The sweep behind the fast path."""
    due = Decision.objects.filter(
        item__state=ItemState.DECIDED, undone_at=None, effective_at__lte=timezone.now()
    ).order_by("effective_at")
    actor = job_actor("reviews.items_settle")
    ids = dict.fromkeys(due.values_list("item_id", flat=True)[:BATCH])
    return sum(settle_item(actor=actor, item_id=item_id) for item_id in ids)


def settle_item(*, actor: Actor, item_id: uuid.UUID) -> bool:
    """Let the decision take effect, once its undo seconds are over; gives whether it did. Safe twice, late, at once.

    A first decision goes on to a blind second one where the queue asks for it; two that differ go on to a
    third person; whatever is left is final, and the product is told.
    """
    now = timezone.now()
    due = Q(item_id=item_id, item__state=ItemState.DECIDED, undone_at=None, effective_at__lte=now)
    if not Decision.objects.filter(due).exists():
        return False
    try:
        take_effect(actor, item_id)
    except StateError:
        return False
    return True


def take_effect(actor: Actor, item_id: uuid.UUID) -> None:
    """The change of :func:`settle_item`; :class:`StateError` when somebody undid or settled it just now."""
    with audited(actor, "reviews.decision.effective", subject_kind=ITEM, subject_id=item_id) as change:
        item = lock_item(item_id)
        change.tenant_id = item.tenant_id
        decisions = list(Decision.objects.filter(item=item, undone_at=None).order_by("slot"))
        if item.state != ItemState.DECIDED or decisions[-1].effective_at > timezone.now():
            raise StateError(_("There is nothing to settle."))
        last = decisions[-1]
        if last.slot == 1 and needs_second(item):
            pass_on(change, item, 2)
        elif last.slot == 2 and not agree(*decisions):
            pass_on(change, item, 3)
        else:
            finish(change, item, last)


def needs_second(item: ReviewItem) -> bool:
    """Whether the queue wants a blind second review of the item. A seeded one has done its work after the first."""
    return not item.is_seeded and item.criticality in SECOND_REVIEW_COVERS[item.queue.second_review]


def agree(first: Decision, second: Decision) -> bool:
    """Whether two reviewers came to the same record: both refused, or both approved with the same result."""
    if Verdict.REFUSE in (first.verdict, second.verdict):
        return first.verdict == second.verdict
    return first.result_digest == second.result_digest


def pass_on(change: Change, item: ReviewItem, slot: int) -> None:
    """The next person's turn, with time of its own."""
    item.slot = slot
    item.due_at = max(item.due_at, timezone.now() + minutes_to_decide(item.queue, item.criticality))
    item.expires_at = max(item.expires_at, item.due_at + (item.expires_at - item.received_at))
    state = ItemState.AWAITING_SECOND if slot == 2 else ItemState.DISPUTED
    change.record(
        "reviews.item.second_awaited" if slot == 2 else "reviews.item.disputed", ITEM, item.id, tenant_id=item.tenant_id
    )
    move(change, item, state)


def finish(change: Change, item: ReviewItem, decision: Decision) -> None:
    """The record is final. A seeded item goes nowhere; of any other the product is told (I81)."""
    item.verdict, item.final_digest, item.settled_at = decision.verdict, decision.result_digest, timezone.now()
    move(change, item, ItemState.FINAL)
    told = {"verdict": item.verdict, "digest": item.final_digest}
    change.record("reviews.item.settled", ITEM, item.id, tenant_id=item.tenant_id, details=told)
    DecisionDraft.objects.filter(item=item).delete()
    if item.is_seeded:
        judge_seed(item, decision.person_id, caught_by(item, decision))
    else:
        tell_product(change.actor, item, "review_item.final", outcome(item, decision))


def caught_by(item: ReviewItem, decision: Decision) -> bool | None:
    """Whether the reviewer caught what was altered: refused, or edited it. Unknown where a source changed (I76)."""
    if changed_sources(item):
        return None
    altered = Seed.objects.values_list("fields", flat=True).get(item=item)
    return decision.verdict == Verdict.REFUSE or bool(set(altered) & set(decision.edits))


def judge_seed(item: ReviewItem, person_id: uuid.UUID, caught: bool | None) -> None:
    """The seeded item has done its work: who met it, and whether they noticed."""
    Seed.objects.filter(item=item).update(caught=caught, judged_by=person_id, judged_at=timezone.now())


def outcome(item: ReviewItem, decision: Decision | None = None) -> dict[str, Any]:
    """What a product is told of an item: its state, and the decision once it is final. Never who decided."""
    told: dict[str, Any] = {
        "id": str(item.id), "reference": item.reference, "label": AI_LABEL, "state": str(item.state),
        "digest": item.digest, "final": item.settled_at is not None,
    }  # fmt: skip
    if decision is None or item.settled_at is None:
        return told
    told |= {
        "verdict": str(decision.verdict), "final_digest": item.final_digest, "settled_at": item.settled_at.isoformat(),
        "reason_code": decision.reason_code, "reason": decision.reason,
    }  # fmt: skip
    if decision.verdict in APPROVING and item.content_erased_at is None:
        told["fields"] = final_fields(item.content, decision.edits)
        told["text"] = decision.edits.get("text", item.content.text)
        told["edited"] = sorted(decision.edits)
    return told


def final_decision(item: ReviewItem) -> Decision | None:
    """The decision that settled the item."""
    row: Decision | None = (
        Decision.objects.filter(item=item, undone_at=None).order_by("-slot").first() if item.settled_at else None
    )
    return row


def tell_product(actor: Actor, item: ReviewItem, event: str, data: dict[str, Any]) -> None:
    """Queue the signed webhook to the product that submitted the item."""
    queue_webhook(actor=actor, account_id=item.account_id, event=event, payload=data, about=(ITEM, item.id))


def note_delivered(actor: Actor, item_id: uuid.UUID, message: Message) -> None:
    """The product acknowledged the decision. Called in the change that notes it."""
    item = ReviewItem.objects.select_for_update().filter(pk=item_id).first()
    if item is None or item.state != ItemState.FINAL:
        return
    with audited(
        actor, "reviews.item.delivered", subject_kind=ITEM, subject_id=item_id, tenant_id=item.tenant_id
    ) as change:
        item.delivered_at = timezone.now()
        move(change, item, ItemState.DELIVERED)
        change.details |= {"message": message.id}
