"""The lists: filtered, sorted, searched, taken away; the register answers everybody."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from governance.exports import neutralised
from governance.search import search
from governance.work import work_for
from tests.vendors import world as company
from vendors.queries.register import Wanted, ask_register, list_services
from vendors.risk import inherent_risk, residual_risk
from vendors.services.submission import submit_assessment
from vendors.services.vendors import VendorDetails, add_vendor
from vendors.vocabulary import Risk


@pytest.fixture
def approved(world):
    company.add_claude(world, "Claude on the free plan", plan_tier="free", hosting="direct")
    return company.approve(world, requested_until=company.days(20)).service


def names(rows):
    return [row.name for row in rows]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"state": "approved"}, True), ({"state": "never"}, False), ({"plan": "enterprise"}, True),
        ({"plan": "free"}, False),
        ({"hosting": "bedrock"}, True), ({"data_class": "personal"}, True), ({"data_class": "sensitive"}, None),
        ({"within_days": 30}, True), ({"within_days": 5}, None), ({"words": "anthropic bedrock"}, True),
        ({"words": "sonnet"}, "both"), ({"words": "nothing"}, None),
    ],
)  # fmt: skip
def test_filters(approved, wanted, found):
    expected = {
        True: [approved.name], False: ["Claude on the free plan"], None: [],
        "both": ["Claude on Bedrock", "Claude on the free plan"],
    }[found]  # fmt: skip
    assert names(list_services(Wanted(**wanted)).order_by("name")) == expected


def test_the_register_puts_the_answer_first(world, approved):
    rows = ask_register(Wanted(data_class="personal", purpose="inference")).order_by("rank", "name")
    assert [(row.name, row.rank) for row in rows] == [(approved.name, 0), ("Claude on the free plan", 2)]
    rows = ask_register(Wanted(data_class="sensitive")).order_by("rank", "name")
    assert [row.rank for row in rows] == [1, 2]


def test_the_register_says_until_when_and_why_not(world, approved):
    page = world.client("employee").get(reverse("vendors:register"), {"q": "claude"}).content.decode()
    assert "Only through the gateway." in page
    assert "Nobody has approved it" in page


def test_a_lapse_shows_in_the_register_without_any_job(world, approved):
    with time_machine.travel(timezone.now() + dt.timedelta(days=30), tick=False):
        assert names(list_services(Wanted(state="lapsed"))) == [approved.name]
        assert names(list_services(Wanted(state="approved"))) == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "|calc", "%0A"])
def test_formulas_are_neutralised(text):
    assert neutralised(text).startswith("'")


@pytest.mark.parametrize("text", ["Claude", "a=b", "1-2", ""])
def test_other_cells_stay(text):
    assert neutralised(text) == text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_list_is_taken_away_as_shown_and_harmless(world, form):
    company.add_claude(world, "=cmd|' /C calc'!A0")
    company.add_claude(world, "Plain", plan_tier="team")
    url = reverse("vendors:vendor_export", args=[form])
    answer = world.client("auditor").get(url, {"plan": "enterprise"})
    assert "attachment" in answer["Content-Disposition"]
    if form == "csv":
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert [row[1] for row in rows[1:]] == ["'=cmd|' /C calc'!A0"]


def test_an_unknown_form_is_404(world):
    assert world.client("auditor").get(reverse("vendors:vendor_export", args=["exe"])).status_code == 404


def test_everybody_finds_services_and_only_readers_find_vendors(world, approved):
    found = search(world.actor("employee"), "bedrock")
    assert [(hit.kind, hit.note) for hit in found] == [("Service", "approved for use")]
    assert {"Vendor", "Service"} <= {hit.kind for hit in search(world.actor("auditor"), "anthropic")}
    assert {hit.kind for hit in search(world.actor("employee"), "anthropic")} == {"Service"}


def test_my_work_says_who_holds_a_draft_and_what_waits(world):
    company.complete(world, without="isolation")
    assert "yours to complete and submit" in [item.waiting for item in work_for(world.actor("vendor_analyst"))]
    row = company.complete(world, company.add_claude(world, "Second"))
    finding = company.finding_on(world, row)
    titles = [item.title for item in work_for(world.actor("system_owner"))]
    assert f"Mend: {finding.title}" in titles


def test_my_work_asks_the_approver(world):
    row = company.complete(world)
    submit_assessment(actor=world.actor("vendor_analyst"), assessment_id=row.id)
    assert any("Claude on Bedrock" in item.title for item in work_for(world.actor("security_approver")))
    assert any(not item.mine for item in work_for(world.actor("vendor_analyst")))


def test_nothing_typed_is_lost_and_the_error_is_at_its_field(world):
    add_vendor(actor=world.actor("vendor_analyst"), details=VendorDetails(name="Anthropic"))
    answer = world.client("vendor_analyst").post(
        reverse("vendors:vendor_add"), {"name": "anthropic", "notes": "Met at the fair."}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Met at the fair." in page
    assert "already a vendor of this name" in page


@pytest.mark.parametrize("words", ["\x00", "'; DROP TABLE", "%", "🦜" * 200, "<script>"])
def test_odd_words_are_no_error(world, words):
    for name in ("vendors:vendor_list", "vendors:register"):
        assert (
            world.client("auditor").get(reverse(name), {"q": words, "sort": words, "after": words}).status_code == 200
        )


@pytest.mark.parametrize(
    ("classes", "criticality", "hosting", "level"),
    [
        (["operational"], 1, "self", Risk.LOW), (["operational"], 2, "direct", Risk.MEDIUM),
        (["personal"], 3, "bedrock", Risk.HIGH), (["sensitive"], 1, "self", Risk.HIGH),
        (["sensitive"], 3, "direct", Risk.CRITICAL), ([], 1, "self", None), (["personal"], None, "self", None),
    ],
)  # fmt: skip
def test_inherent_risk(classes, criticality, hosting, level):
    assert inherent_risk(classes, criticality, hosting) == level


@pytest.mark.parametrize(
    ("score", "isolated", "unsolved", "level"),
    [
        (None, None, [], Risk.HIGH), (90, True, [], Risk.LOW), (40, True, [], Risk.HIGH), (40, False, [], Risk.CRITICAL),
        (90, True, [3], Risk.HIGH), (90, True, [4, 1], Risk.CRITICAL),
    ],
)  # fmt: skip
def test_residual_risk(score, isolated, unsolved, level):
    assert residual_risk(Risk.HIGH, score, isolated, unsolved) == level


def test_the_page_with_the_decision_panel_costs_twelve_queries(world):
    row = company.complete(world)
    submit_assessment(actor=world.actor("vendor_analyst"), assessment_id=row.id)
    for role in ("vendor_analyst", "security_approver", "privacy_officer"):
        client, url = world.client(role), reverse("vendors:assessment_read", args=[row.id])
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        assert len(queries) <= 12, role
