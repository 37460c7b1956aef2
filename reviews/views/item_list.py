"""The list of items, filtered by the URL, and taken away as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from auditlog.actors import Actor
from governance.authority import Right
from governance.exports import TYPES, download
from governance.http import page
from governance.paging import page_of
from reviews.forms.people import ItemFilter
from reviews.models import ReviewItem
from reviews.queries.blindness import masks_states, state_shown, tells_seed
from reviews.queries.queues import list_items
from reviews.vocabulary import LIVE, Criticality, Verdict

#: Rows of one file; more than this is asked for with a narrower filter.
EXPORT_ROWS = 5_000
SORTS = {"received": "received_at", "due": "due_at", "reference": "reference"}


def keys_of(query: Any) -> tuple[str, str]:
    """The ordering that ``?sort=`` asks for; the newest first otherwise."""
    wanted = query.get("sort", "-received")
    name = SORTS.get(wanted.removeprefix("-"), "received_at")
    return (f"-{name}", "-id") if wanted.startswith("-") or wanted.removeprefix("-") not in SORTS else (name, "id")


@require_GET
@page(Right.READ_REVIEWS)
def item_list(request: Any) -> HttpResponse:
    """Items the actor may see."""
    filters = ItemFilter(request.GET, actor=request.actor)
    found = page_of(list_items(request.actor, filters.wanted()), request.GET, keys_of(request.GET), size=25)
    masked = masks_states(request.actor)
    for item in found.rows:
        item.state_told, item.seed_told = state_shown(item, masked=masked), tells_seed(request.actor, item)
    return render(request, "reviews/items/list.html", {"filters": filters, "page": found})


@require_GET
@page(Right.READ_REVIEWS)
def item_export(request: Any, form: str) -> HttpResponse:
    """The list as it is filtered and sorted, as CSV or XLSX; the label AI-generated in every row (I78)."""
    if form not in TYPES:
        raise Http404
    wanted = ItemFilter(request.GET, actor=request.actor).wanted()
    rows = without_past_seeds(list_items(request.actor, wanted)).order_by(*keys_of(request.GET))[:EXPORT_ROWS]
    headings = [
        _("Reference"), _("Label"), _("Title"), _("Queue"), _("Site"), _("Criticality"), _("State"), _("Verdict"),
        _("Seeded"), _("Model"), _("Service"), _("Received (UTC)"), _("Due (UTC)"), _("Final since (UTC)"), _("Digest"),
        _("Digest of the decided record"),
    ]  # fmt: skip
    return download("review-items", form, headings, told(request.actor, rows))


def without_past_seeds(rows: QuerySet[ReviewItem]) -> QuerySet[ReviewItem]:
    """No seeded item is taken away in a file (I81); one that waits is left in, or the file would give it away."""
    return rows.filter(Q(is_seeded=False) | Q(state__in=LIVE))


def told(actor: Actor, rows: Any) -> Iterator[list[str]]:
    """The cells of each row, as the actor may read them."""
    masked = masks_states(actor)
    for item in rows:
        seeded = _("yes") if tells_seed(actor, item) else ""
        yield [*about(item), str(state_shown(item, masked=masked).label), verdict_of(item), seeded, *ending(item)]


def about(item: ReviewItem) -> list[str]:
    """What the item is."""
    return [
        item.reference, item.label, item.content.title, item.queue.name, item.site.name if item.site else "",
        str(Criticality(item.criticality).label),
    ]  # fmt: skip


def ending(item: ReviewItem) -> list[str]:
    """What became of it, and when."""
    times = [item.received_at, item.due_at, item.settled_at]
    return [
        item.model, item.service, *(at.strftime("%Y-%m-%d %H:%M:%S") if at else "" for at in times), item.digest,
        item.final_digest,
    ]  # fmt: skip


def verdict_of(item: ReviewItem) -> str:
    """What was decided, once it is final."""
    return str(Verdict(item.verdict).label) if item.verdict else ""
