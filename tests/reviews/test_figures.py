"""Figures of the reviews: the formulas, what is counted, who sees it, how many queries it takes."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from auditlog.change import audited
from reviews.bias import differences, signals
from reviews.charts import forest, trend
from reviews.models import Decision, ReviewItem, Seed
from reviews.queries.figures import CUTS, Line, Report, Tally, Wanted, report_for
from reviews.services.queues import edit_queue
from reviews.statistics import Rate, kappa, percentile, wilson
from tests.reviews import world as reviews

TODAY = timezone.now().date()
PERIOD = Wanted(TODAY - dt.timedelta(days=40), TODAY + dt.timedelta(days=1))


# Formulas


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [  # Newcombe 1998, table I, method 3 (Wilson without continuity correction)
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_wilson_against_published_values(hits, of, low, high):
    assert wilson(hits, of) == pytest.approx((low, high), abs=5e-5)


def test_wilson_of_nothing_is_everything():
    assert wilson(0, 0) == (0.0, 1.0)


def test_kappa_against_a_worked_example():
    # Cohen's example as in textbooks: 20 + 15 agreed of 50, expected 0.5.
    table = {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}
    assert kappa(table) == pytest.approx(0.4)
    assert kappa({("yes", "yes"): 9}) is None
    assert kappa({}) is None


def test_percentiles_by_nearest_rank():
    histogram = Counter({15: 1, 20: 1, 35: 1, 40: 1, 50: 1})
    assert [percentile(histogram, share) for share in (0.05, 0.3, 0.4, 0.5, 1.0)] == [15, 20, 20, 35, 50]
    assert percentile({}, 0.5) is None


def test_below_a_hundred_nothing_is_said():
    assert Rate(50, 99).percent == "not enough data"
    assert Rate(50, 99).range == "99 of 100 needed"
    assert Rate(50, 100).percent == "50.0 %"
    assert Rate(50, 100).range == "40.4 to 59.6 %"
    assert Rate(90, 99).differs(Rate(10, 1000)) == 0
    assert Rate(90, 100).differs(Rate(10, 1000)) == 1
    assert Rate(1, 100).differs(Rate(500, 1000)) == -1


# What is counted


@pytest.fixture
def busy(world):
    """Two queues; an approval, an edit, a refusal, a blind pair, a seed that passed and one that was caught."""
    queue = reviews.queue(world)
    reviews.settled(world, reviews.item(world))
    reviews.settled(world, reviews.item(world), "approve_with_edits", edits={"side": "right"}, who="rosa")
    reviews.settled(world, reviews.item(world), "refuse", who="rosa")
    for verdict in ("approve", "refuse"):
        reviews.settled(world, reviews.item(world), who="third")
        seed = reviews.seed_of(world, queue)
        reviews.settled(world, seed.item, verdict, who="fourth")
    edit_queue(actor=world.actor("system_owner"), queue_id=queue.id, seeded_percent=0)
    return queue


def test_override_rate_counts_edits_and_refusals_of_real_drafts(world, busy):
    whole = report_for(world.actor("auditor"), PERIOD).whole
    assert (whole.decided, whole.overridden) == (5, 2)
    assert (whole.seeds, whole.caught) == (2, 1)
    assert whole.received == 5
    assert whole.singly == whole.read == 5
    assert whole.seconds.total() == 5


@pytest.mark.parametrize("cut", CUTS)
def test_every_cut_sums_to_the_whole(world, busy, cut):
    report = report_for(world.actor("auditor"), Wanted(PERIOD.starts, PERIOD.ends, None, cut))
    assert sum(line.tally.decided for line in report.lines) == report.whole.decided == 5
    assert sum(line.tally.seeds for line in report.lines) == report.whole.seeds == 2
    assert all(line.name for line in report.lines)


def test_by_person(world, busy):
    report = report_for(world.actor("auditor"), Wanted(PERIOD.starts, PERIOD.ends, None, "person"))
    lines = {line.name: (line.tally.decided, line.tally.overridden, line.tally.seeds) for line in report.lines}
    assert lines["Rosa"] == (2, 2, 0)
    assert lines["Fourth"] == (0, 0, 2)


def test_blind_pairs(world):
    reviews.queue(world, second_review="all")
    row = reviews.item(world)
    reviews.settled(world, row)
    reviews.settled(world, row, who="rosa")
    row = reviews.item(world)
    reviews.settled(world, row)
    reviews.settled(world, row, "refuse", who="rosa")
    for cut in CUTS:
        whole = report_for(world.actor("auditor"), Wanted(PERIOD.starts, PERIOD.ends, None, cut)).whole
        assert whole.pairs == {("approve", "approve"): 1, ("approve", "refuse"): 1}
        assert whole.agreed == 1
    by = report_for(world.actor("auditor"), Wanted(PERIOD.starts, PERIOD.ends, None, "person"))
    assert [line.tally.agreement for line in by.lines] == [Rate(1, 2), Rate(1, 2)]


def test_outside_the_period_or_queue_nothing_counts(world, busy):
    actor = world.actor("auditor")
    before = Wanted(TODAY - dt.timedelta(days=40), TODAY - dt.timedelta(days=2))
    assert report_for(actor, before).whole == Tally()
    elsewhere = reviews.queue(world, kind="other")
    assert report_for(actor, Wanted(PERIOD.starts, PERIOD.ends, elsewhere.id)).whole.decided == 0
    assert report_for(actor, Wanted(PERIOD.starts, PERIOD.ends, busy.id)).whole.decided == 5


def test_i81_seeds_are_in_no_figure_but_the_catch_rate(world, busy):
    whole = report_for(world.actor("auditor"), PERIOD).whole
    assert Decision.objects.filter(is_seeded=True).count() == 2
    assert ReviewItem.objects.filter(is_seeded=True).count() == 2
    assert (whole.decided, whole.received, whole.seconds.total(), whole.approved) == (5, 5, 5, 4)


# Who sees it


def test_a_reviewer_sees_their_own_line_only(world, busy):
    report = report_for(world.actor("rosa"), Wanted(PERIOD.starts, PERIOD.ends, None, "person"))
    assert [line.name for line in report.lines] == ["Rosa"]
    assert (report.whole.decided, report.whole.received, report.oversees) == (2, 0, False)
    assert report_for(world.actor("fourth"), PERIOD).whole.seeds == 2
    assert report_for(world.actor("reviewer"), PERIOD).whole.seeds == 0


def test_the_owner_of_another_tenant_sees_nothing(world, busy):
    world.person["stranger"] = world.person["vendor_analyst"]
    world.give("stranger", "system_owner", tenant_id=world.other_tenant.id)
    assert report_for(world.actor("stranger"), PERIOD).whole == Tally()


@pytest.mark.parametrize("who", ["auditor", "rosa"])
def test_the_page_in_few_queries(world, busy, who):
    client = world.client(who)
    client.get("/reviews/figures/")  # the first page of a session notes the session
    for cut in CUTS:
        with CaptureQueriesContext(connection) as asked:
            page = client.get("/reviews/figures/", {"cut": cut})
        assert page.status_code == 200
        assert len(asked) <= 15, [query["sql"][:90] for query in asked]
        assert ("Your figures" in page.text) == (who == "rosa")


def test_a_wrong_period_is_said_and_the_last_days_are_shown(world, busy):
    page = world.client("auditor").get("/reviews/figures/", {"starts": "2026-05-02", "ends": "2026-05-01", "cut": "x"})
    assert "The period ends before it begins" in page.text
    assert page.context["whole"].decided == 5


@pytest.mark.parametrize(
    "query", [{"starts": "x"}, {"queue": "nonsense"}, {"starts": "0001-01-01"}, {"ends": "9999-12-31"}]
)
def test_mangled_parameters_break_nothing(world, busy, query):
    assert world.client("auditor").get("/reviews/figures/", query).status_code == 200


def test_nothing_yet_says_so(world):
    reviews.queue(world)
    assert "Nothing was decided in this period" in world.client("auditor").get("/reviews/figures/").text


def test_the_table_as_csv_and_xlsx(world, busy):
    client = world.client("auditor")
    body = client.get("/reviews/figures/export/csv/", {"cut": "person"}).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert {row["Person"]: row["Decided"] for row in rows}["Everything"] == "5"
    assert client.get("/reviews/figures/export/xlsx/").content[:2] == b"PK"
    assert client.get("/reviews/figures/export/pdf/").status_code == 404


# Signs


def report(whole: Tally, lines: list[Line] | None = None, months: list[Line] | None = None) -> Report:
    return Report(PERIOD, whole, lines or [], months or [], True)


def titles(found):
    return [one.title for one in found]


def test_signs_are_silent_without_enough_data():
    assert signals(report(Tally(decided=99, approved=99, fast=99, unopened=99, seeds=99))) == []


def test_signs_of_too_much_trust():
    pairs = Counter({("approve", "approve"): 90, ("approve", "refuse"): 20, ("refuse", "approve"): 20})
    whole = Tally(decided=1000, overridden=1, approved=999, fast=300, unopened=400, seeds=200, caught=80, pairs=pairs)
    assert titles(signals(report(whole))) == [
        "Very fast approvals", "Sources not opened", "Nearly everything is approved as drafted", "Errors pass",
        "Reviewers agree little more than by chance",
    ]  # fmt: skip


def test_a_decline_is_named_and_a_wobble_is_not():
    def months(*overridden):
        return [Line(n, str(n), Tally(decided=500, overridden=one)) for n, one in enumerate(overridden)]

    whole = Tally(decided=2000, overridden=300)
    assert titles(signals(report(whole, months=months(100, 110, 40, 30)))) == ["Overrides decline"]
    assert titles(signals(report(whole, months=months(100, 110, 95, 90)))) == ["Nothing stands out"]


def test_differences_only_where_intervals_do_not_overlap():
    north, south = Tally(decided=500, overridden=200), Tally(decided=500, overridden=50)
    few = Tally(decided=50, overridden=50)
    whole = Tally(decided=1050, overridden=300)
    found = differences(report(whole, [Line(1, "North", north), Line(2, "South", south), Line(3, "East", few)]))
    assert titles(found) == ["North: more drafts changed or refused", "South: fewer drafts changed or refused"]
    assert "40.0 % (35.8 to 44.4 %) against" in found[0].text


# Charts


def test_charts_stay_inside_their_box():
    drawn = forest([("a", Rate(100, 100)), ("b", Rate(0, 100)), ("few", Rate(1, 9))], Rate(100, 200))
    assert [row.name for row in drawn.rows] == ["a", "b"]
    assert all(0 <= row.left <= row.left + row.width <= 100.01 and 0 <= row.dot <= 100 for row in drawn.rows)
    assert trend([("May", Rate(1, 100))]) is None
    line = trend([("May", Rate(1, 100)), ("Jun", Rate(30, 100))])
    assert all(0 <= float(part) <= 600 for pair in line.band.split() for part in pair.split(","))


def test_late_and_expired(world):
    queue = reviews.queue(world, decision_minutes=5, high_minutes=5, critical_minutes=5, expire_minutes=60)
    late, gone = reviews.item(world), reviews.item(world)
    held = reviews.claim(world, late)
    with audited(world.actor("reviewer"), "reviews.claim.renewed", subject_kind="reviews.item"):
        ReviewItem.objects.filter(queue=queue).update(due_at=timezone.now() - dt.timedelta(minutes=1))
        ReviewItem.objects.filter(pk=gone.pk).update(state="expired")
    assert held
    reviews.settled(world, late)
    whole = report_for(world.actor("auditor"), PERIOD).whole
    assert (whole.late, whole.expired, whole.breached, whole.received) == (1, 1, 2, 2)
    assert Seed.objects.count() == 0
