"""The hourly comparison of decided rows with their events, so much at a time, and never twice the same in a day.

Three rounds, each with its place kept in the database:

* ``fresh``: what was sealed since the last run, in the order of the leaves. Leaves are appended by one sequencer
  at a time, so none appears behind the place reached; ids of events may (a long transaction commits late).
* ``events``: a part of all events, oldest first: is the row they witnessed still there, and not as of an earlier one?
* ``rows``: a part of all decided rows: does each agree with the event it names?

Each step writes its place together with what it found, so a run that is killed goes on where it was.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from auditlog.actors import job_actor
from auditlog.change import audited
from auditlog.models import Event, Leaf, Mismatch, Round
from auditlog.services.exports import LOG_ID
from auditlog.states import row_key
from auditlog.witnesses import (
    CHUNK,
    Finding,
    Last,
    chunks_of,
    compare_keys,
    compare_rows,
    last_witnesses,
    parse_uuid,
    witnessed_models,
)

#: What one run reads at most of each round, a chunk more or less: a day's 24 runs tour 1.2 M rows and 6 M events.
ROWS = 50_000
EVENTS = 250_000
EVENTS_AT_ONCE = 2_000
#: How many rows that did not agree are looked at again in each run.
MISMATCHES = 5_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """The place a round reached, empty at its end; what did not agree; the newest events known of what it read."""

    position: str
    findings: list[Finding] = field(default_factory=list)
    lasts: Mapping[str, Last] = field(default_factory=dict)


def sweep_witnesses() -> int:
    """Compare what is new and the next part of what is old; how many rows do not agree now."""
    look_again()
    for name, steps in ROUNDS.items():
        reached = Round.objects.get_or_create(name=name)[0]
        for step in steps(reached.position):
            _keep(name, step)
        Round.objects.filter(name=name).update(ran_at=timezone.now())
    return Mismatch.objects.count()


def look_again() -> None:
    """Forget, with an event, what did not agree and does now (a restored row)."""
    known = {row.key: Last(row.last_id, row.last_uid) for row in Mismatch.objects.order_by("id")[:MISMATCHES]}
    wrong = {finding.subject for finding in compare_keys(known)}
    settled = [key for key in known if key not in wrong]
    if settled:
        with _event("auditlog.mismatch.settled") as change:
            for start in range(0, len(settled), CHUNK):
                Mismatch.objects.filter(key__in=settled[start : start + CHUNK]).delete()
            change.details["count"] = len(settled)


def _fresh(position: str) -> Iterator[Step]:
    """The rows witnessed by what was sealed since."""
    at, left = int(position or 0), EVENTS
    while left > 0:
        leaves = Leaf.objects.filter(id__gt=at).order_by("id").values_list("id", "event_id")[:EVENTS_AT_ONCE]
        events = dict(leaves)
        if not events:
            return
        at = max(events)
        lasts = last_witnesses(Event.objects.filter(id__in=events.values()))
        yield Step(str(at), compare_keys(lasts), lasts)
        left -= max(len(events), len(lasts))


def _old_events(position: str) -> Iterator[Step]:
    """The rows witnessed by the next part of all events."""
    at, left = int(position or 0), EVENTS
    while left > 0:
        # by rows and not by a span of ids, which a forged event with a huge id could stretch without end
        ids = list(Event.objects.filter(id__gt=at).order_by("id").values_list("id", flat=True)[:EVENTS_AT_ONCE])
        lasts = last_witnesses(Event.objects.filter(id__gt=at, id__lte=ids[-1])) if ids else {}
        at = ids[-1] if len(ids) == EVENTS_AT_ONCE else 0
        yield Step(str(at or ""), compare_keys(lasts), lasts)
        if not at:
            return
        left -= max(len(ids), len(lasts))


def _old_rows(position: str) -> Iterator[Step]:
    """The next part of all decided rows, kind by kind."""
    label, _slash, last = position.partition("/")
    left = ROWS
    for model in sorted(witnessed_models(), key=lambda model: model._meta.label_lower):
        name = model._meta.label_lower
        if name < label:
            continue
        for rows in chunks_of(model, parse_uuid(last) if name == label else None):
            yield Step(row_key(rows[-1]), compare_rows(rows, {}))
            left -= len(rows)
            if left <= 0:
                return
    yield Step("")


ROUNDS: dict[str, Callable[[str], Iterator[Step]]] = {"fresh": _fresh, "events": _old_events, "rows": _old_rows}


def _keep(name: str, step: Step) -> None:
    """Write down the place reached with what was found there, in one transaction; new findings with an event."""
    known = set(Mismatch.objects.filter(key__in=[finding.subject for finding in step.findings]).values_list("key"))
    fresh = [finding for finding in step.findings if (finding.subject,) not in known]
    if not fresh:
        _advance(name, step)
        return
    with _event("auditlog.mismatch.found") as change:
        _advance(name, step)
        Mismatch.objects.bulk_create([_mismatch(finding, step.lasts) for finding in fresh], ignore_conflicts=True)
        change.details.update(count=len(fresh), classes=dict(Counter(finding.kind for finding in fresh)))
    for finding in fresh:
        logger.error("A decided row does not agree with its event: %s %s", finding.kind, finding.subject)


def _advance(name: str, step: Step) -> None:
    with transaction.atomic():
        row = Round.objects.filter(name=name)
        row.update(position=step.position)
        if not step.position:
            row.update(whole_at=timezone.now())


def _mismatch(finding: Finding, lasts: Mapping[str, Last]) -> Mismatch:
    last = lasts.get(finding.subject, Last(0, ""))
    return Mismatch(
        key=finding.subject, kind=finding.kind, words=finding.words, last_id=last.id, last_uid=last.uid,
        found_at=timezone.now(),
    )  # fmt: skip


def _event(action: str) -> Any:
    return audited(job_actor("auditlog.witnesses_compare"), action, subject_kind="auditlog.log", subject_id=LOG_ID)


def last_sweep() -> dict[str, Any] | None:
    """What does not agree as of the last run, when that was, and since when everything was looked at."""
    rounds = {row.name: row for row in Round.objects.all()}
    ran = [row.ran_at for row in rounds.values() if row.ran_at]
    if len(ran) < len(ROUNDS):
        return None
    tours = [rounds[name].whole_at for name in ("events", "rows")]
    return {
        "at": max(ran),
        "count": Mismatch.objects.count(),
        "findings": Mismatch.objects.order_by("id")[:200],
        "whole_at": min((at for at in tours if at), default=None) if all(tours) else None,
    }
