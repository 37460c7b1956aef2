"""The review screen: what it shows its holder, and what its verbs do; each typed word comes back."""

from __future__ import annotations

import datetime as dt
import json
import time

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from reviews.models import Claim, Decision, DecisionDraft, Question, ReviewItem
from reviews.services.closing import escalate_item
from reviews.services.decisions import undo_decision
from reviews.services.queues import edit_queue
from tests.reviews import world as reviews


@pytest.fixture
def room(world):
    world.queue = reviews.queue(world, undo_seconds=8)
    world.row = reviews.item(world)
    world.held = reviews.claim(world, world.row)
    world.browser_now = world.client("reviewer")
    return world


def url(name, row, *more):
    return reverse(f"reviews:{name}", args=[row.id, *more])


def given(world, **more):
    return {"epoch": world.held.epoch, "seen_digest": world.row.digest, **more}


def post(world, name, *more, **data):
    return world.browser_now.post(url(name, world.row, *more), given(world, **data))


def page(world, row=None, who="reviewer"):
    return world.client(who).get(url("item_read", row or world.row)).content.decode()


def test_the_holder_sees_the_screen(room):
    html = page(room)
    assert "AI-generated" in html
    assert "anthropic.claude-sonnet-4-5" in html
    assert 'data-verb="approve"' in html
    assert 'href="#source-1"' in html


def test_others_see_the_record(room):
    html = page(room, who="auditor")
    assert "AI-generated" in html
    assert 'data-verb="approve"' not in html


def test_approve_goes_to_the_next(room):
    other = reviews.item(room)
    answer = post(room, "item_decide", verdict="approve")
    assert answer.url == url("item_read", other)
    assert Decision.objects.get().verdict == "approve"
    html = page(room, other)
    assert 'data-undo="' in html
    assert room.row.reference in html


def test_nothing_else_waits(room):
    answer = post(room, "item_decide", verdict="approve")
    assert answer.url == reverse("reviews:queue_list")


def test_undo_brings_it_back_with_what_was_typed(room):
    post(room, "item_decide", verdict="refuse", reason_code="unsafe", reason="The boom is up.")
    answer = post(room, "item_undo")
    assert answer.url == url("item_read", room.row)
    assert "The boom is up." in page(room)


def test_undo_too_late(room):
    post(room, "item_decide", verdict="approve")
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=9)):
        assert post(room, "item_undo").status_code == 409


def test_edits_are_shown_before_they_are_approved(room):
    post(room, "item_draft", **{"edit-1": "right"})
    html = page(room)
    assert '<del class="change change--old">left</del>' in html
    assert '<ins class="change change--new">right</ins>' in html
    assert 'value="approve_with_edits"' in html
    post(room, "item_decide", verdict="approve_with_edits", **{"edit-0": "Excavator A", "edit-1": "right"})
    decision = Decision.objects.get()
    assert decision.edits == {"side": "right"}
    assert decision.result_digest != decision.seen_digest


def test_line_ends_of_a_browser_are_no_edit(room):
    row = reviews.item(room, text="one\ntwo")
    room.row, room.held = row, reviews.claim(room, row)
    post(room, "item_decide", verdict="approve", **{"edit-3": "one\r\ntwo"})
    assert Decision.objects.get().edits == {}


def test_refusing_asks_for_a_reason_and_keeps_what_was_typed(room):
    answer = post(room, "item_decide", verdict="refuse", reason="Not this one.")
    assert answer.status_code == 422
    assert "Choose why you refuse it." in answer.content.decode()
    assert "Not this one." in answer.content.decode()
    assert DecisionDraft.objects.get().reason == "Not this one."


def test_ask_and_answer(room):
    assert post(room, "item_ask", reason="Which side?").status_code == 302
    row = ReviewItem.objects.get(pk=room.row.pk)
    assert row.state == "info_requested"
    owner = room.client("system_owner")
    assert "Which side?" in owner.get(url("item_read", row)).content.decode()
    assert owner.post(url("item_answer", row), {"answer": "The left one."}).status_code == 302
    assert Question.objects.get().answer == "The left one."
    assert "The left one." in page(room)


