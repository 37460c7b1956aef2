"""One claim at a time, and one decision in each slot (I70, I71)."""

from __future__ import annotations

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from auditlog.change import audited
from auditlog.errors import GovernanceError, StateError
from reviews.errors import DigestMismatchError, StaleClaimError
from reviews.models import Claim, Decision
from reviews.services.bulk import refuse_items
from reviews.services.claims import claim_item, claim_next, release_claim, renew_claim
from reviews.services.decisions import undo_decision
from tests.clock import later
from tests.reviews import world as reviews


def test_i70_one_live_claim_and_a_growing_epoch(world):
    reviews.queue(world)
    row = reviews.item(world)
    first = reviews.claim(world, row)
    rosa = reviews.reviewer(world, "rosa")
    with pytest.raises(StateError):
        claim_item(actor=rosa, item_id=row.id)
    release_claim(actor=world.actor("reviewer"), item_id=row.id, epoch=first.epoch)
    second = claim_item(actor=rosa, item_id=row.id)
    assert second.epoch == first.epoch + 1
    change = audited(rosa, "reviews.item.claimed", subject_kind="reviews.item")
    now = timezone.now()
    with change, pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.create(
            item=row, queue=row.queue, slot=1, person_id=rosa.id, epoch=99, digest=row.digest, until=now
        )


def test_i70_a_decision_counts_only_with_its_own_claim(world):
    reviews.queue(world)
    row = reviews.item(world)
    held = reviews.claim(world, row)
    reviews.reviewer(world, "rosa")
    with pytest.raises(StaleClaimError):
        reviews.verdict(world, row, held, who="rosa")
    with pytest.raises(StaleClaimError):
        reviews.verdict(world, row, held, epoch=held.epoch + 1)
    with pytest.raises(DigestMismatchError):
        reviews.verdict(world, row, held, seen_digest="0" * 64)
    assert not Decision.objects.exists()


def test_i70_nothing_counts_after_the_claim_ended(world):
    reviews.queue(world, lease_seconds=60)
    row = reviews.item(world)
    held = reviews.claim(world, row)
    with later(seconds=61):
        for call in (
            lambda: reviews.verdict(world, row, held),
            lambda: renew_claim(actor=world.actor("reviewer"), item_id=row.id, epoch=held.epoch),
        ):
            with pytest.raises(StaleClaimError):
                call()
        assert claim_next(actor=reviews.reviewer(world, "rosa"), queue_id=row.queue_id).epoch == held.epoch + 1
        with pytest.raises(StaleClaimError):
            reviews.verdict(world, row, held)


def test_i71_one_decision_in_each_slot(world):
    reviews.queue(world, undo_seconds=8)
    row = reviews.item(world)
    decision = reviews.decide(world, row)
    with pytest.raises(GovernanceError):
        reviews.verdict(world, row, decision.claim, verdict="refuse", reason_code="unsafe")
    with pytest.raises(StateError):
        refuse_items(actor=world.actor("reviewer"), item_ids=[row.id], confirmed=1, reason_code="unsafe", reason="No.")
    with audited(world.actor("reviewer"), "reviews.item.decided", subject_kind="reviews.item"):
        again = Decision.objects.get(pk=decision.pk)
        again.pk, again.person_id = uuid.uuid4(), reviews.reviewer(world, "rosa").id
        with pytest.raises(IntegrityError), transaction.atomic():
            again.save(force_insert=True)


def test_i71_undoing_frees_the_slot_until_the_seconds_are_over(world):
    reviews.queue(world, undo_seconds=8)
    row = reviews.item(world)
    reviews.decide(world, row)
    claim = undo_decision(actor=world.actor("reviewer"), item_id=row.id)
    reviews.verdict(world, row, claim, verdict="refuse", reason_code="unsafe")
    assert Decision.objects.filter(item=row, undone_at=None).count() == 1
    with later(seconds=9), pytest.raises(StateError):
        undo_decision(actor=world.actor("reviewer"), item_id=row.id)
