"""Vendors: listed, taken away as a file, read, added, edited."""

from __future__ import annotations

import uuid
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
from vendors.forms.filters import ServiceFilter
from vendors.forms.vendors import VendorForm
from vendors.queries import reading
from vendors.queries.register import SORTS, attach_standing, list_services, vendors_without_service
from vendors.queries.rows import HEADINGS, row_of
from vendors.services.vendors import add_vendor, edit_vendor

#: Rows of one file; more than this is asked for with a narrower filter.
EXPORT_ROWS = 5_000


def _keys(query: Any) -> tuple[str, ...]:
    """The ordering that ``?sort=`` asks for, from the allow-list."""
    wanted = query.get("sort", "vendor")
    keys = SORTS.get(wanted.removeprefix("-"), SORTS["vendor"])
    return (f"-{keys[0]}", *keys[1:]) if wanted.startswith("-") else keys


@require_GET
@page(Right.READ_VENDORS)
def vendor_list(request: Any) -> HttpResponse:
    """Every service with how it stands, filtered, sorted and paged by the URL."""
    filters = ServiceFilter(request.GET)
    wanted = filters.wanted()
    found = page_of(list_services(wanted), request.GET, _keys(request.GET), size=25)
    attach_standing(found.rows)
    first = "after" not in request.GET and "before" not in request.GET
    context = {
        "filters": filters,
        "page": found,
        "bare": list(vendors_without_service(wanted.words)[:20]) if first else [],
        "may_draft": has_right(request.actor, Right.DRAFT_ASSESSMENT),
    }
    return render(request, "vendors/list.html", context)


@require_GET
@page(Right.READ_VENDORS)
def vendor_export(request: Any, form: str) -> HttpResponse:
    """The list as it is filtered and sorted, as CSV or XLSX."""
    if form not in TYPES:
        raise Http404
    rows = list_services(ServiceFilter(request.GET).wanted()).order_by(*_keys(request.GET))[:EXPORT_ROWS]
    return download("services", form, [str(name) for name in HEADINGS], map(row_of, attach_standing(list(rows))))


@require_GET
@page(Right.READ_VENDORS)
def vendor_read(request: Any, vendor_id: uuid.UUID) -> HttpResponse:
    """One vendor with its services and agreements."""
    vendor = reading.get_vendor(request.actor, vendor_id)
    context = {
        "vendor": vendor,
        "services": attach_standing(list(reading.services_with(vendor))),
        "agreements": reading.agreements_with(vendor),
        "timeline": timeline("vendors.vendor", vendor.id) if has_right(request.actor, Right.READ_LOG) else None,
        "may_draft": has_right(request.actor, Right.DRAFT_ASSESSMENT),
        "may_record": has_right(request.actor, Right.RECORD_AGREEMENT),
    }
    return render(request, "vendors/read.html", context)


@require_http_methods(["GET", "POST"])
@page(Right.DRAFT_ASSESSMENT)
def vendor_add(request: Any) -> HttpResponse:
    """Add a vendor; its first service comes next."""
    form = VendorForm(request.POST or None)
    if form.is_valid():
        vendor = attempt(form, lambda: add_vendor(actor=request.actor, details=form.details()))
        if vendor is not None:
            messages.success(request, _("%s is in the register. Add its first service next.") % vendor)
            return redirect("vendors:service_add", vendor_id=vendor.id)
    return render(request, "vendors/add.html", {"form": form}, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.DRAFT_ASSESSMENT)
def vendor_edit(request: Any, vendor_id: uuid.UUID) -> HttpResponse:
    """Correct what is known of a vendor."""
    vendor = reading.get_vendor(request.actor, vendor_id)
    form = VendorForm(request.POST) if request.method == "POST" else VendorForm.of(vendor)
    if form.is_bound and form.is_valid():
        saved = attempt(form, lambda: edit_vendor(actor=request.actor, vendor_id=vendor.id, details=form.details()))
        if saved is not None:
            messages.success(request, _("Saved."))
            return redirect("vendors:vendor_read", vendor_id=vendor.id)
    return render(request, "vendors/edit.html", {"form": form, "vendor": vendor}, status=status_of(form))
