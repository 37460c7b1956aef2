"""What must always hold in the review room, by number (I70 to I77, I79 to I81, I83, I94)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from auditlog.actors import job_actor
from auditlog.change import audited
from auditlog.errors import AuthorityError, GovernanceError, InvalidInputError, NotFoundError, StateError
from auditlog.models import Event
from outbox.models import Message
from reviews.errors import (
    CitationsRefusedError,
    DigestMismatchError,
    ReceiptUsedError,
    SourceChangedError,
    SourcesUnopenedError,
    StaleClaimError,
    TrainingRefusedError,
)  # fmt: skip
from reviews.models import Claim, Decision, DecisionDraft, FinalityReceipt, ItemContent, ReviewItem
from reviews.services.bulk import refuse_items
from reviews.services.claims import claim_item, claim_next, release_claim, renew_claim
from reviews.services.closing import watch_deadlines
from reviews.services.decisions import decide_item, undo_decision
from reviews.services.drafts import keep_draft, open_source, own_draft
from reviews.services.finality import consume_receipt, finality_of
from reviews.services.intake import submit_item
from reviews.services.keeping import erase_item, refuse_training_export
from reviews.services.settling import outcome, settle_due_items
from reviews.services.sources import put_source_record
from reviews.vocabulary import APPROVING, Criticality
from tenants.services import register_site
from tests.reviews import world as reviews


def later(**delta):
    return time_machine.travel(timezone.now() + dt.timedelta(**delta), tick=True)


def verdict(world, row, held, who="reviewer", **more):
    """Decide with this claim, whatever became of it."""
    given = {"epoch": held.epoch, "seen_digest": row.digest, "verdict": "approve", **more}
    return decide_item(actor=world.actor(who), item_id=row.id, **given)


# I70, I71: one claim, one decision


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
        verdict(world, row, held, who="rosa")
    with pytest.raises(StaleClaimError):
        verdict(world, row, held, epoch=held.epoch + 1)
    with pytest.raises(DigestMismatchError):
        verdict(world, row, held, seen_digest="0" * 64)
    assert not Decision.objects.exists()


def test_i70_nothing_counts_after_the_claim_ended(world):
    reviews.queue(world, lease_seconds=60)
    row = reviews.item(world)
    held = reviews.claim(world, row)
    with later(seconds=61):
        for call in (
            lambda: verdict(world, row, held),
            lambda: renew_claim(actor=world.actor("reviewer"), item_id=row.id, epoch=held.epoch),
        ):
            with pytest.raises(StaleClaimError):
                call()
        assert claim_next(actor=reviews.reviewer(world, "rosa"), queue_id=row.queue_id).epoch == held.epoch + 1
        with pytest.raises(StaleClaimError):
            verdict(world, row, held)


def test_i71_one_decision_in_each_slot(world):
    reviews.queue(world, undo_seconds=8)
    row = reviews.item(world)
    decision = reviews.decide(world, row)
    with pytest.raises(GovernanceError):
        verdict(world, row, decision.claim, verdict="refuse", reason_code="unsafe")
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
    verdict(world, row, claim, verdict="refuse", reason_code="unsafe")
    assert Decision.objects.filter(item=row, undone_at=None).count() == 1
    with later(seconds=9), pytest.raises(StateError):
        undo_decision(actor=world.actor("reviewer"), item_id=row.id)


# I72: the second pair of eyes


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


# I73, I74: time never approves, only people decide


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
        verdict(world, row, held)
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


def test_i74_final_only_when_a_person_decided(world):
    reviews.queue(world, undo_seconds=8)
    row = reviews.item(world)
    product = reviews.product(world)
    assert not finality_of(actor=product, item_id=row.id, digest=row.digest).final
    reviews.decide(world, row)
    assert not finality_of(actor=product, item_id=row.id, digest=row.digest).final
    with later(seconds=9):
        answer = finality_of(actor=product, item_id=row.id, digest=row.digest)
        assert (answer.final, answer.verdict, bool(answer.receipt)) == (True, "approve", True)
        with pytest.raises(DigestMismatchError):
            finality_of(actor=product, item_id=row.id, digest="0" * 64)
    another = reviews.item(world)
    change = audited(world.actor("reviewer"), "reviews.item.settled", subject_kind="reviews.item")
    with change, pytest.raises(IntegrityError), transaction.atomic():
        ReviewItem.objects.filter(pk=another.pk).update(state="final")


# I75, I76, I77: what a draft rests on


def refused(world, **changes):
    with pytest.raises(CitationsRefusedError) as caught:
        submit_item(actor=reviews.product(world), draft=reviews.draft(world, **changes))
    return [one.code for one in caught.value.refused]


def test_i75_every_citation_is_there_the_same_and_of_this_site(world):
    reviews.queue(world)
    good = reviews.source(world)
    other_site = reviews.source(world, site="")
    assert refused(world, sources=[]) == ["MISSING"]
    stale = reviews.cite(good)
    reviews.source(world, good.record, text="CHANGED")
    gone = reviews.source(world)
    put_source_record(
        actor=reviews.product(world), tenant_key="acme", record=gone.record, site_key="north", removed=True
    )
    unknown = reviews.cite(good)
    unknown = type(unknown)(record="WO-NOBODY", digest=unknown.digest, field="task")
    beyond = reviews.cite(other_site, starts=0, ends=9999)
    assert refused(world, citations=[stale, reviews.cite(gone), unknown, beyond]) == [
        "CHANGED", "REMOVED", "MISSING", "RANGE",
    ]  # fmt: skip
    assert not ReviewItem.objects.exists()
    assert Event.objects.filter(action="reviews.item.submitted", outcome="refused").count() == 2


def test_i75_not_of_another_tenant_or_site(world):
    administrator = world.actor("administrator")
    register_site(actor=administrator, tenant_id=world.tenant.id, key="south", name="South")
    register_site(actor=administrator, tenant_id=world.other_tenant.id, key="north", name="North")
    reviews.queue(world)
    elsewhere = reviews.source(world, site="south")
    foreign = reviews.source(world, tenant="acme2")
    assert refused(world, sources=[elsewhere, foreign]) == ["SITE", "MISSING"]


def test_i76_a_changed_source_blocks_approval_and_says_so(world):
    reviews.queue(world)
    source = reviews.source(world)
    row = reviews.item(world, sources=[source])
    held = reviews.claim(world, row)
    reviews.source(world, source.record, text="R/H BUCKET CYL LEAKING.")
    for given in ({"verdict": "approve"}, {"verdict": "approve_with_edits", "edits": {"side": "right"}}):
        with pytest.raises(SourceChangedError, match=source.record):
            verdict(world, row, held, **given)
    verdict(world, row, held, verdict="refuse", reason_code="outdated")


def test_i76_a_removed_source_blocks_too(world):
    reviews.queue(world)
    source = reviews.source(world)
    row = reviews.item(world, sources=[source])
    held = reviews.claim(world, row)
    put_source_record(
        actor=reviews.product(world), tenant_key="acme", record=source.record, site_key="north", removed=True
    )
    with pytest.raises(SourceChangedError):
        verdict(world, row, held)


def test_i77_a_critical_item_is_approved_by_who_opened_every_source(world):
    reviews.queue(world)
    row = reviews.item(world, sources=[reviews.source(world), reviews.source(world)], criticality=Criticality.CRITICAL)
    held = reviews.claim(world, row)
    first, second = row.citations.all()
    open_source(actor=world.actor("reviewer"), item_id=row.id, citation_id=first.id)
    open_source(actor=reviews.reviewer(world, "rosa"), item_id=row.id, citation_id=second.id)
    with pytest.raises(SourcesUnopenedError):
        verdict(world, row, held)
    open_source(actor=world.actor("reviewer"), item_id=row.id, citation_id=second.id)
    assert verdict(world, row, held).sources_opened == 2


def test_i77_critical_items_are_never_refused_in_bulk(world):
    reviews.queue(world)
    row = reviews.item(world, criticality=Criticality.CRITICAL)
    with pytest.raises(InvalidInputError):
        refuse_items(actor=world.actor("reviewer"), item_ids=[row.id], confirmed=1, reason_code="unsafe", reason="No.")


# I79, I80: edits and what is typed


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
            verdict(world, row, held, **given)
    assert verdict(world, row, held).result_digest == row.digest


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


def test_i80_gone_when_the_item_is_final(world):
    reviews.queue(world)
    row = reviews.item(world)
    keep_draft(actor=world.actor("reviewer"), item_id=row.id, reason="Hm")
    reviews.settled(world, row)
    assert not DecisionDraft.objects.exists()


# I83, I94


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


def test_i94_a_receipt_is_used_once_and_ends_the_others(world):
    reviews.queue(world)
    row = reviews.settled(world, reviews.item(world))
    product = reviews.product(world)
    one, two = (finality_of(actor=product, item_id=row.id, digest=row.digest).receipt for _n in range(2))
    consume_receipt(actor=product, item_id=row.id, receipt=one)
    for receipt in (one, two, "rcpt_guessed"):
        with pytest.raises(ReceiptUsedError):
            consume_receipt(actor=product, item_id=row.id, receipt=receipt)
    assert FinalityReceipt.objects.filter(consumed_at__isnull=False).count() == 1
    assert finality_of(actor=product, item_id=row.id, digest=row.digest).receipt == ""
    assert one not in "".join(Event.objects.values_list("body", flat=True))


def test_i94_no_receipt_for_a_refusal_or_for_another_product(world):
    reviews.queue(world)
    row = reviews.settled(world, reviews.item(world), "refuse")
    answer = finality_of(actor=reviews.product(world), item_id=row.id, digest=row.digest)
    assert (answer.final, answer.verdict, answer.receipt) == (True, "refuse", "")
    with pytest.raises(NotFoundError):
        finality_of(actor=reviews.product(world, name="another"), item_id=row.id, digest=row.digest)
    assert APPROVING
    assert not Message.objects.filter(kind="webhook").exists()
