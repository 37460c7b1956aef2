"""What waits because of holds and requests, and what search finds of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from auditlog.actors import Actor
from governance.authority import Right, has_right
from governance.search import Hit
from governance.work import WorkItem
from retention.models import LegalHold
from retention.queries.holds import holds
from retention.queries.requests import requests
from retention.services.subjects import UNSIGNED

ROOM = "Retention"
MOST = 20
#: How long before its review a hold shows up for whoever answers for it.
AHEAD = dt.timedelta(days=7)


def holds_to_review(actor: Actor) -> Iterable[WorkItem]:
    """Holds to be looked at again: for whoever answers for them; once it is late, for every privacy officer."""
    today = timezone.now().date()
    due = Q(owner_id=actor.id, review_on__lte=today + AHEAD)
    if has_right(actor, Right.DELETE_DATA):
        due |= Q(review_on__lt=today)
    for row in holds(state="live").filter(due).order_by("review_on", "id")[:MOST]:
        url = reverse("retention:hold_read", args=[row.id])
        yield WorkItem(ROOM, _("Legal hold: %s") % row.matter, url, _end_of(row.review_on), _("look at it again"))


def requests_to_name(actor: Actor) -> Iterable[WorkItem]:
    """Requests about one person for which nobody has said yet which part of a store is theirs."""
    if not has_right(actor, Right.DELETE_DATA):
        return
    rows: Any = requests(state="open")
    rows = rows.filter(unsaid__gt=0, case__state__in=UNSIGNED)
    for row in rows.order_by("received_on", "id")[:MOST]:
        words = ngettext("%s store: name the person’s part", "%s stores: name the person’s part", row.unsaid)
        url = reverse("retention:case_read", args=[row.case_id])
        title = _("Request about one person: %s") % row.case
        yield WorkItem(ROOM, title, url, _end_of(row.case.due_on), words % row.unsaid)


def _end_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.max, tzinfo=dt.UTC)


def holds_found(actor: Actor, words: str) -> Iterable[Hit]:
    """Holds by matter or tenant."""
    if has_right(actor, Right.READ_DELETIONS):
        for row in holds(words=words)[:10]:
            yield Hit(_("Legal hold"), row.matter, reverse("retention:hold_read", args=[row.id]), _said(row))


def _said(row: LegalHold) -> str:
    return f"{row.tenant.name}, {_('lifted') if row.lifted_at else _('in force')}"
