"""Deletion cases: the list, the case itself, and how far it is while the page is open."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from governance.authority import Right, has_right
from governance.exports import TYPES, download
from governance.http import page
from governance.paging import page_of
from governance.queries.approvals import may_read_log
from retention.forms.cases import CaseFilter
from retention.models import DeletionCase
from retention.pages.case_next import more_verbs, next_of, why_not_act
from retention.pages.case_words import light_words
from retention.queries.case_page import CasePage
from retention.queries.case_timeline import case_timeline
from retention.queries.cases import cases, get_case, standings

#: Rows of one file; more than this is asked for with a narrower filter.
EXPORT_ROWS = 5_000
SORTS = {"due": ("due", "id"), "tenant": ("tenant__name", "number", "id"), "opened": ("opened_at", "id")}


def _keys(query: Any) -> tuple[str, ...]:
    """The ordering that ``?sort=`` asks for, from the allow-list."""
    wanted = query.get("sort", "due")
    keys = SORTS.get(wanted.removeprefix("-"), SORTS["due"])
    return tuple(f"-{key}" for key in keys) if wanted.startswith("-") else keys


@require_GET
@page(Right.READ_DELETIONS)
def room(request: Any) -> HttpResponse:
    """The room's own address leads to its cases."""
    return redirect("retention:case_list")


@require_GET
@page(Right.READ_DELETIONS)
def case_list(request: Any) -> HttpResponse:
    """Cases, filtered, sorted and paged by the URL; open ones first, by due date."""
    filters = CaseFilter(request.GET)
    found = page_of(cases(filters.wanted()), request.GET, _keys(request.GET), size=25)
    told = standings(found.rows)
    context = {
        "filters": filters,
        "page": found,
        "rows": [(case, told[case.id]) for case in found.rows],
        "may_open": has_right(request.actor, Right.DELETE_DATA),
    }
    return render(request, "retention/cases/list.html", context)


@require_GET
@page(Right.READ_DELETIONS)
def case_export(request: Any, form: str) -> HttpResponse:
    """The list as it is filtered and sorted, as CSV or XLSX."""
    if form not in TYPES:
        raise Http404
    rows = cases(CaseFilter(request.GET).wanted()).order_by(*_keys(request.GET))[:EXPORT_ROWS]
    headings = [
        _("Reference"), _("Tenant"), _("Cause"), _("State"), _("Deadline"), _("Clock from"), _("Due"),
        _("Will be done on"), _("Percent"), _("Opened (UTC)"),
    ]  # fmt: skip
    return download("deletions", form, headings, _cells(rows))


def _cells(rows: Any) -> Iterator[list[Any]]:
    found = iter(rows)
    while some := list(islice(found, 500)):
        told = standings(some)
        for case in some:
            yield _row(case, told[case.id].done_on, told[case.id].percent)


def _row(case: DeletionCase, done_on: Any, percent: int | None) -> list[Any]:
    return [
        str(case), case.tenant.name, case.get_cause_display(), case.get_state_display(), light_words(case)[2],
        case.clock_from, case.due_on, done_on, percent, case.opened_at.strftime("%Y-%m-%d %H:%M:%S"),
    ]  # fmt: skip


@require_GET
@page(Right.READ_DELETIONS)
def case_read(request: Any, case_id: uuid.UUID) -> HttpResponse:
    """One case: its clock, what has to happen next, its stores, what is to be signed, its certificates."""
    shown = CasePage(request.actor, get_case(case_id))
    context = {
        "page": shown,
        "case": shown.case,
        "next": next_of(shown),
        "verbs": more_verbs(shown),
        "why_act": why_not_act(shown),
        "timeline": case_timeline(shown.case) if may_read_log(request.actor) else None,
    }
    return render(request, "retention/cases/read.html", context)


@require_GET
@page(Right.READ_DELETIONS)
def case_progress(request: Any, case_id: uuid.UUID) -> HttpResponse:
    """The stores' part alone, for a page that is open: nothing when nothing changed, the whole page when it moved."""
    shown = CasePage(request.actor, get_case(case_id))
    if request.GET.get("seen", shown.seen) != shown.seen:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    if request.GET.get("mark") == shown.mark:
        return HttpResponse(status=204 if shown.pace else 286)
    is_news = request.GET.get("said") != shown.said
    context = {"page": shown, "case": shown.case, "is_news": is_news, "why_act": why_not_act(shown)}
    return render(request, "retention/cases/_progress.html", context, status=200 if shown.pace else 286)