def test_an_empty_question_is_refused_and_nothing_lost(room):
    answer = post(room, "item_ask", reason="  ")
    assert answer.status_code == 422
    assert "Write a few words." in answer.content.decode()
    assert 'data-tried="ask"' in answer.content.decode()


def test_escalate(room):
    assert post(room, "item_escalate", reason="Too hot for me.").status_code == 302
    assert ReviewItem.objects.get(pk=room.row.pk).escalated_by == room.person["reviewer"]


def test_a_stale_claim_decides_nothing_and_keeps_the_words(room):
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=400)):
        reviews.claim(room, room.row, "rosa")
        room.browser_now = room.client("reviewer")
        answer = post(room, "item_decide", verdict="refuse", reason_code="unsafe", reason="Long typed words.")
        assert answer.status_code == 409
        assert "what you typed is kept" in answer.content.decode()
        assert not Decision.objects.exists()
        assert DecisionDraft.objects.get(person=room.person["reviewer"]).reason == "Long typed words."


def test_take_it_again_keeps_what_the_page_held(room):
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=400)):
        room.browser_now = room.client("reviewer")
        answer = post(room, "item_claim", reason="Half a sentence", **{"edit-1": "right"})
        assert answer.url == url("item_read", room.row)
        html = page(room)
    assert "Half a sentence" in html
    assert "right</textarea>" in html
    assert Claim.objects.filter(ended_at=None).get().epoch == room.held.epoch + 1


def test_renew(room):
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=200)):
        room.browser_now = room.client("reviewer")
        answer = post(room, "item_renew")
    assert 299 <= answer.json()["seconds"] <= 300


def test_renew_says_who_has_it_now(room):
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=400)):
        reviews.claim(room, room.row, "rosa")
        room.browser_now = room.client("reviewer")
        answer = post(room, "item_renew")
    assert answer.status_code == 409
    assert "Rosa" in answer.json()["now"]


def test_a_verb_after_signing_in_again_finds_its_page(room):
    for name in ("item_decide", "item_ask", "item_renew", "item_undo", "item_draft"):
        assert room.browser_now.get(url(name, room.row)).url == url("item_read", room.row)


def test_drafts_are_kept_as_json(room):
    answer = room.browser_now.post(
        url("item_draft", room.row), given(room, reason="So far"), headers={"Accept": "application/json"}
    )
    assert "kept" in json.loads(answer.content)
    assert "So far" in page(room)


def test_i80_a_draft_returns_in_another_browser_after_the_lapse(room):
    post(room, "item_draft", reason="Half", **{"edit-1": "right"})
    with time_machine.travel(timezone.now() + dt.timedelta(hours=2)):
        html = page(room)
        assert "right</textarea>" in html
        assert "Take it again" in html


def test_i77_a_critical_item_waits_for_its_sources(room):
    row = reviews.item(room, criticality="critical", sources=[reviews.source(room), reviews.source(room)])
    room.row, room.held = row, reviews.claim(room, row)
    html = page(room)
    assert "Open the cited sources first: 2 are unread." in html
    assert post(room, "item_decide", verdict="approve").status_code == 422
    for one in row.citations.all():
        assert post(room, "item_source", one.id).url.endswith(f"#source-{one.position + 1}")
    assert "first: 2 are unread" not in (html := page(room))
    assert "first: 1 is unread.</span>" not in html


