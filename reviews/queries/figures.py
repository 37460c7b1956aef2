"""Figures of the reviews, counted in the database: a fixed number of queries, whatever there is.

Seeded items are in none of them but the catch rate (I81). Decisions in bulk, all of them refusals, count as overrides,
not for seconds and sources. People see their own decisions; whoever may read everybody's figures sees those of their
tenants and sites.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auditlog.actors import Actor
from governance.authority import Right, has_right
from governance.models import Person
from reviews.models import Decision, Queue, ReviewItem, Seed
from reviews.queries.scopes import within
from reviews.statistics import ENOUGH, Rate, kappa, percentile
from reviews.vocabulary import APPROVING, LIVE, Criticality, ItemState, Verdict
from tenants.models import Site

#: Approved in this many seconds or less: nobody reads a draft and its source in that time.
FAST = 5
#: The longest a table gets; what is beyond is summed up in its last row.
MOST_LINES = 40
#: What the figures can be cut by.
CUTS = {
    "queue": gettext_lazy("Queue"), "person": gettext_lazy("Person"), "model": gettext_lazy("Model"),
    "site": gettext_lazy("Site"), "asset": gettext_lazy("Asset"), "criticality": gettext_lazy("Criticality"),
    "month": gettext_lazy("Month"),
}  # fmt: skip
ITEM_FIELD = {"queue": "queue_id", "model": "model", "site": "site_id", "asset": "asset", "criticality": "criticality"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: days (both included, UTC), perhaps one queue, and what to cut by."""

    starts: dt.date
    ends: dt.date
    queue_id: uuid.UUID | None = None
    cut: str = "queue"

    @property
    def span(self) -> tuple[dt.datetime, dt.datetime]:
        """From, inclusive, and until, exclusive."""
        midnight = dt.time(tzinfo=dt.UTC)
        return dt.datetime.combine(self.starts, midnight), dt.datetime.combine(
            self.ends + dt.timedelta(days=1), midnight
        )


