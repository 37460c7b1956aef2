"""What is kept of an item, and what never becomes training material (I83)."""

from __future__ import annotations

import pytest

from auditlog.actors import job_actor
from auditlog.errors import StateError
from auditlog.models import Event
from reviews.errors import TrainingRefusedError
from reviews.models import Decision, ItemContent
from reviews.services.keeping import erase_item, refuse_training_export
from tests.reviews import world as reviews


def test_i83_export_for_training_is_refused_and_recorded(world):
    queue = reviews.queue(world)
    for actor in (world.actor("system_owner"), reviews.product(world)):
        with pytest.raises(TrainingRefusedError):
            refuse_training_export(actor=actor, queue_id=queue.id)
    events = Event.objects.filter(action="reviews.training.exported", subject_id=queue.id)
    assert set(events.values_list("outcome", flat=True)) == {"refused"}
    assert events.count() == 2


def test_i83_content_goes_and_digests_stay(world):
    reviews.queue(world)
    live = reviews.item(world)
    with pytest.raises(StateError):
        erase_item(actor=job_actor("tests"), item_id=live.id)
    row = reviews.settled(world, live, "approve_with_edits", edits={"side": "right"})
    erase_item(actor=job_actor("tests"), item_id=row.id)
    row.refresh_from_db()
    content, decision = ItemContent.objects.get(item=row), Decision.objects.get(item=row)
    assert (content.title, content.fields, content.text, row.asset, decision.edits) == ("", [], "", "", {})
    assert (row.verdict, decision.seen_digest, decision.result_digest) == (
        "approve_with_edits",
        row.digest,
        row.final_digest,
    )
    assert row.citations.get().excerpt == ""
