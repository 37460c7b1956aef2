"""Ask, and the clock stands still; answer, and the item returns to who asked."""

from __future__ import annotations

import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import InvalidInputError, StateError
from governance.authority import Right, has_right, require, require_scope
from governance.services.notifications import notify
from governance.vocabulary import Scope
from reviews.models import Question, ReviewItem
from reviews.queries.scopes import get_item_for
from reviews.services.decisions import held
from reviews.services.intake import ITEM
from reviews.services.moves import end_claim, lock_item, move, wait_again
from reviews.services.settling import judge_seed, outcome, tell_product
from reviews.vocabulary import ClaimEnd, ItemState

MOST_WORDS = 2000


def ask_about_item(*, actor: Actor, item_id: uuid.UUID, epoch: int, seen_digest: str, question: str) -> Question:
    """Ask the product, or whoever knows: the item leaves the queue and its clock stands still until the answer.

    A seeded item is caught by a question, and there is nobody to answer it: it ends here (I81).
    """
    with audited(actor, "reviews.item.asked", subject_kind=ITEM, subject_id=item_id) as change:
        item, _claim = held(change, item_id, epoch, seen_digest)
        row = Question(item=item, asked_by_id=actor.id, question=checked_words(question, "question"))
        row.save(force_insert=True)
        end_claim(item, ClaimEnd.ASKED)
        if item.is_seeded:
            end_caught(change, item)
            return row
        item.paused_at, item.kept_for_id = timezone.now(), actor.id
        move(change, item, ItemState.INFO_REQUESTED)
        told = outcome(item) | {"question": {"id": str(row.id), "text": row.question}}
        tell_product(actor, item, "review_item.question", told)
        text = _("A reviewer asks about %(item)s.") % {"item": item.reference}
        url = f"/reviews/items/{item.id}/"
        notify(actor=actor, people=[item.queue.owner_id], kind="reviews.asked", text=text, url=url)
    return row


def end_caught(change: Change, item: ReviewItem) -> None:
    """Whoever asks about a seeded item, or passes it up, has caught it; there is nobody to answer."""
    judge_seed(item, change.actor.id, caught=True)
    move(change, item, ItemState.WITHDRAWN)


def answer_question(*, actor: Actor, item_id: uuid.UUID, answer: str) -> Question:
    """Answer the open question: the product that submitted the item, a colleague who reviews it, or the queue's keeper.

    The clock goes on where it stood, and the item waits first for who asked.
    """
    seen = get_item_for(actor, item_id)
    if actor.kind == "service_account":
        require_scope(actor, Scope.REVIEW_SUBMIT)
    elif not has_right(actor, Right.DECIDE_REVIEW, tenant_id=seen.tenant_id, site_id=seen.site_id):
        require(actor, Right.KEEP_QUEUES, tenant_id=seen.tenant_id, site_id=seen.site_id)
    with audited(
        actor, "reviews.item.answered", subject_kind=ITEM, subject_id=item_id, tenant_id=seen.tenant_id
    ) as change:
        item = lock_item(item_id)
        row: Question | None = Question.objects.select_for_update().filter(item=item, answered_at=None).first()
        if row is None or item.state != ItemState.INFO_REQUESTED or item.paused_at is None:
            raise StateError(_("Nobody waits for an answer about this item."))
        row.answer, row.answered_by = checked_words(answer, "answer"), actor.label[:120]
        row.answered_at = timezone.now()
        row.save()
        stood = row.answered_at - item.paused_at
        item.due_at, item.expires_at, item.paused_at = item.due_at + stood, item.expires_at + stood, None
        wait_again(change, item)
        change.details |= {"stood_seconds": round(stood.total_seconds())}
        text = _("Your question about %(item)s was answered.") % {"item": item.reference}
        asker = item.kept_for_id or row.asked_by_id
        notify(actor=actor, people=[asker], kind="reviews.answered", text=text, url=f"/reviews/items/{item.id}/")
    return row


def checked_words(words: str, field: str) -> str:
    """Something, and not a novel."""
    if not words.strip():
        raise InvalidInputError(_("Write a few words."), field=field)
    if len(words) > MOST_WORDS:
        raise InvalidInputError(_("At most %(most)s characters.") % {"most": MOST_WORDS}, field=field)
    return words.strip()
