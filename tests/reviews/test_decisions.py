"""Time never approves, and only people decide (I73, I74)."""

from __future__ import annotations

import dataclasses

import pytest

from auditlog.actors import job_actor
from auditlog.errors import AuthorityError, GovernanceError, StateError
from reviews.models import Decision, ReviewItem
from reviews.services.claims import claim_item, claim_next
from reviews.services.closing import watch_deadlines
from reviews.services.decisions import decide_item
from reviews.services.finality import finality_of
from reviews.services.intake import submit_item
from reviews.services.settling import settle_due_items
from tests.clock import later
from tests.reviews import world as reviews


def test_i73_time_running_out_expires(world):
    reviews.queue(world, undo_seconds=8)
    waiting, held = reviews.item(world), reviews.item(world)
    reviews.claim(world, held)
    for _round in range(2):
        with later(days=3):
            watch_deadlines()
            settle_due_items()
    assert set(ReviewItem.objects.values_list("state", "verdict")) == {("expired", "")}
    product = reviews.product(world)
    assert not finality_of(actor=product, item_id=waiting.id, digest=waiting.digest).final
    with later(days=3), pytest.raises(GovernanceError):
        claim_item(actor=world.actor("reviewer"), item_id=waiting.id)


def test_i73_expired_is_expired_before_the_job_comes(world):
    queue = reviews.queue(world)
    row = reviews.item(world)
    with later(days=3):
        assert claim_next(actor=world.actor("reviewer"), queue_id=queue.id) is None
        with pytest.raises(StateError):
            claim_item(actor=world.actor("reviewer"), item_id=row.id)


def test_i73_late_items_are_escalated_not_decided(world):
    reviews.queue(world)
    row = reviews.item(world)
    with later(hours=5):
        watch_deadlines()
    row.refresh_from_db()
    assert row.escalated_at
    assert (row.state, row.verdict, Decision.objects.count()) == ("open", "", 0)


def test_i74_only_a_person_decides_and_on_the_current_digest(world):
    reviews.queue(world)
    row = reviews.item(world)
    held = reviews.claim(world, row)
    machine = dataclasses.replace(world.actor("reviewer"), kind="service_account")
    for actor in (job_actor("tests"), reviews.product(world), machine, world.actor("auditor")):
        with pytest.raises(AuthorityError):
            decide_item(actor=actor, item_id=row.id, epoch=held.epoch, seen_digest=row.digest, verdict="approve")
    newer = submit_item(actor=reviews.product(world), draft=reviews.draft(world, reference=row.reference))
    with pytest.raises(GovernanceError):
        reviews.verdict(world, row, held)
    assert ReviewItem.objects.get(pk=row.pk).state == "superseded"
    assert ReviewItem.objects.get(pk=newer.pk).state == "open"


def test_i74_only_reviewers_of_the_tenant(world):
    reviews.queue(world)
    row = reviews.item(world)
    held = reviews.claim(world, row)
    without = dataclasses.replace(world.actor("reviewer"), roles=frozenset())
    with pytest.raises(AuthorityError):
        decide_item(actor=without, item_id=row.id, epoch=held.epoch, seen_digest=row.digest, verdict="approve")
    with pytest.raises(GovernanceError):
        claim_item(actor=without, item_id=reviews.item(world).id)
