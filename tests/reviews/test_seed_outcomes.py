"""How a seed is judged, and who is told, when (I81)."""

from __future__ import annotations

from outbox.models import Message
from reviews.models import ReviewItem, Seed
from reviews.queries.seeds import seed_outcome, seeding_policy, seeds_met_by
from reviews.services.closing import escalate_item
from reviews.services.questions import ask_about_item
from reviews.services.queues import edit_queue
from reviews.services.settling import settle_due_items
from tests.clock import later
from tests.reviews import world as reviews


def test_the_policy_is_said(world):
    queue = reviews.queue(world)
    assert seeding_policy(queue) == ""
    queue.seeded_percent = 5
    assert "At most 5 in 100" in seeding_policy(queue)


def test_i81_told_only_after_the_undo_window_and_only_to_who_met_it(world):
    queue, _origin, seed = reviews.seeded(world)
    edit_queue(actor=world.actor("system_owner"), queue_id=queue.id, undo_seconds=8)
    reviews.decide(world, seed.item, "refuse")
    item = ReviewItem.objects.get(pk=seed.item_id)
    assert seed_outcome(item, world.actor("reviewer")) is None
    with later(seconds=9):
        settle_due_items()
    item = ReviewItem.objects.get(pk=seed.item_id)
    told = seed_outcome(item, world.actor("reviewer"))
    assert (told.caught, told.tone) == (True, "ok")
    assert told.before
    assert seed_outcome(item, world.actor("origin_reviewer")) is None
    assert seed_outcome(item, world.actor("auditor")).caught
    assert [one.pk for one in seeds_met_by(world.actor("reviewer"))] == [seed.pk]


def test_i81_not_told_before(world):
    _queue, _origin, seed = reviews.seeded(world)
    reviews.claim(world, seed.item)
    item = ReviewItem.objects.get(pk=seed.item_id)
    assert seed_outcome(item, world.actor("reviewer")) is None
    assert seed_outcome(item, world.actor("auditor")) is None


def test_what_the_real_draft_says_is_not_told_while_it_waits(world):
    queue = reviews.queue(world)
    reviews.item(world)
    seed = reviews.seed_of(world, queue)
    item = reviews.settled(world, seed.item)
    assert seed_outcome(item, world.actor("reviewer")).before == ""


def test_caught_by_refusing_editing_asking_or_passing_up(world):
    queue = reviews.queue(world)

    def next_seed():
        reviews.settled(world, reviews.item(world), who="origin_reviewer")
        return reviews.seed_of(world, queue)

    reviews.reviewer(world, "reviewer")
    reviews.settled(world, next_seed().item, "refuse")
    passed = next_seed()
    reviews.settled(world, passed.item, "approve")
    actor = world.actor("reviewer")
    for verb, words in ((ask_about_item, "question"), (escalate_item, "reason")):
        item = next_seed().item
        held = reviews.claim(world, item)
        verb(actor=actor, item_id=item.id, epoch=held.epoch, seen_digest=item.digest, **{words: "Which side?"})
        assert ReviewItem.objects.get(pk=item.pk).state == "withdrawn"
    assert sorted(Seed.objects.values_list("caught", flat=True)) == [False, True, True, True]
    assert set(Seed.objects.values_list("judged_by", flat=True)) == {actor.id}
    assert Message.objects.filter(kind="webhook").count() == 0


def test_an_edit_catches_only_what_was_altered(world):
    _queue, _origin, seed = reviews.seeded(world)
    item = seed.item
    other = "task" if "task" not in seed.fields else "asset" if "asset" not in seed.fields else "side"
    reviews.settled(world, item, "approve_with_edits", edits={other: "Something else"})
    seed.refresh_from_db()
    assert seed.caught is (other in seed.fields)


def test_not_judged_when_the_source_changed_before_the_decision(world):
    _queue, _origin, seed = reviews.seeded(world)
    item = seed.item
    held = reviews.claim(world, item)
    reviews.source(world, item.citations.first().record, text="SOMETHING ELSE")
    assert held
    reviews.settled(world, item, "refuse")
    seed.refresh_from_db()
    assert seed.caught is None
    assert seed_outcome(ReviewItem.objects.get(pk=item.pk), world.actor("reviewer")).tone == "info"
