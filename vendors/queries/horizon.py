"""What expires when: the dates a service's approval hangs on, and where they lie on a line."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from vendors.models import Authorisation
from vendors.queries.bases import label_of, label_of_term

#: The drawing's units from its first day to its last.
WIDTH = 640

#: An end that comes within so many days is shown as coming soon.
SOON = 60


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing and its last day (``None``: no end), as a bar from the first day."""

    label: str
    last_day: dt.date | None
    is_decisive: bool
    width: int
    tone: str


@dataclass(frozen=True, slots=True)
class Horizon:
    """Bars from ``begin`` to ``end`` with today marked."""

    bars: list[Bar]
    begin: dt.date
    end: dt.date
    today_x: int
    width: int = WIDTH


def horizon_of(authorisation: Authorisation) -> Horizon:
    """The approval, then each of its bases, soonest end first, on one line of time."""
    today = timezone.now().date()
    begin = min(authorisation.starts_at.date(), today)
    own = authorisation.until.date() - dt.timedelta(days=1)
    rows = sorted(_ends(authorisation), key=lambda row: row[1] or dt.date.max)
    end = max([own, today + dt.timedelta(days=30), *(day for _label, day in rows if day)])
    span = (end - begin).days

    def bar(label: str, day: dt.date | None, *, is_own: bool = False) -> Bar:
        return Bar(label, day, not is_own and day == own, _x(day or end, begin, span), _tone(day, today))

    bars = [bar(_("Approval"), own, is_own=True), *(bar(label, day) for label, day in rows)]
    return Horizon(bars, begin, end, _x(today, begin, span))


def _ends(authorisation: Authorisation) -> list[tuple[str, dt.date | None]]:
    rows: list[tuple[str, dt.date | None]] = []
    for basis in authorisation.bases.all():
        if basis.evidence is not None:
            rows.append((label_of(basis.evidence), basis.evidence.counts_until))
        elif basis.term is not None:
            rows.append((label_of_term(basis.term), basis.term.agreement.ends_on))
    return rows


def _x(day: dt.date, begin: dt.date, span: int) -> int:
    return max(round(WIDTH * min(max((day - begin).days, 0), span) / span), 2)


def _tone(day: dt.date | None, today: dt.date) -> str:
    if day is None:
        return "neutral"
    return "danger" if day < today else "warn" if (day - today).days <= SOON else "ok"