def test_a_source_comes_as_a_fragment(room):
    one = room.row.citations.get()
    answer = room.browser_now.post(url("item_source", room.row, one.id), headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert html.lstrip().startswith("<article")
    assert 'data-opened="1"' in html
    assert "L/H BUCKET CYL LEAKING." in html


def test_another_items_citation_is_not_there(room):
    other = reviews.item(room)
    assert post(room, "item_source", other.citations.get().id).status_code == 404


def test_digest_only_records_say_so(room):
    record = reviews.put_source_record(
        actor=reviews.product(room), tenant_key="acme", record="SAP-1", site_key="north", content_digest="ab" * 32
    )
    row = reviews.item(room, sources=[record])
    room.row, room.held = row, reviews.claim(room, row)
    post(room, "item_source", row.citations.get().id)
    assert "sent its digest only" in page(room)


def test_i76_a_changed_source_shows_both_and_blocks(room):
    record = reviews.source(room, "WO-77", text="BOLT LOOSE", torque="640 Nm")
    row = reviews.item(room, sources=[record])
    reviews.source(room, "WO-77", text="BOLT LOOSE", torque="980 Nm", hold="LOTO")
    room.row, room.held = row, reviews.claim(room, row)
    html = page(room)
    assert '<del class="change change--old">640 Nm</del>' in html
    assert '<ins class="change change--new">980 Nm</ins>' in html
    assert "LOTO" in html
    assert "A cited source changed since" in html
    answer = post(room, "item_decide", verdict="approve")
    assert answer.status_code == 422
    assert not Decision.objects.exists()


def test_an_own_factor_is_asked_for_inline(room):
    room.queue.step_up = "always"
    edit_queue(actor=room.actor("system_owner"), queue_id=room.queue.id, step_up="always")
    assert 'name="code"' in page(room)
    answer = post(room, "item_decide", verdict="approve", code="000000")
    assert answer.status_code == 422
    assert 'id="id_code_error"' in answer.content.decode()
    assert 'data-tried="approve"' in answer.content.decode()  # the panel that opens again is the one that was used


def test_a_stale_factor_is_asked_for_inline(room):
    session = room.browser_now.session
    session["second_factor_at"] = time.time() - 1200
    session.save()
    assert 'name="code"' in room.browser_now.get(url("item_read", room.row)).content.decode()
    answer = post(room, "item_decide", verdict="approve")
    assert answer.status_code == 422
    assert not Decision.objects.exists()


def test_a_stopped_queue_says_so_and_takes_no_decision(room):
    keeper = room.client("reviewer")
    keeper.post(reverse("reviews:queue_stop", args=[room.queue.id]), {"reason": "It invents torques."})
    html = page(room)
    assert "It invents torques." in html
    assert post(room, "item_decide", verdict="approve").status_code == 422


def test_next_gives_what_is_held_first(room):
    other = reviews.item(room)
    answer = room.browser_now.post(reverse("reviews:item_next"), {"queue": room.queue.id})
    assert answer.url == url("item_read", room.row)
    answer = room.browser_now.post(reverse("reviews:item_next"), {"queue": room.queue.id, "but": room.row.id})
    assert answer.url == url("item_read", other)


def test_release_keeps_the_words(room):
    answer = post(room, "item_release", reason="Later", next="https://evil.example/")
    assert answer.url == reverse("reviews:queue_list")
    assert DecisionDraft.objects.get().reason == "Later"


def test_ai_text_is_inert_on_every_page(room):
    bad = '<img src=x onerror="1">'
    row = reviews.item(room, title=f"Grease \u202e{bad}", reference=f"R-{bad}", text=f"{bad} p\u0430rt")
    for who, path in (
        ("reviewer", url("item_read", row)), ("auditor", url("item_read", row)), ("reviewer", reverse("reviews:item_list")),
        ("reviewer", reverse("reviews:queue_refuse", args=[room.queue.id])), ("reviewer", "/"),
        ("system_owner", reverse("reviews:queue_backlog", args=[room.queue.id])),
    ):  # fmt: skip
        html = room.client(who).get(path).content.decode()
        assert "<img src=x" not in html, path
    room.row, room.held = row, reviews.claim(room, row)
    html = page(room)
    assert "<img src=x" not in html
    assert "right-to-left override" in html
    assert "Cyrillic letter" in html


def test_services_agree_with_the_page_about_undo(room):
    post(room, "item_decide", verdict="approve")
    assert undo_decision(actor=room.actor("reviewer"), item_id=room.row.id).epoch == room.held.epoch + 1
    held = Claim.objects.get(ended_at=None)
    escalate_item(
        actor=room.actor("reviewer"), item_id=room.row.id, epoch=held.epoch, seen_digest=room.row.digest, reason="Up."
    )
