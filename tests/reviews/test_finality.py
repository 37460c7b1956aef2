"""What a product is told, and the receipt it acts on once (I74, I94)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from auditlog.change import audited
from auditlog.errors import NotFoundError
from auditlog.models import Event
from outbox.models import Message
from reviews.errors import DigestMismatchError, ReceiptUsedError
from reviews.models import FinalityReceipt, ReviewItem
from reviews.services.finality import consume_receipt, finality_of
from reviews.vocabulary import APPROVING
from tests.clock import later
from tests.reviews import world as reviews


def test_i74_final_only_when_a_person_decided(world):
    reviews.queue(world, undo_seconds=8)
    row = reviews.item(world)
    product = reviews.product(world)
    assert not finality_of(actor=product, item_id=row.id, digest=row.digest).final
    reviews.decide(world, row)
    assert not finality_of(actor=product, item_id=row.id, digest=row.digest).final
    with later(seconds=9):
        answer = finality_of(actor=product, item_id=row.id, digest=row.digest)
        assert (answer.final, answer.verdict, bool(answer.receipt)) == (True, "approve", True)
        with pytest.raises(DigestMismatchError):
            finality_of(actor=product, item_id=row.id, digest="0" * 64)
    another = reviews.item(world)
    change = audited(world.actor("reviewer"), "reviews.item.settled", subject_kind="reviews.item")
    with change, pytest.raises(IntegrityError), transaction.atomic():
        ReviewItem.objects.filter(pk=another.pk).update(state="final")


def test_i94_a_receipt_is_used_once_and_ends_the_others(world):
    reviews.queue(world)
    row = reviews.settled(world, reviews.item(world))
    product = reviews.product(world)
    one, two = (finality_of(actor=product, item_id=row.id, digest=row.digest).receipt for _n in range(2))
    consume_receipt(actor=product, item_id=row.id, receipt=one)
    for receipt in (one, two, "rcpt_guessed"):
        with pytest.raises(ReceiptUsedError):
            consume_receipt(actor=product, item_id=row.id, receipt=receipt)
    assert FinalityReceipt.objects.filter(consumed_at__isnull=False).count() == 1
    assert finality_of(actor=product, item_id=row.id, digest=row.digest).receipt == ""
    assert one not in "".join(Event.objects.values_list("body", flat=True))


def test_i94_no_receipt_for_a_refusal_or_for_another_product(world):
    reviews.queue(world)
    row = reviews.settled(world, reviews.item(world), "refuse")
    answer = finality_of(actor=reviews.product(world), item_id=row.id, digest=row.digest)
    assert (answer.final, answer.verdict, answer.receipt) == (True, "refuse", "")
    with pytest.raises(NotFoundError):
        finality_of(actor=reviews.product(world, name="another"), item_id=row.id, digest=row.digest)
    assert APPROVING
    assert not Message.objects.filter(kind="webhook").exists()
