"""What stands around a deletion case: its forecast, the calendar, My work, search, the tenant's page."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.search import search
from governance.work import work_for
from retention.pages.calendar_file import calendar_file, escaped
from retention.queries.calendar import Day
from retention.queries.forecast import will_be_done_on
from retention.services.certifying import ask_certificate
from retention.services.holds import place_hold
from tests.retention import walk
from tests.retention.test_case_pages import OFFICER, answer, shown
from tests.retention.world_cases import case_of
from tests.tenants.world import data_store, day

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world):
    """A case that was opened twelve days ago, with one store somebody attests."""
    return case_of(world, "Nordwind", 12)


@pytest.mark.parametrize("who", ["privacy_officer", "auditor"])
def test_twenty_stores_cost_no_more_than_one(world, case, who):
    for n in range(20):
        facts = {"kind": "attested", "selector": f"Vault {n}", "account": "", "region": "eu-west-1"}
        data_store(world, f"vault-{n}", case.tenant, **facts)
    walk.verified(world, case)
    ask_certificate(actor=world.actor(OFFICER), case_id=case.id)
    client, url = world.client(who), reverse("retention:case_read", args=[case.id])
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    assert len(queries) <= 15


# Forecast.


def test_nobody_knows_the_day_while_somebody_has_to_attest(world, case):
    walk.worked(walk.started(world, case))
    assert will_be_done_on(case) is None
    assert "not known yet" in shown(world, "case_read", case.id)


def test_backups_that_last_longer_than_the_term_are_told_at_once(world):
    case = case_of(world, "Backed up", 12, backup_days=90)
    walk.planned(world, case)
    assert will_be_done_on(case) == day(90)
    assert "misses its deadline" in shown(world, "case_read", case.id)


# Calendar, work, search, the tenant's page.


def test_calendar(world, case):
    place_hold(
        actor=world.actor(OFFICER), tenant_id=case.tenant_id, matter="Lindqvist v. Nordwind", reason="Litigation.",
        owner_id=world.person["auditor"].id, review_on=day(40),
    )  # fmt: skip
    late = case_of(world, "Atlas", 33)
    text = shown(world, "case_calendar")
    assert text.index("Atlas") < text.index("Nordwind")
    assert "overdue" in text
    assert "Lindqvist v. Nordwind" in text
    assert "Lindqvist v. Nordwind" not in shown(world, "case_calendar", kind="due")
    response = answer(world, "case_calendar_file")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert f"UID:due-{late.id}@" in response.content.decode()
    assert f"DTSTART;VALUE=DATE:{late.due_on:%Y%m%d}\r\n" in response.content.decode()


def test_calendar_file_escapes_and_folds():
    title = "Ärger; mit, \\ Zeilen\r\nBEGIN:VEVENT " + "ü" * 80
    lines = calendar_file([Day(dt.date(2026, 3, 1), "due", title, "", "/x", "due-1")]).split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert lines.count(b"BEGIN:VEVENT") == 1
    whole = b"\r\n".join(lines).replace(b"\r\n ", b"").decode()
    assert "SUMMARY:Ärger\\; mit\\, \\\\ Zeilen\\nBEGIN:VEVENT " + "ü" * 80 in whole
    assert escaped("a\x00b\x07c") == "abc"


def test_my_work_tells_officers_what_to_do(world, case):
    def told(who=OFFICER):
        return [item.waiting for item in work_for(world.actor(who)) if "Nordwind" in item.title and item.mine]

    assert told() == ["Take the inventory"]
    assert told("auditor") == []
    walk.planned(world, case)
    assert told() == ["Ask for the approval"]
    walk.worked(walk.started(world, case))
    assert told() == ["Record 1 attestation"]
    walk.attested(world, case)
    assert told() == ["Ask for the certificate"]
    ask_certificate(actor=world.actor(OFFICER), case_id=case.id)
    assert told() == []


def test_search_finds_cases(world, case):
    assert str(case) in [hit.note.split(",")[0] for hit in search(world.actor("auditor"), "nordw")]
    assert [hit.kind for hit in search(world.actor(OFFICER), str(case))].count("Deletion case") == 1
    assert not [hit for hit in search(world.actor("reviewer"), "nordw") if hit.kind == "Deletion case"]


def test_the_tenants_page_leads_to_its_case(world, case):
    url = reverse("governance:tenant_read", args=[case.tenant_id])
    assert reverse("retention:case_read", args=[case.id]) in world.client("auditor").get(url).content.decode()
