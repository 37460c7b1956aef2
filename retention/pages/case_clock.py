"""The clock of a case: which day it is of how many, drawn day by day (I50). It runs under a hold, too."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from retention.models import DeletionCase
from retention.vocabulary import CaseState


@dataclass(frozen=True, slots=True)
class Cell:
    """One day on the strip, in percent of its width; ``state``: past, today, ahead; ``is_amber``: urgent by then."""

    x: float
    width: float
    state: str
    is_amber: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """Day ``day`` of ``term``; ``left`` days until it is due, negative once it is over."""

    day: int
    term: int
    left: int
    light: str
    due_on: dt.date
    amber_on: dt.date
    clock_from: dt.date
    is_over: bool = False

    @property
    def words(self) -> str:
        """Which day it is, or on which it was done."""
        if self.is_over:
            return _("Done on day %(day)s of %(term)s") % {"day": max(self.day, 0), "term": self.term}
        if self.day < 0:
            return ngettext("Starts in %(n)s day", "Starts in %(n)s days", -self.day) % {"n": -self.day}
        return _("Day %(day)s of %(term)s") % {"day": self.day, "term": self.term}

    @property
    def left_words(self) -> str:
        """How long is left, or how long it is over."""
        if self.is_over and self.left >= 0:
            return ngettext("%(n)s day early", "%(n)s days early", self.left) % {"n": self.left}
        if self.left < 0:
            return ngettext("%(n)s day over", "%(n)s days over", -self.left) % {"n": -self.left}
        if self.left == 0:
            return _("due today")
        return ngettext("%(n)s day left", "%(n)s days left", self.left) % {"n": self.left}

    @property
    def cells(self) -> list[Cell]:
        """The strip: one cell for each day from the first to the due date."""
        wide, amber = 100 / self.term, self.term - (self.due_on - self.amber_on).days
        return [
            Cell(round(at * wide, 3), round(wide * 0.72, 3), self._state(at + 1), at + 1 >= amber)
            for at in range(self.term)
        ]

    def _state(self, day: int) -> str:
        if day == min(max(self.day, 0), self.term):
            return "today"
        return "past" if day < self.day else "ahead"


def clock_of(case: DeletionCase) -> Clock:
    """The clock of a case as of today (UTC); of one that is certified, as of the day on which all was verified."""
    today, is_over = timezone.now().date(), case.state == CaseState.CERTIFIED
    if is_over and case.erased_at:
        today = case.erased_at.date()
    return Clock(
        day=(today - case.clock_from).days, term=(case.due_on - case.clock_from).days, left=(case.due_on - today).days,
        light=case.light, due_on=case.due_on, amber_on=case.amber_on, clock_from=case.clock_from, is_over=is_over,
    )  # fmt: skip
