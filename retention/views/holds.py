"""Legal holds: what is held, by whom, since when it is in effect; placed, looked at again, lifted."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from auditlog.queries import timeline
from governance.authority import Right, has_right
from governance.exports import TYPES, download
from governance.http import attempt, page, status_of
from governance.paging import page_of
from governance.queries.approvals import may_read_log
from retention.forms.holds import HoldFilter, HoldForm, HoldLiftForm, HoldReviewForm, as_uuid
from retention.models import LegalHold
from retention.queries import holds as queries
from retention.services.holds import lift_hold, place_hold, review_hold

READ = "retention:hold_read"
#: Rows of one file; more than this is asked for with a narrower filter.
EXPORT_ROWS = 5_000
SORTS = {
    "placed": ("placed_at", "id"),
    "review": ("review_on", "id"),
    "tenant": ("tenant__name", "id"),
}


def _keys(query: Any) -> tuple[str, ...]:
    """The ordering that ``?sort=`` asks for, from the allow-list."""
    wanted = query.get("sort", "-placed")
    keys = SORTS.get(wanted.removeprefix("-"), SORTS["placed"])
    return tuple(f"-{key}" for key in keys) if wanted.startswith("-") else keys


@require_GET
@page(Right.READ_DELETIONS)
def hold_list(request: Any) -> HttpResponse:
    """Holds in force, or those the filter asks for."""
    filters = HoldFilter(request.GET)
    found = page_of(queries.holds(**filters.wanted()), request.GET, _keys(request.GET), size=25)
    context = {
        "filters": filters,
        "page": found,
        "sort": "-placed",
        "may_act": has_right(request.actor, Right.DELETE_DATA),
    }
    return render(request, "retention/holds/list.html", context)


@require_GET
@page(Right.READ_DELETIONS)
def hold_export(request: Any, form: str) -> HttpResponse:
    """The list as it is filtered and sorted, as CSV or XLSX."""
    if form not in TYPES:
        raise Http404
    rows = queries.holds(**HoldFilter(request.GET).wanted()).order_by(*_keys(request.GET))[:EXPORT_ROWS]
    headings = [
        _("Tenant"), _("Data store"), _("Matter"), _("Why"), _("Answers for it"), _("Placed (UTC)"), _("Placed by"),
        _("In effect since (UTC)"), _("Look at it again by"), _("Lifted (UTC)"), _("Lifted by"), _("Why it could go"),
    ]  # fmt: skip
    return download("legal-holds", form, headings, _cells(rows))


def _cells(rows: Any) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            row.tenant.key, row.store.key if row.store else "", row.matter, row.reason, row.owner.name,
            _utc(row.placed_at), row.placed_by.name, _utc(row.effective_at), row.review_on, _utc(row.lifted_at),
            row.lifted_by.name if row.lifted_by else "", row.lifted_reason,
        ]  # fmt: skip


def _utc(moment: Any) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else ""


@require_http_methods(["GET", "POST"])
@page(Right.DELETE_DATA)
def hold_place(request: Any) -> HttpResponse:
    """Place a hold. Without scripts a button lists the chosen tenant's stores and keeps what was typed."""
    asked = request.POST or request.GET
    tenant_id = as_uuid(asked.get("tenant", ""))
    if request.method == "GET" or "list_stores" in request.POST:
        form = HoldForm(initial={"owner": request.actor.id, **asked.dict()}, tenant_id=tenant_id)
    else:
        form = HoldForm(request.POST, tenant_id=tenant_id)
    if form.is_valid():
        hold = attempt(form, lambda: place_hold(actor=request.actor, **form.facts()))
        if hold is not None:
            messages.success(request, _placed(hold))
            return redirect(READ, hold_id=hold.id)
    return render(request, "retention/holds/place.html", {"form": form}, status=status_of(form))


def _placed(hold: LegalHold) -> str:
    if hold.effective_at is not None:
        return _("The hold is in effect: nothing it covers is deleted.")
    return _("The hold is placed. Nothing more begins; what was under way already stands below.")


@require_GET
@page()
def hold_read(request: Any, hold_id: uuid.UUID) -> HttpResponse:
    """One hold: its facts, since when it is in effect, and what it refused. Whoever answers for it may read it, too."""
    hold, may_read = queries.get_hold_for(request.actor, hold_id), may_read_log(request.actor)
    context = {
        "hold": hold,
        "under_way": [] if hold.lifted_at or hold.effective_at else queries.on_their_way(hold),
        "refused": queries.refused_attempts(hold),
        "may_act": has_right(request.actor, Right.DELETE_DATA),
        "may_read_log": may_read,
        "timeline": timeline("retention.hold", hold.id) if may_read else None,
    }
    return render(request, "retention/holds/read.html", context)


@require_http_methods(["GET", "POST"])
@page(Right.DELETE_DATA)
def hold_review(request: Any, hold_id: uuid.UUID) -> HttpResponse:
    """It was looked at and is still needed."""
    hold = queries.get_hold(hold_id)
    form = HoldReviewForm(request.POST or None)
    if form.is_valid():
        saved = attempt(form, lambda: review_hold(actor=request.actor, hold_id=hold_id, **form.cleaned_data))
        if saved is not None:
            messages.success(request, _("Noted. The hold stays."))
            return redirect(READ, hold_id=hold_id)
    return render(request, "retention/holds/review.html", {"form": form, "hold": hold}, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.DELETE_DATA)
def hold_lift(request: Any, hold_id: uuid.UUID) -> HttpResponse:
    """Lift a hold; deletions that it stopped go on by themselves."""
    hold = queries.get_hold(hold_id)
    form = HoldLiftForm(request.POST or None)
    if form.is_valid():
        saved = attempt(form, lambda: lift_hold(actor=request.actor, hold_id=hold_id, **form.cleaned_data))
        if saved is not None:
            messages.success(request, _("Lifted. What it stopped goes on by itself."))
            return redirect(READ, hold_id=hold_id)
    context = {"form": form, "hold": hold, "stopped": queries.cases_stopped(hold)}
    return render(request, "retention/holds/lift.html", context, status=status_of(form))
