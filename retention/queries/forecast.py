"""When a case will be done: from the rate so far, the locks, the waiting keys and the backups (rule 13)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max
from django.utils import timezone

from retention.models import DeletionCase, PlanItem, Residue, Step
from retention.vocabulary import BEFORE_EXECUTING, KEY_WAIT_DAYS, SETTLED, CaseState, StepState

#: A forecast looks no further than ten years, in seconds: a store that crawls gives no date beyond.
LONGEST = 10 * 365 * 86_400.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work on one store is. ``rate`` in items per second, ``remaining`` in seconds; ``None``: not known."""

    planned: int | None
    done: int
    rate: float | None
    remaining: float | None

    @property
    def percent(self) -> int | None:
        """How much of what was planned is done, 0 to 100."""
        if self.planned is None:
            return None
        return 100 if not self.planned else min(100, self.done * 100 // self.planned)


def progress_of(step: Step) -> Progress:
    """How far a step is by its settled batches."""
    planned, done = step.item.objects_found, step.destroyed + step.kept
    if step.state in SETTLED:
        return Progress(done, done, None, 0.0)
    if step.started_at is None or not done:
        return Progress(planned, done, None, None)
    seconds = max(((step.last_deleted_at or timezone.now()) - step.started_at).total_seconds(), 0.001)
    rate = done / seconds
    left = max(0, planned - done) if planned is not None else None
    return Progress(planned, done, rate, left / rate if left is not None else None)


def will_be_done_on(case: DeletionCase) -> dt.date | None:
    """The day on which nothing of it will be there any more, as far as one can tell; ``None``: not known."""
    return forecasts([case])[case.id]


def forecasts(cases: Iterable[DeletionCase]) -> dict[uuid.UUID, dt.date | None]:
    """:func:`will_be_done_on` of many cases, in three queries."""
    rows = {case.id: case for case in cases}
    steps, planned, latest = defaultdict(list), defaultdict(list), {}
    for step in Step.objects.filter(case__in=rows, replaced_at=None).select_related("item"):
        steps[step.case_id].append(step)
    plans = {case.plan_id: case.id for case in rows.values() if case.plan_id}
    waiting = PlanItem.objects.filter(plan__in=plans, step=None).order_by()
    for item in waiting.only("plan_id", "facts", "kinds"):
        planned[plans[item.plan_id]].append(item)
    kept = Residue.objects.filter(step__case__in=rows, cleared_at=None, until__isnull=False).order_by()
    for case_id, until in kept.values_list("step__case").annotate(until_last=Max("until")):
        latest[case_id] = until
    return {case.id: done_on(case, steps[case.id], planned[case.id], latest.get(case.id)) for case in rows.values()}


def done_on(
    case: DeletionCase, steps: Iterable[Step], planned: Iterable[PlanItem], kept_until: dt.datetime | None
) -> dt.date | None:
    """The same from what is at hand.

    ``steps`` with their items, those replaced left out; ``planned``: its plan's stores without a step;
    ``kept_until``: when the last lock on something of it ends. Where a store waits for somebody, nobody knows the day,
    unless what is known lies past the due date already.
    """
    now, rows = timezone.now(), list(steps)
    ends: list[dt.datetime] = [_gone(_erased(step, now), step.item, is_erased=step.state in SETTLED) for step in rows]
    ends += [_gone(_begins(case), item) for item in planned]
    if not ends and case.plan_id is None:
        return None
    day = max([*ends, _begins(case), *([kept_until] if kept_until else [])]).date()
    return None if day <= case.due_on and (case.state == CaseState.HELD or any(map(waits, rows))) else day


def waits(step: Step) -> bool:
    """Whether the work on a store waits for somebody to do something."""
    return step.state == StepState.FAILED or (step.state not in SETTLED and step.trouble == "awaited")


def _erased(step: Step, now: dt.datetime) -> dt.datetime:
    """When everything in a store is erased, or was."""
    if step.state in SETTLED:
        return step.last_deleted_at or step.verified_at or now
    return now + dt.timedelta(seconds=min(progress_of(step).remaining or 0, LONGEST))


def _begins(case: DeletionCase) -> dt.datetime:
    """When it starts, at the earliest."""
    now = timezone.now()
    if case.state not in BEFORE_EXECUTING:
        return case.erased_at or now
    begins = dt.datetime.combine(case.clock_from, dt.time(), tzinfo=dt.UTC)
    if case.state == CaseState.COOLING_OFF and case.cooling_until:
        begins = max(begins, case.cooling_until)
    return max(now, begins)


def _gone(moment: dt.datetime, item: PlanItem, *, is_erased: bool = False) -> dt.datetime:
    """When the last of a store is gone that is erased at ``moment``: its backups, and a key that waits (rule 11)."""
    days = max(item.facts.get("backup_days") or 0, 0 if is_erased or not item.kinds.get("key") else KEY_WAIT_DAYS)
    return moment + dt.timedelta(days=days)
