"""Finding events: filters that each have an index, keyset pages, no counts of the big table."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.models import Batch, Event, Label, Pending
from auditlog.queries import Told, told

PAGE = 50
EXPORT_LIMIT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What somebody looks for; ``None`` and empty mean all."""

    since: dt.date | None = None
    until: dt.date | None = None
    actor: str = ""
    action: str = ""
    subject_kind: str = ""
    tenant: str = ""
    outcome: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of events, newest first, and the addresses (``?…``) of its neighbours."""

    rows: list[Told]
    next_url: str
    previous_url: str

    @property
    def count_text(self) -> str:
        """How many rows this page shows."""
        return _("%(n)s events on this page") % {"n": len(self.rows)}


@dataclass(frozen=True, slots=True)
class Totals:
    """The exact number of events, without counting them."""

    sealed: int
    waiting: int

    @property
    def events(self) -> int:
        """All committed events of the tree that grows now."""
        return self.sealed + self.waiting


def totals() -> Totals:
    """The tree's size plus what is pending."""
    last = Batch.objects.order_by("-id").values_list("size", flat=True).first()
    return Totals(last or 0, Pending.objects.count())


def find_events(filters: Filters) -> QuerySet[Event]:
    """Events that fit, in no order yet."""
    events = Event.objects.all()
    if filters.since:
        events = events.filter(at__gte=_midnight(filters.since))
    if filters.until:
        events = events.filter(at__lt=_midnight(filters.until + dt.timedelta(days=1)))
    if filters.actor:
        events = events.filter(actor_id__in=_actors(filters.actor))
    if filters.tenant:
        events = events.filter(tenant_id=_uuid(filters.tenant))
    if filters.id:
        events = events.filter(_about(filters.id))
    exact = {"action": filters.action, "subject_kind": filters.subject_kind, "outcome": filters.outcome}
    return events.filter(**{name: value for name, value in exact.items() if value})


def event_page(filters: Filters, query: QueryDict) -> EventPage:
    """The page that ``?before=`` (older) or ``?after=`` (newer than an event's number) asks for."""
    events, cursor, newer = find_events(filters), _cursor(query), "after" in query
    if cursor is None:
        rows = list(events.order_by("-id")[: PAGE + 1])
    elif newer:
        rows = list(events.filter(id__gt=cursor).order_by("id")[: PAGE + 1])
    else:
        rows = list(events.filter(id__lt=cursor).order_by("-id")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if cursor is not None and newer:
        rows.reverse()
        older, newest = bool(rows), more
    else:
        older, newest = more, cursor is not None and bool(rows)
    return EventPage(
        told(rows),
        _address(query, "before", rows[-1].id) if rows and older else "",
        _address(query, "after", rows[0].id) if rows and newest else "",
    )


def tenant_choices() -> list[tuple[str, str]]:
    """Tenants that have a name in the log."""
    labels = Label.objects.filter(kind="tenants.tenant", erased_at=None).order_by("text")
    return list({str(label.ref_id): label.text for label in labels[:500]}.items())


def _midnight(day: dt.date) -> dt.datetime:
    """The start of a day in the reader's time zone."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text.strip())
    except ValueError:
        return uuid.UUID(int=0)


def _actors(text: str) -> list[uuid.UUID]:
    """Who is meant by an id or a part of a name."""
    known = _uuid(text)
    if known.int:
        return [known]
    named = Label.objects.filter(kind__in=("person", "service_account", "job"), text__icontains=text.strip())
    return list(named.values_list("ref_id", flat=True).distinct()[:100])


def _about(text: str) -> Q:
    """Events with this id anywhere: their own, their subject's, their actor's."""
    known = _uuid(text)
    return Q(uid=known) | Q(subject_id=known) | Q(actor_id=known)


def _cursor(query: QueryDict) -> int | None:
    text = query.get("after") or query.get("before") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _address(query: QueryDict, name: str, value: int) -> str:
    kept = [(key, item) for key, items in query.lists() if key not in ("after", "before") for item in items]
    return "?" + urlencode([*kept, (name, value)])
