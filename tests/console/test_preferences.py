"""Theme and time zone."""

from __future__ import annotations

import time_machine
from django.urls import reverse

URL = reverse("console:preferences")


def test_keeps_theme_and_zone(world):
    client = world.client("employee")
    answer = client.post(URL, {"theme": "dark", "time_zone": "Europe/Berlin"}, follow=True)
    assert 'data-theme="dark"' in answer.content.decode()
    person = world.person["employee"]
    person.refresh_from_db()
    assert (person.theme, person.time_zone) == ("dark", "Europe/Berlin")


def test_times_are_shown_in_the_zone(world):
    client = world.client("employee")
    client.post(URL, {"theme": "auto", "time_zone": "Asia/Tokyo"})
    with time_machine.travel("2030-05-01T20:30:00Z", tick=False):
        client = world.client("employee")
        page = client.get(URL).content.decode()
    assert "2 May 2030, 05:30" in page


def test_an_unknown_zone_is_refused_at_the_field(world):
    answer = world.client("employee").post(URL, {"theme": "dark", "time_zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert "time_zone" in answer.context["form"].errors


def test_a_zone_that_is_gone_falls_back_to_utc(world, monkeypatch):
    monkeypatch.setattr("governance.models.people.Person.time_zone", "Mars/Olympus", raising=False)
    assert world.client("employee").get(URL).status_code == 200