@dataclass(slots=True)
class Tally:
    """Counts of decisions, of items, of seeds and of pairs of blind reviews, from which every figure follows."""

    decided: int = 0
    overridden: int = 0
    approved: int = 0
    fast: int = 0
    unopened: int = 0
    singly: int = 0
    read: int = 0
    late: int = 0
    seconds: Counter[int] = field(default_factory=Counter)
    seeds: int = 0
    caught: int = 0
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    agreed: int = 0
    received: int = 0
    expired: int = 0
    breached: int = 0

    def add(self, other: Tally) -> None:
        """Count the other's in."""
        for name in self.__slots__:
            if isinstance(mine := getattr(self, name), Counter):
                mine.update(getattr(other, name))
            else:
                setattr(self, name, mine + getattr(other, name))

    @property
    def override(self) -> Rate:
        """Edits and refusals of what was decided."""
        return Rate(self.overridden, self.decided)

    @property
    def catch(self) -> Rate:
        """Seeded errors that were noticed."""
        return Rate(self.caught, self.seeds)

    @property
    def agreement(self) -> Rate:
        """Blind pairs that came to the same record."""
        return Rate(self.agreed, self.pairs.total())

    @property
    def kappa(self) -> float | None:
        """Agreement of verdicts beyond chance, where there is enough."""
        return kappa(self.pairs) if self.pairs.total() >= ENOUGH else None

    @property
    def opened(self) -> Rate:
        """Decisions, one by one, before which every source was opened."""
        return Rate(self.read, self.singly)

    @property
    def quick(self) -> Rate:
        """Approvals in :data:`FAST` seconds or less."""
        return Rate(self.fast, self.approved)

    @property
    def unread(self) -> Rate:
        """Approvals before which no source was opened."""
        return Rate(self.unopened, self.approved)

    @property
    def expiry(self) -> Rate:
        """Drafts that expired undecided, of those received."""
        return Rate(self.expired, self.received)

    @property
    def breach(self) -> Rate:
        """Drafts that were final after they were due, or not at all, of those received."""
        return Rate(self.breached, self.received)

    @property
    def lateness(self) -> Rate:
        """Decisions after the draft was due."""
        return Rate(self.late, self.decided)

    @property
    def median(self) -> int | None:
        """Seconds from claim to decision."""
        return percentile(self.seconds, 0.5)

    @property
    def tenth(self) -> int | None:
        """Seconds that the quickest tenth takes at most."""
        return percentile(self.seconds, 0.1)

    @property
    def ninetieth(self) -> int | None:
        """Seconds that nine of ten take at most."""
        return percentile(self.seconds, 0.9)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: a queue, a person, a month."""

    key: Any
    name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Report:
    """Everything on the page."""

    wanted: Wanted
    whole: Tally
    lines: list[Line]
    months: list[Line]
    oversees: bool


def report_for(actor: Actor, wanted: Wanted) -> Report:
    """The figures the actor may see."""
    months = tallies(decisions(actor, wanted), "month")
    whole = total(months.values())
    cut = months if wanted.cut == "month" else tallies(decisions(actor, wanted), wanted.cut)
    for extra in (seeds(actor, wanted), pairs(actor, wanted), received(actor, wanted)):
        spread(extra, cut, whole)
    lines = named(cut, wanted.cut)
    return Report(wanted, whole, shortened(lines), named(months, "month"), oversees_any(actor))


def oversees_any(actor: Actor) -> bool:
    """Whether the actor reads the figures of others, anywhere."""
    return has_right(actor, Right.READ_REVIEW_FIGURES)


def scope(actor: Actor, prefix: str, person: str) -> Q:
    """Rows about items the actor oversees, and about what they did themselves; ``person`` names who did it."""
    overseen = within(
        actor, Right.READ_REVIEW_FIGURES, tenant=f"{prefix}tenant_id", site=f"{prefix}site_id"
    )  # fmt: skip
    return overseen | Q(**{person: actor.id}) if person else overseen


def decisions(actor: Actor, wanted: Wanted) -> QuerySet[Decision]:
    """Decisions about real drafts in the period."""
    starts, ends = wanted.span
    rows = Decision.objects.filter(
        scope(actor, "item__", "person_id"),
        undone_at=None,
        is_seeded=False,
        decided_at__gte=starts,
        decided_at__lt=ends,
    ).order_by()
    return rows.filter(queue_id=wanted.queue_id) if wanted.queue_id else rows


def tallies(rows: QuerySet[Decision], cut: str) -> dict[Any, Tally]:
    """Counts by what the figures are cut by; one query, grouped by seconds too, so that percentiles are exact."""
    where = {"queue": F("queue_id"), "person": F("person_id"), "month": month("decided_at")}
    key = where.get(cut) or F(f"item__{ITEM_FIELD[cut]}")
    singly, approving = Q(in_bulk=False), Q(verdict__in=APPROVING)
    counted = rows.annotate(cut=key).values("cut", "seconds").annotate(
        decided=Count("pk"), overridden=Count("pk", filter=~Q(verdict=Verdict.APPROVE)),
        approved=Count("pk", filter=approving), fast=Count("pk", filter=approving & Q(seconds__lte=FAST)),
        unopened=Count("pk", filter=approving & Q(sources_opened=0, sources_cited__gt=0)),
        singly=Count("pk", filter=singly),
        read=Count("pk", filter=singly & Q(sources_opened__gte=F("sources_cited"))),
        late=Count("pk", filter=Q(is_late=True)),
    )  # fmt: skip
    found: dict[Any, Tally] = {}
    for one in counted:
        row: dict[str, Any] = dict(one)
        seconds, of = row.pop("seconds"), row.pop("cut")
        tally = Tally(**row)
        tally.seconds[seconds] += tally.singly
        found.setdefault(of, Tally()).add(tally)
    return found


def month(name: str) -> TruncMonth:
    """The month of a time, in UTC as the period is."""
    return TruncMonth(name, tzinfo=dt.UTC)


Extra = Iterable[tuple[tuple[Any, ...], Tally]]


def spread(extra: Extra, cut: dict[Any, Tally], whole: Tally) -> None:
    """Count further rows into the whole once, and into each line they belong to."""
    for keys, tally in extra:
        whole.add(tally)
        for key in keys:
            cut.setdefault(key, Tally()).add(tally)


def seeds(actor: Actor, wanted: Wanted) -> Extra:
    """Seeded items that somebody met in the period, and whether they noticed."""
    starts, ends = wanted.span
    rows = Seed.objects.filter(
        scope(actor, "item__", "judged_by"), judged_at__gte=starts, judged_at__lt=ends, caught__isnull=False
    ).order_by()
    rows = rows.filter(item__queue_id=wanted.queue_id) if wanted.queue_id else rows
    key = {"person": F("judged_by"), "month": month("judged_at")}.get(wanted.cut) or F(
        f"item__{ITEM_FIELD[wanted.cut]}"
    )
    counted = (
        rows.annotate(cut=key).values("cut").annotate(seeds=Count("pk"), noticed=Count("pk", filter=Q(caught=True)))
    )
    return [((row["cut"],), Tally(seeds=row["seeds"], caught=row["noticed"])) for row in counted]


def pairs(actor: Actor, wanted: Wanted) -> Extra:
    """First and blind second reviews of one item, and whether both came to the same record."""
    key = {"queue": F("queue_id"), "person": F("person_id"), "month": month("decided_at")}.get(wanted.cut)
    rows = decisions(actor, wanted).filter(slot=2, item__decisions__slot=1, item__decisions__undone_at=None)
    same = Q(verdict=Verdict.REFUSE, item__decisions__verdict=Verdict.REFUSE) | Q(
        verdict__in=APPROVING, item__decisions__verdict__in=APPROVING, result_digest=F("item__decisions__result_digest")
    )
    split = ["other"] if wanted.cut == "person" else []
    marked = rows.annotate(
        cut=key or F(f"item__{ITEM_FIELD[wanted.cut]}"), first=F("item__decisions__verdict"),
        other=F("item__decisions__person_id"), same=Case(When(same, then=1), default=0, output_field=IntegerField()),
    )  # fmt: skip
    counted = marked.values("cut", "first", "verdict", "same", *split).annotate(n=Count("pk"))
    found = []
    for row in counted:
        keys = (row["cut"], row["other"]) if wanted.cut == "person" else (row["cut"],)
        keys = keys if wanted.cut != "person" or oversees_any(actor) else (actor.id,)
        found.append(
            (keys, Tally(pairs=Counter({(row["first"], row["verdict"]): row["n"]}), agreed=row["same"] * row["n"]))
        )
    return found


def received(actor: Actor, wanted: Wanted) -> Extra:
    """Drafts received in the period and not taken back: expired, late. For those who oversee; nobody's own."""
    starts, ends = wanted.span
    rows = ReviewItem.objects.filter(
        scope(actor, "", ""), is_seeded=False, received_at__gte=starts, received_at__lt=ends
    ).exclude(state__in=(ItemState.WITHDRAWN, ItemState.SUPERSEDED)).order_by()  # fmt: skip
    rows = rows.filter(queue_id=wanted.queue_id) if wanted.queue_id else rows
    key = {"person": Value(""), "month": month("received_at")}.get(wanted.cut) or F(ITEM_FIELD[wanted.cut])
    late = Q(settled_at__gt=F("due_at")) | Q(state=ItemState.EXPIRED) | Q(state__in=LIVE, due_at__lt=timezone.now())
    counted = rows.annotate(cut=key).values("cut").annotate(
        received=Count("pk"), expired=Count("pk", filter=Q(state=ItemState.EXPIRED)), breached=Count("pk", filter=late)
    )  # fmt: skip
    return [(() if wanted.cut == "person" else (row.pop("cut"),), tally_of(row)) for row in counted]


