"""What only PostgreSQL can show: the guard at commit, and writers at once."""

from __future__ import annotations

import threading
import uuid
from collections import Counter

import pytest
from django.db import DatabaseError, connection, connections, transaction

from auditlog.change import audited
from auditlog.errors import StateError
from auditlog.models import Event, Leaf, Pending
from auditlog.sequencer import seal
from auditlog.verify import verify_database
from tenants.models import Tenant

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def tenant_by(actor, key="acme"):
    with audited(actor, "tests.thing.changed", subject_kind="tenants.tenant") as change:
        Tenant.objects.create(id=change.subject_id, key=key, name=key)
    return change.subject_id


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tenants_tenant SET name = 'Other'",
        "DELETE FROM tenants_tenant",
        "INSERT INTO tenants_site (id, tenant_id, key, name) SELECT gen_random_uuid(), id, 'x', 'x' FROM tenants_tenant",
    ],
)
def test_i14_raw_sql_without_an_event_is_refused_at_commit(actor, statement):
    tenant_by(actor)
    with (
        pytest.raises(DatabaseError, match="without an audit event"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list(Tenant.objects.values_list("name", flat=True)) == ["acme"]


def test_i14_truncating_a_governed_table_is_refused(actor):
    tenant_by(actor)
    with pytest.raises(DatabaseError, match="only grows"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE tenants_tenant CASCADE")


def test_i14_the_event_of_an_earlier_transaction_does_not_count(actor):
    tenant_by(actor)
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('countersign.audited', (pg_current_xact_id()::text), false)")
        cursor.execute("UPDATE tenants_tenant SET name = 'Other'")


def test_i14_a_change_with_its_event_commits(actor):
    assert Tenant.objects.get(id=tenant_by(actor)).key == "acme"
    assert Event.objects.count() == 1


def at_once(workers, work):
    errors = []

    def run(number):
        try:
            work(number)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_i98_writers_and_sequencers_at_once_lose_nothing_and_leave_no_gap(actor):
    rounds, writers = 25, 8

    def work(number):
        for turn in range(rounds):
            if number >= writers:
                seal()
                continue
            try:
                with audited(actor, "tests.thing.changed", subject_kind="tests.thing") as change:
                    change.details["n"] = turn
                    if turn % 5 == 4:
                        raise StateError("No.")
            except StateError:
                pass

    at_once(writers + 2, work)
    seal()
    wanted = writers * rounds * 4 // 5
    assert Event.objects.count() == Leaf.objects.count() == wanted
    assert not Pending.objects.exists()
    assert list(Leaf.objects.order_by("index").values_list("index", flat=True)) == list(range(wanted))
    numbers = Counter((e.content["writer"], e.content["n"]) for e in Event.objects.all())
    assert set(numbers.values()) == {1}
    assert verify_database().findings == []


def test_i98_what_happens_to_one_thing_is_sealed_in_that_order(actor):
    tenant = tenant_by(actor)

    def work(number):
        for _turn in range(10):
            with audited(actor, "tests.thing.changed", subject_kind="tenants.tenant", subject_id=tenant) as change:
                row = Tenant.objects.select_for_update().get(id=tenant)
                row.name = str(int(row.name) + 1) if row.name.isdigit() else "1"
                row.save()
                change.details["count"] = int(row.name)
            seal()

    at_once(4, work)
    seal()
    events = Event.objects.in_bulk(Leaf.objects.order_by("index").values_list("event_id", flat=True))
    order = [
        events[i].content["details"].get("count", 0)
        for i in Leaf.objects.order_by("index").values_list("event_id", flat=True)
    ]
    assert order == sorted(order)


def test_an_uncertain_commit_changes_the_writer(actor, monkeypatch):
    tenant_by(actor, "a")
    before = Event.objects.get().content["writer"]

    def broken():
        connection.connection.rollback()
        raise DatabaseError("the connection broke")

    with (
        monkeypatch.context() as patched,
        pytest.raises(DatabaseError),
        audited(actor, "tests.thing.changed", subject_kind="tests.thing", subject_id=uuid.uuid4()),
    ):
        patched.setattr(connection, "_commit", broken)
    tenant_by(actor, "b")
    bodies = [event.content for event in Event.objects.order_by("id")]
    assert [(body["writer"] == before, body["n"]) for body in bodies] == [(True, 1), (False, 1)]
    seal()
    assert verify_database().findings == []
