"""I97: the database itself refuses to change or empty the log, whoever asks in SQL."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from auditlog.change import audited
from auditlog.fences import APPEND_ONLY
from auditlog.models import Checkpoint, Event, SigningKey, Tile
from auditlog.sequencer import seal
from auditlog.tree import current_origin

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(actor):
    for _ in range(3):
        with audited(actor, "tests.thing.changed", subject_kind="tests.thing"):
            pass
    seal()
    origin = current_origin()
    Tile.objects.create(origin=origin, level=7, index=0, hashes=b"", root=b"")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert Checkpoint.objects.exists()
    assert SigningKey.objects.exists()


def attempt(sql):
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_i97_update_is_refused(log, table):
    attempt(f"UPDATE {table} SET id = id")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_i97_delete_is_refused(log, table):
    attempt(f"DELETE FROM {table}")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_i97_truncate_is_refused(log, table):
    attempt(f"TRUNCATE {table} CASCADE" if connection.vendor == "postgresql" else f"DELETE FROM {table} WHERE 1")


@pytest.mark.skipif("connection.vendor != 'sqlite'")
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_i97_insert_or_replace_is_refused(log, table):
    attempt(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_i97_replacing_an_event_under_a_new_id_is_refused(log):
    columns = [f.column for f in Event._meta.fields if f.column != "id"]
    listed = ", ".join(columns)
    attempt(f"REPLACE INTO auditlog_event (id, {listed}) SELECT id + 100, {listed} FROM auditlog_event")


@pytest.mark.postgres
def test_i97_session_replication_role_does_not_walk_past(log):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = 'replica'")
    attempt("DELETE FROM auditlog_event")


def test_the_orm_is_refused_too(log):
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.update(at=timezone.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.all().delete()
