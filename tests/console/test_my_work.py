"""The first page."""

from __future__ import annotations

import datetime as dt

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance import work
from governance.services.roles import request_role_change
from governance.work import WorkItem

URL = reverse("console:my_work")


def ask_for_role(world):
    return request_role_change(
        actor=world.actor("administrator"), person_id=world.person["employee"].id, verb="give", role="vendor_analyst",
        reason="They start on Monday.",
    )  # fmt: skip


def test_shows_what_waits_for_me_with_a_link(world):
    change = ask_for_role(world)
    page = world.client("security_approver").get(URL)
    assert change.approval.title in page.content.decode()
    assert page.context["total"] == 1


def test_shows_what_i_asked_for(world):
    ask_for_role(world)
    page = world.client("administrator").get(URL)
    assert [item.mine for item in page.context["asked"]] == [False]
    assert page.context["total"] == 0


def test_most_urgent_first_and_overdue_counted(world, monkeypatch):
    now = timezone.now()
    items = [
        WorkItem("Vendors", "No hurry", "/a/"),
        WorkItem("Vendors", "Later", "/b/", due=now + dt.timedelta(days=3)),
        WorkItem("Reviews", "Too late", "/c/", due=now - dt.timedelta(hours=1)),
    ]
    monkeypatch.setattr(work, "SOURCES", [lambda actor: items])
    page = world.client("employee").get(URL)
    assert [item.title for item in page.context["mine"]] == ["Too late", "Later", "No hurry"]
    assert page.context["overdue"] == 1
    assert page.context["rooms"] == [("Reviews", 1), ("Vendors", 2)]


def test_one_workflow_at_a_time(world, monkeypatch):
    items = [WorkItem("Vendors", "A", "/a/"), WorkItem("Reviews", "B", "/b/")]
    monkeypatch.setattr(work, "SOURCES", [lambda actor: items])
    page = world.client("employee").get(URL, {"room": "Reviews"})
    assert [item.title for item in page.context["mine"]] == ["B"]
    assert page.context["total"] == 2


def test_nothing_waits(world):
    assert "You are up to date" in world.client("employee").get(URL).content.decode()


def test_stranger_goes_to_sign_in(db):
    assert Client().get(URL).status_code == 302
