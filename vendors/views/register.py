"""The register for everybody: which AI tool may be used for what."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from governance.authority import Right, has_right
from governance.http import page
from governance.paging import page_of
from vendors.forms.filters import RegisterFilter
from vendors.queries.register import ask_register, attach_standing, get_listed

KEYS = ("rank", "vendor__name", "name", "id")


@require_GET
@page()
def register(request: Any) -> HttpResponse:
    """Every service, first those that may be used for what is asked."""
    filters = RegisterFilter(request.GET)
    found = page_of(ask_register(filters.wanted()), request.GET, KEYS, size=20)
    attach_standing(found.rows)
    context = {"filters": filters, "page": found, "asked": filters.wanted()}
    return render(request, "vendors/register/list.html", context)


@require_GET
@page()
def register_read(request: Any, service_id: uuid.UUID) -> HttpResponse:
    """One service in plain words: may I use it, for what, until when, or why not and what to do."""
    context = {"service": get_listed(service_id), "may_read_room": has_right(request.actor, Right.READ_VENDORS)}
    return render(request, "vendors/register/read.html", context)
