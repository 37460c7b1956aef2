"""One person's data: requests taken in, and which part of each store is theirs."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from governance.authority import Right, has_right
from governance.exports import TYPES, download
from governance.http import attempt, page, status_of
from governance.paging import page_of
from retention.forms.requests import RequestFilter, RequestForm, SelectForm
from retention.models import DeletionCase, SubjectRequest
from retention.queries import requests as queries
from retention.services.cases import case_path
from retention.services.subjects import find_open, select_part, take_request

#: Rows of one file; more than this is asked for with a narrower filter.
EXPORT_ROWS = 5_000
SORTS = {
    "received": ("received_on", "received_at", "id"),
    "tenant": ("case__tenant__name", "id"),
}


def _keys(query: Any) -> tuple[str, ...]:
    """The ordering that ``?sort=`` asks for, from the allow-list."""
    wanted = query.get("sort", "-received")
    keys = SORTS.get(wanted.removeprefix("-"), SORTS["received"])
    return tuple(f"-{key}" for key in keys) if wanted.startswith("-") else keys


@require_GET
@page(Right.READ_DELETIONS)
def request_list(request: Any) -> HttpResponse:
    """Requests that are open, or those the filter asks for. Whom they are about stands nowhere."""
    filters = RequestFilter(request.GET)
    context = {
        "filters": filters,
        "page": page_of(queries.requests(**filters.wanted()), request.GET, _keys(request.GET), size=25),
        "sort": "-received",
        "may_act": has_right(request.actor, Right.DELETE_DATA),
    }
    return render(request, "retention/requests/list.html", context)


@require_GET
@page(Right.READ_DELETIONS)
def request_export(request: Any, form: str) -> HttpResponse:
    """The list as it is filtered and sorted, as CSV or XLSX, without whom the requests are about."""
    if form not in TYPES:
        raise Http404
    rows = queries.requests(**RequestFilter(request.GET).wanted()).order_by(*_keys(request.GET))[:EXPORT_ROWS]
    headings = [
        _("Case"), _("Tenant"), _("Reference"), _("Asked by"), _("Came in on"), _("Gone by"), _("State"),
        _("Stores to look at"),
    ]  # fmt: skip
    return download("erasure-requests", form, headings, _cells(rows))


def _cells(rows: Any) -> Iterator[list[Any]]:
    for row in rows:
        case = row.case
        yield [
            str(case), case.tenant.key, row.reference, row.asked_by, row.received_on, case.due_on,
            case.get_state_display(), str(row.unsaid),
        ]  # fmt: skip


@sensitive_post_parameters("subject")
@require_http_methods(["GET", "POST"])
@page(Right.DELETE_DATA)
def request_take(request: Any) -> HttpResponse:
    """Take in a request; its case opens by itself."""
    form = RequestForm(request.POST or None, initial={"tenant": request.GET.get("tenant", "")})
    if form.is_valid():
        tenant, facts = form.cleaned_data["tenant"], form.facts()
        row = attempt(form, lambda: take_request(actor=request.actor, tenant_id=tenant.id, facts=facts))
        if row is not None:
            _tell_taken(request, row)
            return redirect(case_path(row.case_id))
    context = {"form": form, "open_one": _open_one(form)}
    return render(request, "retention/requests/take.html", context, status=status_of(form))


def _tell_taken(request: Any, row: SubjectRequest) -> None:
    """What comes next: by the stores that were found."""
    if row.selectors.filter(sealed_selector="").exists():
        messages.success(request, _("Taken in. Say next which part of each store is the person’s."))
    elif row.selectors.exists():
        messages.success(request, _("Taken in. Take its inventory next."))
    else:
        messages.warning(request, _("Taken in. No registered store holds personal data: register those that do next."))


def _open_one(form: RequestForm) -> DeletionCase | None:
    """The case of the request that is open about the same person, when that is what speaks against another one."""
    if not form.is_bound or not form.non_field_errors():
        return None
    tenant, subject = form.cleaned_data.get("tenant"), form.cleaned_data.get("subject", "").strip()
    found = find_open(tenant.id, subject) if tenant and subject else None
    return found.case if found else None


@sensitive_post_parameters("selector")
@require_http_methods(["GET", "POST"])
@page(Right.DELETE_DATA)
def request_select(request: Any, case_id: uuid.UUID, store_id: uuid.UUID) -> HttpResponse:
    """Name the part of one store that is the person's, or say that it holds nothing of them."""
    row = queries.get_selector(case_id, store_id)
    form = SelectForm(request.POST or None, store=row.store, initial={"is_none": row.is_none})
    if form.is_valid():
        got = form.cleaned_data
        saved = attempt(form, lambda: select_part(actor=request.actor, case_id=case_id, store_id=store_id, **got))
        if saved is not None:
            messages.success(request, _("Noted for %s.") % saved.store)
            return redirect(case_path(case_id))
    context = {
        "form": form,
        "row": row,
        "case": row.request.case,
        "subject": queries.opened(row.request.sealed_subject),
        "named": queries.opened(row.sealed_selector),
    }
    return render(request, "retention/requests/select.html", context, status=status_of(form))
