"""Events into the database: one raw statement on PostgreSQL, with the tree at once on SQLite."""

from __future__ import annotations

import datetime as dt
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from django.db import connection
from django.utils import timezone

from auditlog.body import leaf_hash
from auditlog.keys import mac_keys
from auditlog.tree import append_leaves, current_origin_id

COLUMNS = "uid, at, tenant_id, actor_kind, actor_id, action, subject_kind, subject_id, outcome, body, leaf_hash, mac"
ONE = "(" + ", ".join(["%s"] * 12) + ")"


@dataclass(slots=True)
class StoredEvent:
    """An event ready to be inserted: its indexed columns and its body."""

    uid: uuid.UUID
    at: dt.datetime
    tenant_id: uuid.UUID | None
    actor_kind: str
    actor_id: uuid.UUID
    action: str
    subject_kind: str
    subject_id: uuid.UUID
    outcome: str
    body: str
    leaf: bytes = b""

    def columns(self, key: bytes) -> list[Any]:
        """The row's values, in the order of ``COLUMNS``."""
        body = self.body.encode()
        self.leaf = leaf_hash(body)
        ids = (self.uid, self.tenant_id, self.actor_id, self.subject_id)
        if connection.vendor == "sqlite":
            uid, tenant, actor, subject = (value and value.hex for value in ids)
            at: Any = connection.ops.adapt_datetimefield_value(self.at)
        else:
            uid, tenant, actor, subject = ids
            at = self.at
        return [
            uid, at, tenant, self.actor_kind, actor, self.action, self.subject_kind, subject,
            self.outcome, self.body, self.leaf, hmac.digest(key, body, "sha256"),
        ]  # fmt: skip


class DatabaseClock:
    """PostgreSQL's clock: asked every ten seconds, and run on in between by this machine's monotonic one."""

    EVERY = 10.0

    def __init__(self) -> None:
        self._read: tuple[str, float, dt.datetime] = ("", 0.0, timezone.now())

    def now(self) -> dt.datetime:
        """The time, right to about a round trip to the server."""
        name, at, moment = self._read
        passed = monotonic() - at
        if name != str(connection.settings_dict["NAME"]) or passed > self.EVERY:
            return self._ask()
        return moment + dt.timedelta(seconds=passed)

    def _ask(self) -> dt.datetime:
        with connection.cursor() as cursor:
            before = monotonic()
            cursor.execute("SELECT clock_timestamp()")
            moment: dt.datetime = cursor.fetchone()[0].astimezone(dt.UTC)
        self._read = (str(connection.settings_dict["NAME"]), (before + monotonic()) / 2, moment)
        return moment


_clock = DatabaseClock()


def database_time() -> dt.datetime:
    """The database's clock; on SQLite that is this machine's."""
    return _clock.now() if connection.vendor == "postgresql" else timezone.now()


def insert_events(events: Sequence[StoredEvent]) -> None:
    """Insert ``events`` in this order, inside the caller's transaction."""
    key = mac_keys()[0]
    rows = [event.columns(key) for event in events]
    values = ", ".join([ONE] * len(rows))
    parameters = [value for row in rows for value in row]
    if connection.vendor == "postgresql":
        _insert_pending(values, parameters)
    else:
        _insert_sealed(values, parameters, events)


def _insert_pending(values: str, parameters: list[Any]) -> None:
    """Events, their rows for the sequencer, and the mark the guard's triggers look for, in one round trip."""
    sql = (
        f"WITH written AS (INSERT INTO auditlog_event ({COLUMNS}) VALUES {values} RETURNING id), "  # noqa: S608
        "waiting AS (INSERT INTO auditlog_pending (event_id) SELECT id FROM written) "
        "SELECT set_config('countersign.audited', pg_current_xact_id()::text, true)"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def _insert_sealed(values: str, parameters: list[Any], events: Sequence[StoredEvent]) -> None:
    """SQLite has one writer at a time, so the leaf is appended with the event."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO auditlog_event ({COLUMNS}) VALUES {values} RETURNING id", parameters)  # noqa: S608
        ids = [row[0] for row in cursor.fetchall()]
    append_leaves(current_origin_id(), list(zip(ids, (event.leaf for event in events), strict=True)))
