"""How long data is kept, by class: the defaults and each tenant's own."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance.authority import Right, has_right
from governance.http import attempt, page, status_of
from governance.paging import page_of
from governance.vocabulary import DataClass
from retention.forms.schedules import ScheduleFilter, ScheduleForm
from retention.queries import holds as queries
from retention.services.schedules import end_schedule, set_schedule

LIST = "retention:schedule_list"
KEYS = ("tenant__name", "data_class", "id")
#: Ended schedules that the page folds away.
HISTORY = 50


@require_GET
@page(Right.READ_DELETIONS)
def schedule_list(request: Any) -> HttpResponse:
    """The defaults, each tenant's own, and those that ended."""
    filters = ScheduleFilter(request.GET)
    defaults = {row.data_class: row for row in queries.schedules_now([])}
    context = {
        "filters": filters,
        "defaults": [(value, label, defaults.get(value)) for value, label in DataClass.choices],
        "page": page_of(queries.schedules_own(filters.words()), request.GET, KEYS, size=30),
        "ended": list(queries.schedules_ended()[:HISTORY]),
        "may_act": has_right(request.actor, Right.DELETE_DATA),
    }
    return render(request, "retention/schedules/list.html", context)


@require_http_methods(["GET", "POST"])
@page(Right.DELETE_DATA)
def schedule_set(request: Any) -> HttpResponse:
    """Say how long one class of data is kept; the schedule that counted so far ends."""
    form = ScheduleForm(request.POST or None, initial=request.GET.dict())
    if form.is_valid():
        row = attempt(form, lambda: set_schedule(actor=request.actor, **form.facts()))
        if row is not None:
            messages.success(request, _("Set. It counts from now on; the one before stays on record."))
            return redirect(LIST)
    return render(request, "retention/schedules/set.html", {"form": form}, status=status_of(form))


@require_POST
@page(Right.DELETE_DATA)
def schedule_end(request: Any, schedule_id: uuid.UUID) -> HttpResponse:
    """A schedule counts no more."""
    row = end_schedule(actor=request.actor, schedule_id=schedule_id)
    said = _("Ended. The default counts for this tenant, where there is one.") if row.tenant_id else _("Ended.")
    messages.success(request, said)
    return redirect(LIST)
