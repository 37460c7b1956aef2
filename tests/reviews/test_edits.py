"""What a reviewer changes and types (I79, I80)."""

from __future__ import annotations

import pytest

from auditlog.errors import GovernanceError
from reviews.models import Decision, DecisionDraft, ItemContent
from reviews.services.claims import claim_next, release_claim
from reviews.services.decisions import undo_decision
from reviews.services.drafts import keep_draft, own_draft
from reviews.services.settling import outcome
from tests.clock import later
from tests.reviews import world as reviews


def test_i79_edits_make_a_new_digest_beside_the_draft(world):
    reviews.queue(world)
    row = reviews.settled(
        world, reviews.item(world), "approve_with_edits", edits={"side": "right", "asset": "Excavator A"}
    )
    decision = Decision.objects.get(item=row)
    assert decision.edits == {"side": "right"}
    assert row.final_digest == decision.result_digest != row.digest == decision.seen_digest
    assert {one["name"]: one["value"] for one in ItemContent.objects.get(item=row).fields}["side"] == "left"
    told = outcome(row, decision)
    assert (told["fields"]["side"], told["edited"], told["final_digest"]) == ("right", ["side"], row.final_digest)


def test_i79_an_approval_changes_nothing_and_edits_change_something(world):
    reviews.queue(world)
    row = reviews.item(world)
    held = reviews.claim(world, row)
    for given in (
        {"verdict": "approve", "edits": {"side": "right"}},
        {"verdict": "approve_with_edits", "edits": {"side": "left"}},
        {"verdict": "approve_with_edits", "edits": {"nothing": "x"}},
    ):
        with pytest.raises(GovernanceError):
            reviews.verdict(world, row, held, **given)
    assert reviews.verdict(world, row, held).result_digest == row.digest


def test_i80_what_is_typed_survives_claim_and_session(world):
    reviews.queue(world, lease_seconds=30)
    row = reviews.item(world)
    reviews.claim(world, row)
    keep_draft(actor=world.actor("reviewer"), item_id=row.id, reason="Wrong side", edits={"side": "right"})
    with later(seconds=31):
        theirs = claim_next(actor=reviews.reviewer(world, "rosa"), queue_id=row.queue_id)
        assert own_draft(world.actor("rosa"), row).edits == {}
        keep_draft(actor=world.actor("reviewer"), item_id=row.id, reason="Wrong side!", edits={"side": "right"})
        release_claim(actor=world.actor("rosa"), item_id=row.id, epoch=theirs.epoch)
    kept = own_draft(world.actor("reviewer", session_id="another browser"), row)
    assert (kept.reason, kept.edits) == ("Wrong side!", {"side": "right"})


def test_i80_an_undo_gives_back_what_was_typed(world):
    reviews.queue(world, undo_seconds=8)
    row = reviews.item(world)
    keep_draft(actor=world.actor("reviewer"), item_id=row.id, reason="Hm", edits={"asset": "Excavator B"})
    reviews.decide(world, row, "approve_with_edits", edits={"side": "right"}, reason="Wrong side")
    undo_decision(actor=world.actor("reviewer"), item_id=row.id)
    kept = own_draft(world.actor("reviewer"), row)
    assert (kept.reason, kept.edits, len(kept.opened)) == ("Wrong side", {"side": "right"}, 1)


def test_i80_gone_when_the_item_is_final(world):
    reviews.queue(world)
    row = reviews.item(world)
    keep_draft(actor=world.actor("reviewer"), item_id=row.id, reason="Hm")
    reviews.settled(world, row)
    assert not DecisionDraft.objects.exists()
