"""The sweep that compares both ways: rows that are decided on with events, and events with rows."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.models import Event, Witnessed
from auditlog.states import row_key, state_digest

CHUNK = 500
LAST_SWEEP = "auditlog.last_sweep"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit: its class (``row_changed``), what it is about, and in words."""

    kind: str
    subject: str
    words: str


def compare_witnesses() -> list[Finding]:
    """Compare every witnessed row with its event, and every event that witnessed a row with the row."""
    latest = _last_states()
    findings: list[Finding] = []
    for model in witnessed_models():
        for rows in chunks_of(model):
            findings += _compare(rows, latest)
    for key, (uid, _digest) in latest.items():
        findings.append(
            Finding("row_missing", key, _("%(row)s is gone; event %(uid)s witnessed it.") % {"row": key, "uid": uid})
        )
    return findings


def sweep_witnesses() -> list[Finding]:
    """Compare, and keep the result for the auditor's page."""
    findings = compare_witnesses()
    shown = [(finding.kind, finding.subject, finding.words) for finding in findings[:200]]
    cache.set(LAST_SWEEP, {"at": timezone.now(), "count": len(findings), "findings": shown}, None)
    return findings


def witnessed_models() -> Iterable[type[Witnessed]]:
    """Every kind of row that is decided on."""
    return [model for model in apps.get_models() if issubclass(model, Witnessed)]


def chunks_of(model: type[Witnessed]) -> Iterator[list[Any]]:
    """All rows of a kind, some hundred at a time."""
    last: uuid.UUID | None = None
    while True:
        rows = model._base_manager.order_by("pk")
        chunk = list(rows.filter(pk__gt=last)[:CHUNK] if last else rows[:CHUNK])
        if not chunk:
            return
        yield chunk
        last = chunk[-1].pk


def _last_states() -> dict[str, tuple[str, str]]:
    """The last witnessed state of each row: row key to (event uid, digest), from the events alone."""
    states: dict[str, tuple[str, str]] = {}
    events = Event.objects.filter(body__contains='"states":{"').order_by("id").values_list("uid", "body")
    for uid, body in events.iterator(chunk_size=2000):
        for key, digest in json.loads(body)["states"].items():
            states[key] = (str(uid), digest)
    return states


def _compare(rows: list[Any], latest: dict[str, tuple[str, str]]) -> Iterator[Finding]:
    """Findings about some rows; those met are taken from ``latest``."""
    events = {event.uid: event for event in Event.objects.filter(uid__in=[row.event_uid for row in rows])}
    for row in rows:
        key = row_key(row)
        uid, digest = latest.pop(key, ("", ""))
        event = events.get(row.event_uid)
        words = {"row": key, "uid": row.event_uid, "last": uid}
        if event is None:
            yield Finding("event_missing", key, _("%(row)s points to event %(uid)s, which is not in the log.") % words)
        elif bytes(event.leaf_hash).hex() != row.event_hash:
            yield Finding("event_changed", key, _("%(row)s keeps another hash of event %(uid)s.") % words)
        elif str(row.event_uid) != uid:
            yield Finding("row_rolled_back", key, _("%(row)s is as of event %(uid)s; the last is %(last)s.") % words)
        elif state_digest(row) != digest:
            yield Finding("row_changed", key, _("%(row)s was changed after event %(uid)s without an event.") % words)


def last_sweep() -> dict[str, Any] | None:
    """What the last sweep found, and when."""
    kept: dict[str, Any] | None = cache.get(LAST_SWEEP)
    return kept
