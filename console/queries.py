"""Reading what belongs to no room, or to two: how the periodic work is doing, whose an endpoint is."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from auditlog.jobs import SWEEPS, Sweep
from console.models import SweepRun
from governance.models import ServiceAccount
from outbox.models import Endpoint, Message

#: A sweep this much behind (beside its interval) is called late.
GRACE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SweepReport:
    """How one sweep is doing. ``late`` is how long it has been due; times are UTC, ``None``: never yet."""

    name: str
    every: dt.timedelta
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    next_at: dt.datetime | None
    late: dt.timedelta
    running: bool
    error: str

    @property
    def state(self) -> str:
        """One word: ``failing``, ``late``, ``running``, ``fine``, or ``new`` before its first run."""
        if self.error:
            return "failing"
        if self.late > GRACE:
            return "late"
        if self.running:
            return "running"
        return "fine" if self.finished_at else "new"

    @property
    def pace(self) -> str:
        """How often it is wanted, in words."""
        seconds = self.every.total_seconds()
        if seconds < 1:
            return _("several times a second")
        if seconds < 60:
            return ngettext("%d second", "%d seconds", int(seconds)) % seconds
        if seconds < 3600:
            return ngettext("%d minute", "%d minutes", int(seconds // 60)) % (seconds // 60)
        return ngettext("%d hour", "%d hours", int(seconds // 3600)) % (seconds // 3600)


def sweep_report() -> list[SweepReport]:
    """Every sweep that a room declared, by name; one query."""
    runs = SweepRun.objects.in_bulk()
    now = timezone.now()
    return [_report(SWEEPS[name], runs.get(name), now) for name in sorted(SWEEPS)]


def _report(sweep: Sweep, run: SweepRun | None, now: dt.datetime) -> SweepReport:
    if run is None:
        return SweepReport(sweep.name, sweep.every, None, None, None, dt.timedelta(), running=False, error="")
    running = run.lease_until is not None and run.lease_until > now
    late = dt.timedelta() if running else max(now - run.next_at, dt.timedelta())
    return SweepReport(
        sweep.name, sweep.every, run.started_at, run.finished_at, run.next_at, late, running=running, error=run.error
    )


def state_tabs(current: str, counts: dict[str, int], **kept: str) -> list[dict[str, object]]:
    """One tab for each state of messages, with its count, after one for all; ``kept`` stays in their addresses."""

    def url(state: str) -> str:
        return "?" + urlencode({name: value for name, value in {**kept, "state": state}.items() if value})

    every = [{"label": _("All"), "url": url(""), "current": current not in counts, "count": sum(counts.values())}]
    return every + [
        {"label": label, "url": url(state), "current": current == state, "count": counts[state]}
        for state, label in Message.State.choices
    ]


def accounts_of(endpoints: Iterable[Endpoint]) -> dict[uuid.UUID, ServiceAccount]:
    """The service accounts of these endpoints by id, in one query (they lie in a room above endpoints)."""
    ids = {endpoint.account_id for endpoint in endpoints}
    return dict(ServiceAccount.objects.in_bulk(ids))
