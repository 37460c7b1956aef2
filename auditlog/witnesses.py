"""Comparing both ways: rows that are decided on with events, and events with rows."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from auditlog.body import leaf_hash
from auditlog.models import Event, Witnessed
from auditlog.states import row_key, state_digest

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit: its class (``row_changed``), what it is about, and in words."""

    kind: str
    subject: str
    words: str


class Last(NamedTuple):
    """The newest event known to have witnessed a row."""

    id: int
    uid: str


def compare_witnesses() -> list[Finding]:
    """Compare every witnessed row with its event, and every event that witnessed a row with the row."""
    lasts = last_witnesses(Event.objects.all())
    findings: list[Finding] = []
    for model in witnessed_models():
        for rows in chunks_of(model):
            findings += compare_rows(rows, lasts)
            for row in rows:
                lasts.pop(row_key(row), None)
    return findings + [_missing(key, last) for key, last in lasts.items()]


def compare_keys(lasts: Mapping[str, Last]) -> list[Finding]:
    """Compare the rows that some events witnessed; a row may have moved on to a later event since.

    The events must have been read before: what is read later can only be newer.
    """
    findings: list[Finding] = []
    keys = list(lasts)
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        rows = _rows_of(part)
        findings += compare_rows(rows, lasts)
        gone = set(part) - {row_key(row) for row in rows}
        findings += [_missing(key, lasts[key]) for key in part if key in gone and lasts[key].id]
    return findings


def compare_rows(rows: Sequence[Any], lasts: Mapping[str, Last]) -> list[Finding]:
    """Compare some rows with the events they name, and with the newest known to have witnessed them."""
    events = {event.uid: event for event in Event.objects.filter(uid__in=[row.event_uid for row in rows])}
    judged = (_judge(row, events.get(row.event_uid), lasts.get(row_key(row), Last(0, ""))) for row in rows)
    return [finding for finding in judged if finding is not None]


def witnessed_models() -> Iterable[type[Witnessed]]:
    """Every kind of row that is decided on."""
    return [model for model in apps.get_models() if issubclass(model, Witnessed)]


def chunks_of(model: type[Witnessed], after: uuid.UUID | None = None) -> Iterator[list[Any]]:
    """All rows of a kind (behind one), some hundred at a time."""
    rows = model._base_manager.order_by("pk")
    while True:
        chunk = list(rows.filter(pk__gt=after)[:CHUNK] if after else rows[:CHUNK])
        if not chunk:
            return
        yield chunk
        after = chunk[-1].pk


def last_witnesses(events: QuerySet[Event]) -> dict[str, Last]:
    """The last of ``events`` to witness each row, by the row's key."""
    lasts: dict[str, Last] = {}
    witnessing = events.filter(body__contains='"states":{"').order_by("id").values_list("id", "uid", "body")
    for number, uid, body in witnessing.iterator(chunk_size=2000):
        for key in _states(body):
            lasts[key] = Last(number, str(uid))
    return lasts


def _states(body: str) -> dict[str, str]:
    """The states an event witnessed; none when somebody made its body unreadable (the verification names it)."""
    try:
        states = json.loads(body)["states"]
    except (ValueError, KeyError, TypeError):
        return {}
    return states if isinstance(states, dict) else {}


def _rows_of(keys: Iterable[str]) -> list[Any]:
    """The rows that ``keys`` name, as far as they are there."""
    models = {model._meta.label_lower: model for model in witnessed_models()}
    wanted: dict[str, list[uuid.UUID]] = {}
    for key in keys:
        label, _slash, text = key.partition("/")
        row_id = parse_uuid(text)
        if label in models and row_id:
            wanted.setdefault(label, []).append(row_id)
    return [row for label, ids in wanted.items() for row in models[label]._base_manager.filter(pk__in=ids)]


def parse_uuid(text: str) -> uuid.UUID | None:
    """The id that ``text`` is, if it is one."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _judge(row: Any, event: Event | None, last: Last) -> Finding | None:
    """What is wrong with a row, given the event it names and the newest known to have witnessed it."""
    key = row_key(row)
    words = {"row": key, "uid": row.event_uid, "last": last.uid}
    if event is None:
        return Finding("event_missing", key, _("%(row)s points to event %(uid)s, which is not in the log.") % words)
    if {bytes(event.leaf_hash).hex(), leaf_hash(event.body.encode()).hex()} != {row.event_hash}:
        return Finding("event_changed", key, _("%(row)s keeps another hash of event %(uid)s.") % words)
    witnessed = _states(event.body).get(key)
    if witnessed is None:
        return Finding("row_rolled_back", key, _("%(row)s points to event %(uid)s, which is not about it.") % words)
    if event.id < last.id:
        return Finding("row_rolled_back", key, _("%(row)s is as of event %(uid)s; the last is %(last)s.") % words)
    if state_digest(row) != witnessed:
        return Finding("row_changed", key, _("%(row)s was changed after event %(uid)s without an event.") % words)
    return None


def _missing(key: str, last: Last) -> Finding:
    return Finding(
        "row_missing", key, _("%(row)s is gone; event %(uid)s witnessed it.") % {"row": key, "uid": last.uid}
    )
