"""What expires when: the dates a service's approval hangs on, and where they lie on a line."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from vendors.models import Authorisation
from vendors.queries.bases import label_of, label_of_term

WIDTH, LEFT, ROW = 640, 8, 34


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing and its last day (``None``: no end); ``x``/``width``/``y`` in the drawing's units."""

    label: str
    last_day: dt.date | None
    is_decisive: bool
    x: int
    width: int
    y: int
    tone: str


@dataclass(frozen=True, slots=True)
class Horizon:
    """A drawing from ``begin`` to ``end`` with today marked, and the same as a table."""

    bars: list[Bar]
    begin: dt.date
    end: dt.date
    today_x: int
    height: int
    width: int = WIDTH


def horizon_of(authorisation: Authorisation) -> Horizon:
    """The approval and each of its bases on one line of time, soonest end first."""
    today = timezone.now().date()
    begin = min(authorisation.starts_at.date(), today)
    own = authorisation.until.date() - dt.timedelta(days=1)
    ends = [(_("Approval"), own), *_ends(authorisation)]
    end = max([day for _label, day in ends if day] + [today + dt.timedelta(days=30)])
    span = max((end - begin).days, 1)
    rows = sorted(ends[1:], key=lambda row: row[1] or dt.date.max)
    bars = [_bar(at, label, day, begin, span, own, today) for at, (label, day) in enumerate([ends[0], *rows])]
    return Horizon(bars, begin, end, _x(today, begin, span), len(bars) * ROW + 22)


def _ends(authorisation: Authorisation) -> list[tuple[str, dt.date | None]]:
    rows: list[tuple[str, dt.date | None]] = []
    for basis in authorisation.bases.all():
        if basis.evidence is not None:
            rows.append((label_of(basis.evidence), basis.evidence.counts_until))
        elif basis.term is not None:
            rows.append((label_of_term(basis.term), basis.term.agreement.ends_on))
    return rows


def _x(day: dt.date, begin: dt.date, span: int) -> int:
    return LEFT + round((WIDTH - 2 * LEFT) * min(max((day - begin).days, 0), span) / span)


def _bar(at: int, label: str, day: dt.date | None, begin: dt.date, span: int, own: dt.date, today: dt.date) -> Bar:
    right = _x(day, begin, span) if day else WIDTH - LEFT
    tone = "neutral" if day is None else "danger" if day < today else "warn" if (day - today).days <= 60 else "ok"
    return Bar(label, day, at > 0 and day == own, LEFT, max(right - LEFT, 3), at * ROW, tone)
