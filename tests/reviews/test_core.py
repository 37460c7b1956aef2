"""A draft goes in, a person decides, the product acts once."""

from __future__ import annotations

import pytest

from reviews.errors import ReceiptUsedError
from reviews.models import ReviewItem
from reviews.services.claims import claim_next
from reviews.services.finality import consume_receipt, finality_of
from tests.reviews import world as reviews


def test_whole_way(world):
    queue = reviews.queue(world)
    row = reviews.item(world)
    claim = claim_next(actor=world.actor("reviewer"), queue_id=queue.id)
    assert claim.item_id == row.id
    row = reviews.settled(world, row)
    assert row.state == "final"
    product = reviews.product(world)
    answer = finality_of(actor=product, item_id=row.id, digest=row.digest)
    assert answer.final
    assert answer.receipt
    consume_receipt(actor=product, item_id=row.id, receipt=answer.receipt)
    with pytest.raises(ReceiptUsedError):
        consume_receipt(actor=product, item_id=row.id, receipt=answer.receipt)


def test_edits_and_second_review(world):
    reviews.queue(world, second_review="all")
    row = reviews.item(world)
    row = reviews.settled(world, row, "approve_with_edits", edits={"side": "right"})
    assert row.state == "awaiting_second"
    row = reviews.settled(world, row, "approve", who="rosa")
    assert row.state == "disputed"
    row = reviews.settled(world, row, "refuse", who="third")
    assert (row.state, row.verdict) == ("final", "refuse")
    assert ReviewItem.objects.count() == 1
