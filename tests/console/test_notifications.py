"""The inbox."""

from __future__ import annotations

from django.urls import reverse

from governance.models import Notification
from tests.console.routes import told

URL = reverse("console:notification_list")


def test_shows_my_messages_newest_first_and_counts_them(world):
    told(world, 2)
    page = world.client("auditor").get(URL)
    assert [row.text for row in page.context["page"]] == ["Something happened, 1.", "Something happened, 0."]
    assert "2 unread" in page.content.decode()


def test_never_somebody_elses(world):
    told(world)
    assert len(world.client("employee").get(URL).context["page"]) == 0


def test_open_reads_it_and_goes_where_it_leads(world):
    row = told(world)
    answer = world.client("auditor").post(reverse("console:notification_read", args=[row.id]))
    assert answer["Location"] == "/style/"
    row.refresh_from_db()
    assert row.read_at is not None


def test_reading_is_a_post(world):
    row = told(world)
    assert world.client("auditor").get(reverse("console:notification_read", args=[row.id])).status_code == 405


def test_stranger_finds_none(world):
    row = told(world)
    answer = world.client("employee").post(reverse("console:notification_read", args=[row.id]))
    assert answer.status_code == 404
    row.refresh_from_db()
    assert row.read_at is None


def test_all_read_at_once(world):
    told(world, 3)
    client = world.client("auditor")
    answer = client.post(reverse("console:notifications_read_all"), follow=True)
    assert "3 notifications marked as read." in answer.content.decode()
    assert not Notification.objects.filter(read_at=None, person=world.person["auditor"]).exists()


def test_unread_alone(world):
    row = told(world)
    client = world.client("auditor")
    client.post(reverse("console:notification_read", args=[row.id]))
    assert len(client.get(URL, {"show": "unread"}).context["page"]) == 0
