"""Queues on their pages: opened, edited, stopped; the backlog moved and refused; skills, absences, lists, exports."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from governance.models import Notification
from governance.search import search
from governance.work import work_for
from reviews.models import Absence, Queue, ReviewerSkill, ReviewItem
from tests.reviews import world as reviews

RULES = {
    "name": "Dispatch", "decision_minutes": 60, "high_minutes": 30, "critical_minutes": 10, "expire_minutes": 600,
    "second_review": "critical", "step_up": "critical", "second_factor_minutes": 15, "lease_seconds": 300,
    "undo_seconds": 8, "most_claims": 3, "most_per_hour": 0, "seeded_percent": 0, "keep_days": 90,
}  # fmt: skip


@pytest.fixture
def room(world):
    world.queue = reviews.queue(world)
    world.rows = [reviews.item(world) for _n in range(3)]
    return world


def post(world, who, name, /, *args, **data):
    return world.client(who).post(reverse(f"reviews:{name}", args=args), data)


def get(world, who, name, *args, query=""):
    return world.client(who).get(reverse(f"reviews:{name}", args=args) + query).content.decode()


def test_open_a_queue(world):
    owner = world.person["system_owner"].id
    answer = post(world, "system_owner", "queue_open", tenant=world.tenant.id, kind="parts", owner=owner, **RULES)
    queue = Queue.objects.get()
    assert answer.url == reverse("reviews:queue_read", args=[queue.id])
    assert queue.critical_minutes == 10


def test_rules_out_of_reach_are_told_at_the_field(world):
    bad = RULES | {"expire_minutes": 20}
    owner = world.person["system_owner"].id
    answer = post(world, "system_owner", "queue_open", tenant=world.tenant.id, kind="parts", owner=owner, **bad)
    assert answer.status_code == 422
    assert "expire before they are due" in answer.content.decode()


def test_edit_reasons(room):
    owner = room.person["system_owner"].id
    reasons = "torque: Wrong torque\nside: Wrong side"
    post(room, "system_owner", "queue_edit", room.queue.id, owner=owner, reasons=reasons, **RULES)
    assert Queue.objects.get().reasons == {"torque": "Wrong torque", "side": "Wrong side"}
    assert "torque: Wrong torque" in get(room, "system_owner", "queue_edit", room.queue.id)


def test_stop_and_start(room):
    post(room, "reviewer", "queue_stop", room.queue.id, reason="It invents torques.")
    assert "It invents torques." in get(room, "reviewer", "queue_list")
    assert post(room, "reviewer", "queue_resume", room.queue.id).status_code == 403
    post(room, "system_owner", "queue_resume", room.queue.id)
    assert not Queue.objects.get().is_stopped


def test_counts_are_told(room):
    with time_machine.travel(timezone.now() + dt.timedelta(hours=5)):
        html = get(room, "reviewer", "queue_list")
    assert "<dt>late</dt><dd>3</dd>" in html


def test_take_next_from_the_list(room):
    answer = room.client("reviewer").post(reverse("reviews:item_next"), {"queue": room.queue.id})
    assert answer.url == reverse("reviews:item_read", args=[room.rows[0].id])


def test_move_to_somebody_and_back(room):
    rosa = reviews.reviewer(room, "rosa")
    ids = [room.rows[0].id, room.rows[1].id]
    post(room, "system_owner", "queue_move", room.queue.id, items=ids, person=rosa.id)
    assert ReviewItem.objects.filter(kept_for_id=rosa.id).count() == 2
    assert Notification.objects.filter(person_id=rosa.id, kind="reviews.assigned").count() == 2
    html = get(room, "system_owner", "queue_backlog", room.queue.id)
    assert "0 held, 2 kept" in html
    assert [item.waiting for item in work_for(rosa) if room.rows[0].reference in item.title] == ["Kept for you"]
    post(room, "system_owner", "queue_move", room.queue.id, items=ids, person="")
    assert not ReviewItem.objects.filter(kept_for_id=rosa.id).exists()


def test_moving_nothing_is_told(room):
    answer = post(room, "system_owner", "queue_move", room.queue.id)
    assert answer.status_code == 422
    assert "Choose the items first." in answer.content.decode()


def test_bulk_refusal_asks_for_the_number(room):
    ids = [row.id for row in room.rows]
    data = {"items": ids, "reason_code": "outdated", "reason": "All of the old plan."}
    answer = post(room, "reviewer", "queue_refuse", room.queue.id, confirmed=2, **data)
    assert answer.status_code == 422
    assert "Type 3" in answer.content.decode()
    assert post(room, "reviewer", "queue_refuse", room.queue.id, confirmed=3, **data).status_code == 302
    assert ReviewItem.objects.filter(decisions__verdict="refuse").count() == 3


def test_critical_drafts_are_not_offered_in_bulk(room):
    row = reviews.item(room, criticality="critical")
    assert str(row.id) not in get(room, "reviewer", "queue_refuse", room.queue.id)


def test_skills(room):
    person = room.person["reviewer"].id
    post(room, "system_owner", "skill_give", person=person, skill="hydraulics")
    skill = ReviewerSkill.objects.get()
    assert "hydraulics" in get(room, "system_owner", "skill_list")
    post(room, "system_owner", "skill_end", skill.id)
    assert not ReviewerSkill.objects.filter(ended_at=None).exists()


def test_absences(room):
    day = timezone.now() + dt.timedelta(days=1)
    data = {
        "starts_at": day.strftime("%Y-%m-%dT%H:%M"),
        "ends_at": (day + dt.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M"),
    }
    person, rosa = room.person["reviewer"].id, reviews.reviewer(room, "rosa")
    assert post(room, "reviewer", "absence_plan", person=person, cover=rosa.id, **data).status_code == 302
    assert "Rosa" in get(room, "reviewer", "absence_list")
    assert post(room, "reviewer", "absence_plan", person=rosa.id, **data).status_code == 422
    assert post(room, "reviewer", "absence_cancel", Absence.objects.get().id).status_code == 302
    assert not Absence.objects.filter(cancelled_at=None).exists()


def test_filters_live_in_the_address(room):
    reviews.claim(room, room.rows[0])
    late = reviews.item(room, criticality="high", reference="HX-9")
    html = get(room, "reviewer", "item_list", query="?criticality=high")
    assert "HX-9" in html
    assert room.rows[1].reference not in html
    html = get(room, "reviewer", "item_list", query="?holder=mine")
    assert room.rows[0].reference in html
    assert "HX-9" not in html
    assert "HX-9" in get(room, "reviewer", "item_list", query="?q=hx-")
    assert late.reference in get(room, "auditor", "item_list", query=f"?state=live&site={room.site.id}")


def test_i78_the_label_is_in_every_export(room):
    for form in ("csv", "xlsx"):
        answer = room.client("auditor").get(reverse("reviews:item_export", args=[form]))
        assert answer.status_code == 200
    text = room.client("auditor").get(reverse("reviews:item_export", args=["csv"])).content.decode("utf-8-sig")
    assert text.count("AI-generated") == 3


def test_work_and_search(room):
    reviews.claim(room, room.rows[0])
    reviewer = room.actor("reviewer")
    said = {item.waiting for item in work_for(reviewer)}
    assert {"You hold it", "2 drafts wait"} <= said
    assert next(hit.title for hit in search(reviewer, room.rows[1].reference)).startswith(room.rows[1].reference)
    assert search(room.actor("employee"), room.rows[1].reference) == []
    with time_machine.travel(timezone.now() + dt.timedelta(hours=5)):
        owner = room.actor("system_owner")
        assert "Past its deadline" in {item.waiting for item in work_for(owner)}


@pytest.mark.parametrize("name", ["item_read", "item_claim", "item_decide", "item_draft", "item_renew", "item_answer"])
def test_another_tenants_and_sites_items_are_not_there(room, name):
    reviews.reviewer(room, "stranger")
    assignment = room.person["stranger"].roles.get()
    room.person["outsider"] = reviews.add_person(
        actor=room.actor("administrator"), email="outsider@example.com", name="Outsider"
    )
    room.give("outsider", "reviewer", tenant_id=room.other_tenant.id)
    assert assignment.tenant_id == room.tenant.id
    address = reverse(f"reviews:{name}", args=[room.rows[0].id])
    client = room.client("outsider")
    answer = client.get(address) if name == "item_read" else client.post(address)
    assert answer.status_code == 404
    assert room.rows[0].reference not in client.get(reverse("reviews:item_list")).content.decode()
    assert room.rows[0].reference not in client.get(reverse("reviews:item_export", args=["csv"])).content.decode()
    assert "Dispatch records" not in client.get(reverse("reviews:queue_list")).content.decode()
    assert client.get(reverse("reviews:queue_read", args=[room.queue.id])).status_code == 404
