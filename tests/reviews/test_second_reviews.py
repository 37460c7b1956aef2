"""The second pair of eyes is another person's, and blind (I72)."""

from __future__ import annotations

import pytest

from auditlog.errors import AuthorityError
from reviews.models import Decision
from reviews.services.bulk import refuse_items
from reviews.services.claims import claim_item, claim_next
from reviews.services.finality import finality_of
from reviews.services.settling import outcome
from tests.reviews import world as reviews


def test_i72_the_second_reviewer_is_another_person(world):
    queue = reviews.queue(world, second_review="all")
    row = reviews.settled(world, reviews.item(world))
    assert row.state == "awaiting_second"
    assert claim_next(actor=world.actor("reviewer"), queue_id=queue.id) is None
    with pytest.raises(AuthorityError):
        claim_item(actor=world.actor("reviewer"), item_id=row.id)
    with pytest.raises(AuthorityError):
        refuse_items(actor=world.actor("reviewer"), item_ids=[row.id], confirmed=1, reason_code="unsafe", reason="No.")
    assert claim_next(actor=reviews.reviewer(world, "rosa"), queue_id=queue.id).slot == 2


def test_i72_the_first_decision_is_told_to_nobody_before(world):
    reviews.queue(world, second_review="all")
    row = reviews.settled(world, reviews.item(world), "refuse")
    assert "verdict" not in outcome(row, Decision.objects.get(item=row))
    assert (row.verdict, row.final_digest) == ("", "")
    answer = finality_of(actor=reviews.product(world), item_id=row.id, digest=row.digest)
    assert (answer.final, answer.verdict) == (False, "")


def test_i72_a_disagreement_goes_to_a_third_person(world):
    queue = reviews.queue(world, second_review="all")
    row = reviews.settled(world, reviews.item(world))
    row = reviews.settled(world, row, "refuse", who="rosa")
    assert (row.state, row.verdict) == ("disputed", "")
    for who in ("reviewer", "rosa"):
        assert claim_next(actor=world.actor(who), queue_id=queue.id) is None
    assert reviews.settled(world, row, "refuse", who="third").state == "final"
