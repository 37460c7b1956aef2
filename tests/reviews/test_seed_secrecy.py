"""A live seed is met by reviewers only, and looks like any other item (I81)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from auditlog.errors import AuthorityError, NotFoundError
from governance.models import Notification
from reviews.models import ItemContent, ReviewItem
from reviews.queries.queues import backlog, queues_with_counts
from reviews.queries.scopes import get_item_for, items_for
from reviews.services.claims import claim_item, claim_next
from reviews.services.closing import watch_deadlines, withdraw_item
from reviews.services.finality import finality_of
from reviews.services.questions import answer_question
from reviews.services.seeding import withdraw_seeds
from tests.clock import later
from tests.reviews import world as reviews

# What would give one away


def test_it_looks_like_any_other(world):
    _queue, origin, seed = reviews.seeded(world)
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
    seed = reviews.seed_of(world, queue)
    assert origin.reference not in ItemContent.objects.get(item=seed.item).text


def test_a_new_draft_of_the_same_reference_supersedes_it(world):
    _queue, _origin, seed = reviews.seeded(world)
    reviews.item(world, reference=seed.item.reference)
    assert ReviewItem.objects.get(pk=seed.item_id).state == "superseded"


def test_who_held_the_origin_never_gets_it(world):
    queue, _origin, seed = reviews.seeded(world)
    assert claim_next(actor=world.actor("origin_reviewer"), queue_id=queue.id) is None
    with pytest.raises(AuthorityError):
        claim_item(actor=world.actor("origin_reviewer"), item_id=seed.item_id)
    assert claim_next(actor=world.actor("reviewer"), queue_id=queue.id).item_id == seed.item_id


def test_unless_nobody_else_reviews_here(world):
    queue = reviews.queue(world)
    reviews.settled(world, reviews.item(world))
    seed = reviews.seed_of(world, queue)
    assert seed.for_anybody
    assert claim_next(actor=world.actor("reviewer"), queue_id=queue.id).item_id == seed.item_id


# Where it must not go


def test_i81_not_in_the_backlog_of_who_keeps_the_queue(world):
    queue, _origin, seed = reviews.seeded(world)
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
    _queue, origin, seed = reviews.seeded(world)
    reviews.settled(world, seed.item)
    for who in ("auditor", "reviewer"):
        body = world.client(who).get("/reviews/items/export/csv/").content.decode()
        assert origin.digest in body
        assert seed.item.digest not in body


@pytest.mark.parametrize("verdict", ["approve", "refuse"])
def test_i81_never_reaches_a_product(world, verdict, monkeypatch):
    _queue, origin, seed = reviews.seeded(world)
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
    _queue, _origin, seed = reviews.seeded(world, decision_minutes=60)
    told = Notification.objects.count()
    with later(minutes=70):
        watch_deadlines()
        item = ReviewItem.objects.get(pk=seed.item_id)
        assert (item.escalated_at, item.reminded_at, item.state) == (None, None, "open")
        assert Notification.objects.count() == told
        assert withdraw_seeds() == 1
    assert ReviewItem.objects.get(pk=seed.item_id).state == "withdrawn"


def test_i81_no_second_review_is_spent_on_it(world):
    queue = reviews.queue(world, second_review="all")
    reviews.item(world)
    item = reviews.settled(world, reviews.seed_of(world, queue).item, who="reviewer")
    assert item.state == "final"
