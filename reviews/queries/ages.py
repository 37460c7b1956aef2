"""How old the backlog of a queue is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from reviews.models import Queue, ReviewItem
from reviews.vocabulary import LIVE, WAITING, Criticality, ItemState


@dataclass(frozen=True, slots=True)
class Ages:
    """Items that are not decided for good, by how long they have waited."""

    spans: list[tuple[str, int]]
    waiting: int
    late: int
    critical: int
    asked: int


def ages_of(queue: Queue) -> Ages:
    """One query over what is live; seeded items are nobody's backlog (I81)."""
    now = timezone.now()
    hours = [(0, 1), (1, 4), (4, 8), (8, 24), (24, None)]
    words = [_("under 1 h"), _("1 to 4 h"), _("4 to 8 h"), _("8 to 24 h"), _("a day and more")]
    counts = {f"span_{n}": Count("id", filter=_between(now, *span)) for n, span in enumerate(hours)}
    late = Q(due_at__lte=now, paused_at=None) & ~Q(state=ItemState.DECIDED)
    found = ReviewItem.objects.filter(queue=queue, state__in=LIVE, is_seeded=False).aggregate(
        waiting=Count("id", filter=Q(state__in=WAITING)), late=Count("id", filter=late),
        critical=Count("id", filter=Q(criticality=Criticality.CRITICAL)),
        asked=Count("id", filter=Q(state=ItemState.INFO_REQUESTED)), **counts,
    )  # fmt: skip
    spans = [(word, found[f"span_{n}"]) for n, word in enumerate(words)]
    return Ages(spans, found["waiting"], found["late"], found["critical"], found["asked"])


def _between(now: dt.datetime, low: int, high: int | None) -> Q:
    since = Q(received_at__lte=now - dt.timedelta(hours=low))
    return since & Q(received_at__gt=now - dt.timedelta(hours=high)) if high else since