def tally_of(row: dict[str, Any]) -> Tally:
    """Counts from a row of a query."""
    row.pop("cut", None)
    return Tally(**row)


def total(found: Iterable[Tally]) -> Tally:
    """All of them together."""
    whole = Tally()
    for one in found:
        whole.add(one)
    return whole


def named(found: dict[Any, Tally], cut: str) -> list[Line]:
    """The lines with words, the largest first (months in their order); at most one query."""
    words = names_of(found, cut)
    lines = [Line(key, words.get(key) or _("none"), tally) for key, tally in found.items()]
    if cut == "month":
        return sorted(lines, key=lambda line: line.key)
    return sorted(lines, key=lambda line: (-line.tally.decided, line.name))


def names_of(found: dict[Any, Tally], cut: str) -> dict[Any, str]:
    """What each key is called."""
    if cut == "month":
        return {key: f"{key:%b %Y}" for key in found}
    if cut == "criticality":
        return {key: str(Criticality(key).label) for key in found}
    models: dict[str, Any] = {"queue": Queue, "person": Person, "site": Site}
    if cut in models:
        rows: Iterable[tuple[Any, str]] = (
            models[cut].objects.filter(pk__in=[k for k in found if k]).values_list("pk", "name")
        )
        return dict(rows)
    return {key: str(key) for key in found}


def shortened(lines: list[Line]) -> list[Line]:
    """At most :data:`MOST_LINES`, and one for all others."""
    if len(lines) <= MOST_LINES:
        return lines
    others = total(line.tally for line in lines[MOST_LINES:])
    name = _("%(n)s others") % {"n": len(lines) - MOST_LINES}
    return [*lines[:MOST_LINES], Line(None, name, others)]
