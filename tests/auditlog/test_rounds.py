"""I98: the hourly comparison reads a bounded part of the log, and still finds every row changed behind its back."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from auditlog import rounds
from auditlog.change import audited
from auditlog.models import Event, Leaf, Mismatch, Round
from auditlog.rounds import last_sweep, sweep_witnesses
from auditlog.sequencer import seal
from auditlog.witnesses import witnessed_models
from governance.models import Person, Signature
from tests.auditlog.tampering import drop_tail, happen, sql
from tests.auditlog.test_attacks import stored_id

pytestmark = pytest.mark.django_db

TABLE = Signature._meta.db_table


@pytest.fixture
def signatures(world, actor):
    """Eight decided rows, each with its event, all sealed and looked at once; by their ids."""
    first = Signature.objects.first()
    signed = Signature.objects.filter(approval_id=first.approval_id).values("person_id")
    made = []
    for person in Person.objects.exclude(id__in=signed).order_by("id")[:8]:
        with audited(actor, "tests.thing.changed", subject_kind="governance.signature") as change:
            row = Signature.objects.get(pk=first.pk)
            row.pk, row.person, row._state.adding = change.subject_id, person, True
            row.step_up = world.step_up(world.actor("auditor"), "tests")
            change.witness(row)
            made.append(row)
    seal()
    assert sweep_witnesses() == 0
    return sorted(made, key=lambda row: row.pk)


@pytest.fixture
def small(monkeypatch):
    """So small that a run looks at a few rows and events only."""
    monkeypatch.setattr("auditlog.witnesses.CHUNK", 3)
    monkeypatch.setattr(rounds, "ROWS", 3)
    monkeypatch.setattr(rounds, "EVENTS", 40)
    monkeypatch.setattr(rounds, "EVENTS_AT_ONCE", 20)


def tamper(row) -> None:
    sql(f"UPDATE {TABLE} SET verdict = 'reject' WHERE id = %s", stored_id(row.pk))


def kinds() -> dict[str, str]:
    return {row.key.partition("/")[2]: row.kind for row in Mismatch.objects.all()}


def runs_until(found, limit: int) -> int:
    for number in range(1, limit + 1):
        sweep_witnesses()
        if found():
            return number
    pytest.fail(f"Not found in {limit} runs.")


def tour_of_rows() -> int:
    rows = sum(-(-model._base_manager.count() // 3) for model in witnessed_models())
    return rows + 2


def tour_of_events() -> int:
    return Event.objects.count() // 40 + 2


def test_i98_a_fresh_row_changed_behind_the_log_is_found_by_the_next_run(signatures, small, actor, witnessed):
    row = witnessed(actor)
    seal()
    tamper(row)
    sweep_witnesses()
    assert kinds()[str(row.pk)] == "row_changed"


def test_i98_an_old_row_changed_behind_the_log_is_found_within_a_tour(signatures, small, monkeypatch):
    monkeypatch.setattr(rounds, "EVENTS", 0)  # by the round over rows alone
    tamper(signatures[-1])
    tamper(signatures[0])
    wanted = {str(signatures[0].pk): "row_changed", str(signatures[-1].pk): "row_changed"}
    assert runs_until(lambda: kinds() == wanted, tour_of_rows()) > 1


def test_i98_an_old_row_deleted_is_found_within_a_tour(signatures, small):
    gone = signatures[5]
    sql(f"DELETE FROM {TABLE} WHERE id = %s", stored_id(gone.pk))
    runs_until(lambda: kinds() == {str(gone.pk): "row_missing"}, tour_of_events())


def test_i98_a_row_set_back_to_an_earlier_event_is_found_within_a_tour(signatures, small, actor):
    row = Signature.objects.get(pk=signatures[2].pk)
    uid, kept = stored_id(row.event_uid), row.event_hash
    with audited(actor, "tests.thing.changed", subject_kind="governance.signature", subject_id=row.pk) as change:
        change.witness(row)
    seal()
    assert sweep_witnesses() == 0
    sql(f"UPDATE {TABLE} SET event_uid = %s, event_hash = %s WHERE id = %s", uid, kept, stored_id(row.pk))
    runs_until(lambda: kinds() == {str(row.pk): "row_rolled_back"}, tour_of_events())


def test_i98_a_row_nobody_witnessed_is_found_within_a_tour(signatures, small):
    row, forged = signatures[3], uuid.uuid4()
    sql(f"UPDATE {TABLE} SET id = %s WHERE id = %s", stored_id(forged), stored_id(row.pk))
    runs_until(lambda: kinds().get(str(forged)) == "row_rolled_back", tour_of_rows())


def test_an_untouched_log_agrees_over_a_whole_tour(signatures, small, actor, witnessed):
    for _number in range(max(tour_of_rows(), tour_of_events())):
        witnessed(actor)
        seal()
        assert sweep_witnesses() == 0
    assert last_sweep()["whole_at"]


def test_a_run_reads_a_bounded_part_however_long_the_log_is(signatures, small, actor):
    for _number in range(5):
        sweep_witnesses()
    with CaptureQueriesContext(connection) as short:
        sweep_witnesses()
    happen(actor, 400)
    seal()
    while Round.objects.get(name="fresh").position != str(Leaf.objects.order_by("-id").first().pk):
        sweep_witnesses()
    with CaptureQueriesContext(connection) as long:
        sweep_witnesses()
    assert max(len(short), len(long)) <= 60
    assert all("LIMIT" in query["sql"] for query in long if 'FROM "auditlog_leaf"' in query["sql"])


def test_a_run_looks_at_no_more_rows_and_events_than_it_may(signatures, small, actor, monkeypatch):
    happen(actor, 200)
    seal()
    rows, events = [], []
    compare, last = rounds.compare_rows, rounds.last_witnesses
    monkeypatch.setattr(rounds, "compare_rows", lambda some, lasts: rows.extend(some) or compare(some, lasts))
    monkeypatch.setattr(rounds, "last_witnesses", lambda some: events.extend(some) or last(some))
    sweep_witnesses()
    assert 0 < len(rows) <= rounds.ROWS + 2
    assert 0 < len(events) <= 2 * rounds.EVENTS


def test_a_killed_run_goes_on_where_it_was(signatures, small, monkeypatch):
    before = Round.objects.get(name="rows").position
    tamper(signatures[-1])
    compare = rounds.compare_rows
    steps = []

    def once(some, lasts):
        steps.append(some)
        if len(steps) > 1:
            raise KeyboardInterrupt
        return compare(some, lasts)

    monkeypatch.setattr(rounds, "ROWS", 1000)
    monkeypatch.setattr(rounds, "compare_rows", once)
    with pytest.raises(KeyboardInterrupt):
        sweep_witnesses()
    reached = Round.objects.get(name="rows").position
    assert reached == rounds.row_key(steps[0][-1]) != before
    monkeypatch.setattr(rounds, "compare_rows", compare)
    assert sweep_witnesses() == 1


def test_what_was_found_is_an_event_stays_and_goes_once_it_agrees(signatures, small, client, world):
    row = signatures[0]
    tamper(row)
    runs_until(lambda: kinds(), tour_of_rows())
    found = Event.objects.get(action="auditlog.mismatch.found")
    assert found.content["details"] == {"count": 1, "classes": {"row_changed": 1}}
    for _number in range(3):
        sweep_witnesses()
    assert kinds() == {str(row.pk): "row_changed"}
    page = world.client("auditor").get(reverse("auditlog:log_verify"))
    assert "row_changed" in page.content.decode()
    sql(f"UPDATE {TABLE} SET verdict = %s WHERE id = %s", row.verdict, stored_id(row.pk))
    assert sweep_witnesses() == 0
    assert Event.objects.filter(action="auditlog.mismatch.settled").count() == 1
    assert Event.objects.filter(action="auditlog.mismatch.found").count() == 1


def test_the_event_of_a_fresh_row_removed(signatures, small, actor, witnessed):
    row = witnessed(actor)
    seal()
    drop_tail(1)
    runs_until(lambda: kinds().get(str(row.pk)) == "event_missing", tour_of_rows())


def test_a_body_made_unreadable_does_not_stop_the_run(signatures, small):
    event = Event.objects.get(uid=signatures[0].event_uid)
    sql("UPDATE auditlog_event SET body = %s WHERE id = %s", '"states":{"', event.id)
    runs_until(lambda: kinds().get(str(signatures[0].pk)) == "event_changed", tour_of_rows())


def test_the_time_of_the_last_whole_tour_is_kept(signatures):
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=3), tick=False):
        sweep_witnesses()
        assert last_sweep()["whole_at"] == dt.datetime.now(dt.UTC)
