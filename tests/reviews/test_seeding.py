"""Seeded items: real drafts made wrong, for reviewers only (I81)."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import time_machine
from django.db.models import Count, Q
from django.utils import timezone

from auditlog.actors import job_actor
from auditlog.errors import AuthorityError, NotFoundError, StateError
from auditlog.models import Event
from governance.models import Notification
from outbox.models import Message
from reviews.alterations import assets, citations, numbers, sides
from reviews.models import Claim, ItemContent, ReviewItem, Seed
from reviews.queries.queues import backlog, queues_with_counts
from reviews.queries.scopes import get_item_for, items_for
from reviews.queries.seeds import seed_outcome, seeding_policy, seeds_met_by
from reviews.services import seeding
from reviews.services.claims import claim_item, claim_next
from reviews.services.closing import escalate_item, watch_deadlines, withdraw_item
from reviews.services.finality import finality_of
from reviews.services.intake import Cited, Draft
from reviews.services.keeping import erase_item
from reviews.services.questions import answer_question, ask_about_item
from reviews.services.queues import edit_queue, stop_queue
from reviews.services.seeding import has_room, make_missing_seeds, make_seed, withdraw_seed, withdraw_seeds
from reviews.services.settling import settle_due_items
from reviews.vocabulary import SeedChange
from tests.reviews import world as reviews

JOB = job_actor("reviews.seed_make")


def plain(**changes) -> Draft:
    draft = Draft(
        tenant="acme", kind="dispatch_record", reference="DR-7", title="Reseal the left bucket cylinder", model="m",
        service="s",
        fields=[
            {"name": "asset", "label": "Asset", "value": "Excavator A"},
            {"name": "torque", "label": "Torque", "value": "450 Nm"},
            {"name": "quantity", "label": "Quantity", "value": "4"},
        ],
        text="The L/H cylinder of Excavator A leaks since 2005-03-20. Torque to 450 Nm, see WO-450.",
        citations=[Cited("WO-1", "0" * 64, "L/H CYL LEAKING", "", 4, 16)],
    )  # fmt: skip
    return dataclasses.replace(draft, **changes)


def seeded(world, **rules):
    """A queue with one seed of an approved draft; gives (queue, origin, seed)."""
    queue = reviews.queue(world, **rules)
    origin = reviews.settled(world, reviews.item(world), who="origin_reviewer")
    reviews.reviewer(world, "reviewer")
    return queue, origin, seed_of(world, queue)


def seed_of(world, queue):
    """One more seed, whatever the share."""
    edit_queue(actor=world.actor("system_owner"), queue_id=queue.id, seeded_percent=20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seeding, "has_room", lambda _queue: True)
        return make_seed(actor=JOB, queue_id=queue.id)


# What is altered


def test_the_other_side_everywhere_in_the_draft():
    (found,) = sides(plain())
    assert found.change == SeedChange.SIDE
    assert found.draft.title == "Reseal the right bucket cylinder"
    assert found.draft.text.startswith("The R/H cylinder")
    assert found.parts == ("title", "text")
    assert (found.before, found.after) == ("left", "right")


@pytest.mark.parametrize("text", ["Swap the left and the right track.", "Lower the boom right away.", "Nothing here."])
def test_no_side_where_both_are_named_or_none(text):
    assert not list(sides(plain(title="Tracks", text=text)))


@pytest.mark.parametrize(
    ("before", "after"), [("Front idler", "Rear idler"), ("UPPER SEAL", "LOWER SEAL"), ("outer race", "inner race")]
)
def test_sides_keep_their_case(before, after):
    assert [one.draft.title for one in sides(plain(title=before, text=""))] == [after]


def test_another_asset_wherever_the_draft_names_its_own():
    (found,) = assets(plain(), ["Excavator A", "Excavator B"])
    assert found.draft.fields[0]["value"] == "Excavator B"
    assert "Excavator B leaks" in found.draft.text
    assert "Excavator A" not in found.draft.text


def test_numbers_change_but_not_names_of_records():
    found = {one.before: one for one in numbers(plain(), max)}
    assert set(found) == {"450", "4", "2005-03-20"}
    assert found["450"].draft.fields[1]["value"].endswith(" Nm")
    assert found["450"].draft.fields[1]["value"] != "450 Nm"
    assert found["450"].draft.text.endswith("see WO-450.")
    assert found["2005-03-20"].draft.text != plain().text


def test_another_source_is_quoted():
    other = Cited("WO-2", "1" * 64, "TRACK LOOSE")
    (found,) = citations(plain(), [other, Cited("WO-1", "0" * 64, "itself")])
    assert [(one.record, one.starts, one.ends) for one in found.draft.citations] == [("WO-2", 4, 16)]


def test_citations_follow_their_words():
    draft = plain(text="On the left the seal is cracked.", citations=[Cited("WO-1", "0" * 64, "", "", 12, 20)])
    (found,) = sides(draft)
    cited = found.draft.citations[0]
    assert found.draft.text[cited.starts : cited.ends] == draft.text[12:20] == "the seal"


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
    queue, origin, seed = seeded(world)
    assert seed.origin_id == origin.id
    with pytest.raises(StateError):
        seed_of(world, queue)
    waiting = reviews.item(world)
    assert seed_of(world, queue).origin_id == waiting.id


def test_refused_and_edited_drafts_are_no_origins(world):
    queue = reviews.queue(world)
    reviews.settled(world, reviews.item(world), "refuse")
    reviews.settled(world, reviews.item(world), "approve_with_edits", edits={"side": "right"})
    with pytest.raises(StateError):
        seed_of(world, queue)


def test_made_by_a_job_with_an_event_that_names_no_content(world):
    _queue, origin, seed = seeded(world)
    event = Event.objects.get(action="reviews.item.seeded")
    assert (event.actor_kind, event.subject_id) == ("job", seed.item_id)
    details = event.content["details"]
    assert details["origin"] == str(origin.id)
    assert "Excavator" not in event.body


# What would give one away


def test_it_looks_like_any_other(world):
    _queue, origin, seed = seeded(world)
    real = reviews.item(world, reference="DR-900001")
    item = ReviewItem.objects.get(pk=seed.item_id)
    same = (
        "queue_id",
        "tenant_id",
        "site_id",
        "account_id",
        "criticality",
        "priority",
        "model",
        "service",
        "state",
        "slot",
    )
    assert [getattr(item, name) for name in same] == [getattr(real, name) for name in same]
    assert item.reference.startswith("DR-")
    assert item.reference not in (origin.reference, real.reference)
    assert item.idempotency_key == real.idempotency_key == ""
    assert item.due_at - item.received_at == real.due_at - real.received_at
    assert item.expires_at - item.received_at == real.expires_at - real.received_at
    assert item.received_at <= timezone.now()
    assert item.pk.version == real.pk.version == 4
    assert [c.source.ended_at for c in item.citations.select_related("source")] == [None]
    assert item.digest != origin.digest


def test_its_own_reference_also_where_the_draft_speaks_of_itself(world):
    queue = reviews.queue(world)
    origin = reviews.item(world, reference="DR-9001", text="DR-9001: the left cylinder leaks.")
    seed = seed_of(world, queue)
    assert origin.reference not in ItemContent.objects.get(item=seed.item).text


def test_a_new_draft_of_the_same_reference_supersedes_it(world):
    _queue, _origin, seed = seeded(world)
    reviews.item(world, reference=seed.item.reference)
    assert ReviewItem.objects.get(pk=seed.item_id).state == "superseded"


def test_who_held_the_origin_never_gets_it(world):
    queue, _origin, seed = seeded(world)
    assert claim_next(actor=world.actor("origin_reviewer"), queue_id=queue.id) is None
    with pytest.raises(AuthorityError):
        claim_item(actor=world.actor("origin_reviewer"), item_id=seed.item_id)
    assert claim_next(actor=world.actor("reviewer"), queue_id=queue.id).item_id == seed.item_id


def test_unless_nobody_else_reviews_here(world):
    queue = reviews.queue(world)
    reviews.settled(world, reviews.item(world))
    seed = seed_of(world, queue)
    assert seed.for_anybody
    assert claim_next(actor=world.actor("reviewer"), queue_id=queue.id).item_id == seed.item_id


def test_withdrawn_when_a_source_changes_even_while_held(world):
    queue, _origin, seed = seeded(world)
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
    _queue, _origin, seed = seeded(world)
    asked = []
    monkeypatch.setattr("reviews.services.sources.soon", lambda name, *args, **_k: asked.append(name))
    reviews.source(world, text="NOBODY CITES THIS")
    assert not asked
    reviews.source(world, seed.item.citations.first().record, text="SOMETHING ELSE")
    assert asked == ["reviews.seeds_withdraw"]


def test_not_judged_when_the_source_changed_before_the_decision(world):
    _queue, _origin, seed = seeded(world)
    item = seed.item
    held = reviews.claim(world, item)
    reviews.source(world, item.citations.first().record, text="SOMETHING ELSE")
    assert held
    reviews.settled(world, item, "refuse")
    seed.refresh_from_db()
    assert seed.caught is None
    assert seed_outcome(ReviewItem.objects.get(pk=item.pk), world.actor("reviewer")).tone == "info"


def test_withdrawn_when_the_queue_is_seeded_no_more(world):
    queue, _origin, seed = seeded(world)
    edit_queue(actor=world.actor("system_owner"), queue_id=queue.id, seeded_percent=0)
    assert withdraw_seeds() == 1
    assert ReviewItem.objects.get(pk=seed.item_id).state == "withdrawn"


def test_only_seeds_are_withdrawn_so(world):
    _queue, _origin, _seed = seeded(world)
    with pytest.raises(StateError):
        withdraw_seed(actor=JOB, item_id=reviews.item(world).id)


# Where it must not go


def test_i81_not_in_the_backlog_of_who_keeps_the_queue(world):
    queue, _origin, seed = seeded(world)
    reviews.item(world)
    counts = {
        who: queues_with_counts(world.actor(who)).get(pk=queue.pk).waiting for who in ("system_owner", "reviewer")
    }
    assert counts == {"system_owner": 1, "reviewer": 2}
    for who in ("system_owner", "auditor"):
        assert not items_for(world.actor(who)).filter(pk=seed.item_id).exists()
        assert not backlog(world.actor(who), queue).filter(pk=seed.item_id).exists()
        with pytest.raises(NotFoundError):
            get_item_for(world.actor(who), seed.item_id)
    assert items_for(world.actor("reviewer")).filter(pk=seed.item_id).exists()
    reviews.settled(world, seed.item)
    assert items_for(world.actor("auditor")).filter(pk=seed.item_id).exists()


def test_i81_not_in_an_export_once_it_is_over(world):
    _queue, origin, seed = seeded(world)
    reviews.settled(world, seed.item)
    for who in ("auditor", "reviewer"):
        body = world.client(who).get("/reviews/items/export/csv/").content.decode()
        assert origin.digest in body
        assert seed.item.digest not in body


@pytest.mark.parametrize("verdict", ["approve", "refuse"])
def test_i81_never_reaches_a_product(world, verdict, monkeypatch):
    _queue, origin, seed = seeded(world)
    told = []
    monkeypatch.setattr("reviews.services.settling.queue_webhook", lambda **about: told.append(about))
    item = reviews.settled(world, seed.item, verdict)
    product = reviews.product(world)
    assert item.state == "final"
    assert told == []
    assert not items_for(product).filter(pk=item.pk).exists()
    assert items_for(product).filter(pk=origin.pk).exists()
    for call in (
        lambda: get_item_for(product, item.id),
        lambda: finality_of(actor=product, item_id=item.id, digest=item.digest),
        lambda: withdraw_item(actor=product, item_id=item.id),
        lambda: answer_question(actor=product, item_id=item.id, answer="Yes"),
    ):
        with pytest.raises(NotFoundError):
            call()


def test_i81_no_deadline_is_kept_with_it(world):
    _queue, _origin, seed = seeded(world, decision_minutes=60)
    told = Notification.objects.count()
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=70)):
        watch_deadlines()
        item = ReviewItem.objects.get(pk=seed.item_id)
        assert (item.escalated_at, item.reminded_at, item.state) == (None, None, "open")
        assert Notification.objects.count() == told
        assert withdraw_seeds() == 1
    assert ReviewItem.objects.get(pk=seed.item_id).state == "withdrawn"


def test_i81_taken_out_before_it_would_be_reminded_of(world):
    _queue, _origin, seed = seeded(world, decision_minutes=60)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=45)):
        assert withdraw_seeds() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=51)):
        assert withdraw_seeds() == 1
    assert ReviewItem.objects.get(pk=seed.item_id).state == "withdrawn"


def test_i81_held_past_its_time_it_goes_when_the_claim_ends(world):
    queue, _origin, _seed = seeded(world, decision_minutes=60, lease_seconds=3600)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=40)):
        claim_next(actor=world.actor("reviewer"), queue_id=queue.id)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=70)):
        assert withdraw_seeds() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=101)):
        assert withdraw_seeds() == 1


def test_i81_no_second_review_is_spent_on_it(world):
    queue = reviews.queue(world, second_review="all")
    reviews.item(world)
    item = reviews.settled(world, seed_of(world, queue).item, who="reviewer")
    assert item.state == "final"


# What is told, to whom and when


def test_i81_told_only_after_the_undo_window_and_only_to_who_met_it(world):
    queue, _origin, seed = seeded(world)
    edit_queue(actor=world.actor("system_owner"), queue_id=queue.id, undo_seconds=8)
    reviews.decide(world, seed.item, "refuse")
    item = ReviewItem.objects.get(pk=seed.item_id)
    assert seed_outcome(item, world.actor("reviewer")) is None
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=9)):
        settle_due_items()
    item = ReviewItem.objects.get(pk=seed.item_id)
    told = seed_outcome(item, world.actor("reviewer"))
    assert (told.caught, told.tone) == (True, "ok")
    assert told.before
    assert seed_outcome(item, world.actor("origin_reviewer")) is None
    assert seed_outcome(item, world.actor("auditor")).caught
    assert [one.pk for one in seeds_met_by(world.actor("reviewer"))] == [seed.pk]


def test_i81_not_told_before(world):
    _queue, _origin, seed = seeded(world)
    reviews.claim(world, seed.item)
    item = ReviewItem.objects.get(pk=seed.item_id)
    assert seed_outcome(item, world.actor("reviewer")) is None
    assert seed_outcome(item, world.actor("auditor")) is None


def test_what_the_real_draft_says_is_not_told_while_it_waits(world):
    queue = reviews.queue(world)
    reviews.item(world)
    seed = seed_of(world, queue)
    item = reviews.settled(world, seed.item)
    assert seed_outcome(item, world.actor("reviewer")).before == ""


def test_caught_by_refusing_editing_asking_or_passing_up(world):
    queue = reviews.queue(world)

    def next_seed():
        reviews.settled(world, reviews.item(world), who="origin_reviewer")
        return seed_of(world, queue)

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
    _queue, _origin, seed = seeded(world)
    item = seed.item
    other = "task" if "task" not in seed.fields else "asset" if "asset" not in seed.fields else "side"
    reviews.settled(world, item, "approve_with_edits", edits={other: "Something else"})
    seed.refresh_from_db()
    assert seed.caught is (other in seed.fields)


def test_erasing_the_origin_erases_the_seed(world):
    _queue, origin, seed = seeded(world)
    erase_item(actor=JOB, item_id=origin.id)
    seed.refresh_from_db()
    item = ReviewItem.objects.get(pk=seed.item_id)
    assert (item.state, seed.before, seed.after, item.asset) == ("withdrawn", "", "", "")
    assert ItemContent.objects.get(item=item).fields == []


def test_the_policy_is_said(world):
    queue = reviews.queue(world)
    assert seeding_policy(queue) == ""
    queue.seeded_percent = 5
    assert "At most 5 in 100" in seeding_policy(queue)
