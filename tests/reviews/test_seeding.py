"""When seeded items are made and of which drafts, and when they are taken out again (I81)."""

from __future__ import annotations

import pytest
from django.db.models import Count, Q

from auditlog.actors import job_actor
from auditlog.errors import StateError
from auditlog.models import Event
from reviews.models import Claim, ItemContent, ReviewItem, Seed
from reviews.services.claims import claim_next
from reviews.services.keeping import erase_item
from reviews.services.queues import edit_queue, stop_queue
from reviews.services.seeding import has_room, make_missing_seeds, make_seed, withdraw_seed, withdraw_seeds
from tests.clock import later
from tests.reviews import world as reviews

JOB = job_actor("reviews.seed_make")


# How many, and of what


def test_i81_the_share_is_never_exceeded(world):
    queue = reviews.queue(world, seeded_percent=10)
    made = 0
    for _n in range(40):
        reviews.item(world)
        try:
            make_seed(actor=JOB, queue_id=queue.id)
            made += 1
        except StateError:
            pass
        counts = ReviewItem.objects.aggregate(
            real=Count("pk", filter=Q(is_seeded=False)), seeds=Count("pk", filter=Q(is_seeded=True))
        )
        assert counts["seeds"] * 10 <= counts["real"]
    assert made == 4


def test_a_draw_follows_some_drafts_and_none_where_the_share_is_nought(world, monkeypatch):
    asked = []
    monkeypatch.setattr("reviews.services.intake.soon", lambda name, *args, **_k: asked.append(name))
    queue = reviews.queue(world)
    reviews.item(world)
    assert not asked
    edit_queue(actor=world.actor("system_owner"), queue_id=queue.id, seeded_percent=20)
    monkeypatch.setattr("secrets.randbelow", lambda _n: 19)
    reviews.item(world)
    monkeypatch.setattr("secrets.randbelow", lambda _n: 20)
    reviews.item(world)
    assert asked == ["reviews.seed_make"]


def test_the_sweep_makes_up_for_lost_draws(world):
    queue = reviews.queue(world, seeded_percent=20)
    assert not has_room(queue)
    for _n in range(5):
        reviews.item(world)
    assert make_missing_seeds() == 1
    assert make_missing_seeds() == 0


def test_a_stopped_queue_gets_none(world):
    queue = reviews.queue(world, seeded_percent=20)
    for _n in range(5):
        reviews.item(world)
    stop_queue(actor=world.actor("system_owner"), queue_id=queue.id, reason="Recall.")
    with pytest.raises(StateError):
        make_seed(actor=JOB, queue_id=queue.id)
    assert make_missing_seeds() == 0
    assert not Seed.objects.exists()


def test_never_of_a_seed_and_once_of_each_origin(world):
    queue, origin, seed = reviews.seeded(world)
    assert seed.origin_id == origin.id
    with pytest.raises(StateError):
        reviews.seed_of(world, queue)
    waiting = reviews.item(world)
    assert reviews.seed_of(world, queue).origin_id == waiting.id


def test_refused_and_edited_drafts_are_no_origins(world):
    queue = reviews.queue(world)
    reviews.settled(world, reviews.item(world), "refuse")
    reviews.settled(world, reviews.item(world), "approve_with_edits", edits={"side": "right"})
    with pytest.raises(StateError):
        reviews.seed_of(world, queue)


def test_made_by_a_job_with_an_event_that_names_no_content(world):
    _queue, origin, seed = reviews.seeded(world)
    event = Event.objects.get(action="reviews.item.seeded")
    assert (event.actor_kind, event.subject_id) == ("job", seed.item_id)
    details = event.content["details"]
    assert details["origin"] == str(origin.id)
    assert "Excavator" not in event.body


# When they go


def test_withdrawn_when_a_source_changes_even_while_held(world):
    queue, _origin, seed = reviews.seeded(world)
    claim_next(actor=world.actor("reviewer"), queue_id=queue.id)
    assert withdraw_seeds() == 0
    record = seed.item.citations.first().record
    reviews.source(world, record, text="SOMETHING ELSE")
    assert withdraw_seeds() == 1
    seed.refresh_from_db()
    assert ReviewItem.objects.get(pk=seed.item_id).state == "withdrawn"
    assert (seed.caught, seed.judged_at) == (None, None)
    assert not Claim.objects.filter(item=seed.item_id, ended_at=None).exists()


def test_a_changed_source_asks_for_it_at_once(world, monkeypatch):
    _queue, _origin, seed = reviews.seeded(world)
    asked = []
    monkeypatch.setattr("reviews.services.sources.soon", lambda name, *args, **_k: asked.append(name))
    reviews.source(world, text="NOBODY CITES THIS")
    assert not asked
    reviews.source(world, seed.item.citations.first().record, text="SOMETHING ELSE")
    assert asked == ["reviews.seeds_withdraw"]


def test_withdrawn_when_the_queue_is_seeded_no_more(world):
    queue, _origin, seed = reviews.seeded(world)
    edit_queue(actor=world.actor("system_owner"), queue_id=queue.id, seeded_percent=0)
    assert withdraw_seeds() == 1
    assert ReviewItem.objects.get(pk=seed.item_id).state == "withdrawn"


def test_only_seeds_are_withdrawn_so(world):
    _queue, _origin, _seed = reviews.seeded(world)
    with pytest.raises(StateError):
        withdraw_seed(actor=JOB, item_id=reviews.item(world).id)


def test_i81_taken_out_before_it_would_be_reminded_of(world):
    _queue, _origin, seed = reviews.seeded(world, decision_minutes=60)
    with later(minutes=45):
        assert withdraw_seeds() == 0
    with later(minutes=51):
        assert withdraw_seeds() == 1
    assert ReviewItem.objects.get(pk=seed.item_id).state == "withdrawn"


def test_i81_held_past_its_time_it_goes_when_the_claim_ends(world):
    queue, _origin, _seed = reviews.seeded(world, decision_minutes=60, lease_seconds=3600)
    with later(minutes=40):
        claim_next(actor=world.actor("reviewer"), queue_id=queue.id)
    with later(minutes=70):
        assert withdraw_seeds() == 0
    with later(minutes=101):
        assert withdraw_seeds() == 1


def test_erasing_the_origin_erases_the_seed(world):
    _queue, origin, seed = reviews.seeded(world)
    erase_item(actor=JOB, item_id=origin.id)
    seed.refresh_from_db()
    item = ReviewItem.objects.get(pk=seed.item_id)
    assert (item.state, seed.before, seed.after, item.asset) == ("withdrawn", "", "", "")
    assert ItemContent.objects.get(item=item).fields == []
