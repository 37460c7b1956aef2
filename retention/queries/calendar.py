"""What is due when: deletions, locks, backups and holds, by month and as an iCalendar file (RFC 5545)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, Max
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from retention.models import DeletionCase, LegalHold, Residue, Step
from retention.services.settling import backup_end
from retention.vocabulary import DONE, SETTLED, CaseState, Cause

#: Tone, icon and word of each kind of day.
KINDS: dict[str, tuple[str, str, str | Promise]] = {
    "amber": ("warn", "triangle-alert", gettext_lazy("Five days are left")),
    "due": ("info", "calendar-clock", gettext_lazy("Everything is gone by")),
    "start": ("info", "play", gettext_lazy("Deletion starts")),
    "backup": ("neutral", "archive", gettext_lazy("Last backup expires")),
    "lock": ("neutral", "lock-open", gettext_lazy("Lock ends")),
    "hold": ("neutral", "gavel", gettext_lazy("Legal hold is looked at again")),
}
#: More than this on one page is no calendar; the earliest count.
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Day:
    """One thing that falls on a day. ``uid`` names it in a calendar for good; ``said`` instead of its kind's words."""

    on: dt.date
    kind: str
    title: str
    note: str
    url: str
    uid: str
    said: str = ""

    @property
    def tone(self) -> str:
        """Its tone: what is over is a danger."""
        return "danger" if self.is_over else KINDS[self.kind][0]

    @property
    def icon(self) -> str:
        """Its icon."""
        return KINDS[self.kind][1]

    @property
    def word(self) -> str:
        """What happens on that day."""
        return self.said or str(KINDS[self.kind][2])

    @property
    def is_over(self) -> bool:
        """Whether a deadline has passed."""
        return self.kind in ("due", "hold") and self.on < timezone.now().date()


def days(kind: str = "") -> list[Day]:
    """Everything that is to come, and deadlines that have passed and are still open; earliest first."""
    found = [*_case_days(), *_backup_days(), *_lock_days(), *_hold_days()]
    wanted = [day for day in found if kind in ("", day.kind)]
    return sorted(wanted, key=lambda day: (day.on, day.kind, day.title, day.uid))[:MOST]


def by_month(found: Iterable[Day]) -> list[tuple[dt.date, list[Day]]]:
    """The days by the first day of their month."""
    return [(month, list(rows)) for month, rows in groupby(found, key=lambda day: day.on.replace(day=1))]


def _address(name: str, row_id: object) -> str:
    try:
        return reverse(f"retention:{name}", args=[row_id])
    except NoReverseMatch:
        return ""


def _case_days() -> Iterator[Day]:
    today = timezone.now().date()
    rows = DeletionCase.objects.exclude(state__in=DONE).select_related("tenant").order_by("clock_from", "id")
    for case in rows[:MOST]:
        url, name = _address("case_read", case.id), case.tenant.name
        said = _("One person’s data is gone by") if case.cause == Cause.DATA_SUBJECT else ""
        yield Day(case.due_on, "due", name, str(case), url, f"due-{case.id}", said)
        if case.amber_on >= today:
            yield Day(case.amber_on, "amber", name, str(case), url, f"amber-{case.id}")
        if case.state == CaseState.COOLING_OFF and case.cooling_until:
            yield Day(case.cooling_until.date(), "start", name, str(case), url, f"start-{case.id}")


def _backup_days() -> Iterator[Day]:
    now = timezone.now()
    rows = Step.objects.filter(state__in=SETTLED, replaced_at=None, case__state__in=WAITING_FOR_BACKUPS)
    for step in rows.select_related("item", "case__tenant").order_by("id")[:MOST]:
        end = backup_end(step)
        if end is not None and end > now:
            url = _address("case_read", step.case_id)
            yield Day(end.date(), "backup", step.case.tenant.name, str(step.item), url, f"backup-{step.id}")


#: While a case is here, a backup that expires changes what it can say.
WAITING_FOR_BACKUPS = (
    CaseState.EXECUTING, CaseState.HELD, CaseState.BLOCKED, CaseState.VERIFYING, CaseState.AWAITING_BACKUP_EXPIRY,
    CaseState.CERTIFIED_WITH_RESIDUE,
)  # fmt: skip


def _lock_days() -> Iterator[Day]:
    kept = Residue.objects.filter(cleared_at=None, until__gte=timezone.now(), step__replaced_at=None)
    names = ("step_id", "step__case_id", "step__case__tenant__name", "step__item__facts", "until__date")
    for row in kept.values(*names).annotate(count=Count("id"), last=Max("until")).order_by("until__date")[:MOST]:
        told = ngettext("%(n)s object in %(store)s", "%(n)s objects in %(store)s", row["count"])
        note = told % {"n": row["count"], "store": row["step__item__facts"]["name"]}
        url = _address("case_read", row["step__case_id"])
        uid = f"lock-{row['step_id']}-{row['until__date']:%Y%m%d}"
        yield Day(row["last"].date(), "lock", row["step__case__tenant__name"], note, url, uid)


def _hold_days() -> Iterator[Day]:
    rows = LegalHold.objects.filter(lifted_at=None).select_related("tenant", "owner").order_by("review_on", "id")
    for hold in rows[:MOST]:
        note = _("%(matter)s; %(owner)s answers for it") % {"matter": hold.matter, "owner": hold.owner.name}
        yield Day(hold.review_on, "hold", hold.tenant.name, note, _address("hold_read", hold.id), f"hold-{hold.id}")
