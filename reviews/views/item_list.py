"""The list of items, filtered by the URL, and taken away as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from governance.authority import Right
from governance.exports import TYPES, download
from governance.http import page
from governance.paging import page_of
from reviews.forms.people import ItemFilter
from reviews.models import ReviewItem
from reviews.queries.blindness import masks_states, state_shown
from reviews.queries.queues import list_items
from reviews.vocabulary import Criticality, Verdict

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
        item.state_told = state_shown(item, masked=masked)
    return render(request, "reviews/items/list.html", {"filters": filters, "page": found})


@require_GET
@page(Right.READ_REVIEWS)
def item_export(request: Any, form: str) -> HttpResponse:
    """The list as it is filtered and sorted, as CSV or XLSX; the label AI-generated in every row (I78)."""
    if form not in TYPES:
        raise Http404
    wanted = ItemFilter(request.GET, actor=request.actor).wanted()
    rows = list_items(request.actor, wanted).order_by(*keys_of(request.GET))[:EXPORT_ROWS]
    headings = [
        _("Reference"), _("Label"), _("Title"), _("Queue"), _("Site"), _("Criticality"), _("State"), _("Verdict"),
        _("Seeded"), _("Model"), _("Service"), _("Received (UTC)"), _("Due (UTC)"), _("Final since (UTC)"), _("Digest"),
        _("Digest of the decided record"),
    ]  # fmt: skip
    return download("review-items", form, headings, told(rows, masked=masks_states(request.actor)))


def told(rows: Any, *, masked: bool) -> Iterator[list[str]]:
    """The cells of each row."""
    for item in rows:
        yield [*about(item), str(state_shown(item, masked=masked).label), *ending(item)]


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
        str(Verdict(item.verdict).label) if item.verdict else "",
        _("yes") if item.is_seeded and not item.is_live else "", item.model, item.service,
        *(at.strftime("%Y-%m-%d %H:%M:%S") if at else "" for at in times), item.digest, item.final_digest,
    ]  # fmt: skip
