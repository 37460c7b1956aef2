"""What one transaction has to tell: its changes in order, the rows they witnessed, the refusals."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models

from auditlog.actors import Actor
from auditlog.body import VERSION, canonical, micros, plain, uuid7
from auditlog.models import Event, Label, Witnessed
from auditlog.states import state_digest
from auditlog.storage import StoredEvent, database_time, insert_events
from auditlog.writers import Desk, Writer, desk, label_digest


@dataclass(slots=True)
class Entry:
    """One event to be written."""

    actor: Actor
    action: str
    subject_kind: str
    subject_id: uuid.UUID
    tenant_id: uuid.UUID | None
    details: dict[str, Any]
    uid: uuid.UUID = field(default_factory=uuid7)
    error: str = ""
    label: str = ""


@dataclass(slots=True)
class Ledger:
    """Collects entries during the outermost change and writes them once, at its end."""

    entries: list[Entry] = field(default_factory=list)
    witnessed: dict[str, tuple[Entry, Witnessed]] = field(default_factory=dict)
    refusals: dict[int, Entry] = field(default_factory=dict)
    desk: Desk = field(default_factory=lambda: desk(connection))
    writer: Writer | None = None
    written: int = 0
    labels: dict[tuple[str, uuid.UUID, str], str] = field(default_factory=dict)

    def note_saved(self, row: models.Model) -> None:
        """Keep the subject's name as it stands when its own row is saved."""
        for entry in self.entries:
            if entry.subject_id == row.pk:
                entry.label = str(row)[:300]

    def mark(self) -> tuple[int, dict[str, tuple[Entry, Witnessed]]]:
        """Where the ledger stands, for :meth:`rewind`."""
        return len(self.entries), dict(self.witnessed)

    def rewind(self, mark: tuple[int, dict[str, tuple[Entry, Witnessed]]]) -> None:
        """Forget what a nested change that rolled back had to tell."""
        del self.entries[mark[0] :]
        self.witnessed = mark[1]

    def write(self) -> None:
        """Write every entry, and its hash onto the rows it witnessed; part of the change's transaction."""
        states: dict[uuid.UUID, dict[str, str]] = {}
        for key, (entry, row) in self.witnessed.items():
            states.setdefault(entry.uid, {})[key] = state_digest(row)
        stored = self._insert(self.entries, states)
        for entry, row in self.witnessed.values():
            row.event_hash = stored[entry.uid].leaf.hex()
            type(row)._base_manager.filter(pk=row.pk, event_uid=entry.uid).update(event_hash=row.event_hash)

    def write_refusals(self) -> None:
        """Write the refusals, after what was refused has rolled back; the caller opened a transaction."""
        self._insert(list(self.refusals.values()), {})

    def _insert(self, entries: list[Entry], states: dict[uuid.UUID, dict[str, str]]) -> dict[uuid.UUID, StoredEvent]:
        self.writer = self.writer or self.desk.take()
        at = database_time()
        labels = self._labels(entries)
        stored = {}
        for entry in entries:
            self.written += 1
            number = self.writer.count + self.written
            names = {part: labels[part, entry.uid] for part in ("actor", "subject") if (part, entry.uid) in labels}
            stored[entry.uid] = _stored(entry, at, states.get(entry.uid), names, self.writer.id, number)
        insert_events(list(stored.values()))
        return stored

    def _labels(self, entries: list[Entry]) -> dict[tuple[str, uuid.UUID], str]:
        """The digest of each entry's names, stored first where they are new."""
        digests: dict[tuple[str, uuid.UUID], str] = {}
        fresh: list[Label] = []
        for entry in entries:
            for part, kind, ref, text in _names(entry):
                key = (kind, ref, text)
                known = self.desk.labels.get(key) or self.labels.get(key)
                if known is None:
                    salt = secrets.token_bytes(16)
                    known = self.labels[key] = label_digest(salt, text)
                    fresh.append(Label(digest=known, kind=kind, ref_id=ref, salt=salt, text=text))
                digests[part, entry.uid] = known
        if fresh:
            Label.objects.bulk_create(fresh)
        return digests

    def settle(self) -> None:
        """The transaction committed: its numbers and labels count."""
        if self.writer is not None:
            self.writer.count += self.written
            self.written = 0
        self.desk.remember(self.labels)
        self.labels = {}

    def close(self) -> None:
        """Give the writer back; one that wrote and did not settle is dropped, its numbers being uncertain."""
        if self.writer is not None and not self.written:
            self.desk.give_back(self.writer)
        self.writer = None
        self.written = 0
        self.labels = {}


def _names(entry: Entry) -> Iterable[tuple[str, str, uuid.UUID, str]]:
    if entry.actor.label:
        yield "actor", entry.actor.kind, entry.actor.id, entry.actor.label[:300]
    if entry.label:
        yield "subject", entry.subject_kind, entry.subject_id, entry.label


def _stored(
    entry: Entry,
    at: dt.datetime,
    states: dict[str, str] | None,
    names: dict[str, str],
    writer: str,
    number: int,
) -> StoredEvent:
    """The event's body and the columns copied from it."""
    actor = entry.actor
    outcome = Event.Outcome.REFUSED if entry.error else Event.Outcome.DONE
    body = {
        "v": VERSION,
        "uid": str(entry.uid),
        "at": micros(at),
        "tenant": entry.tenant_id and str(entry.tenant_id),
        "actor": {"kind": actor.kind, "id": str(actor.id)},
        "acting_for": actor.acting_for and str(actor.acting_for),
        "action": entry.action,
        "subject": {"kind": entry.subject_kind, "id": str(entry.subject_id)},
        "request": plain(actor.request_id),
        "source": actor.source,
        "outcome": outcome.value,
        "error": entry.error,
        "details": plain(entry.details),
        "states": states or {},
        "labels": names,
        "writer": writer,
        "n": number,
    }
    return StoredEvent(
        entry.uid, at, entry.tenant_id, actor.kind, actor.id, entry.action, entry.subject_kind,
        entry.subject_id, outcome.value, canonical(body),
    )  # fmt: skip
