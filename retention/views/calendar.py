"""What is due when, by month and as a file for other calendars."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from governance.authority import Right
from governance.http import page
from retention.forms.cases import CalendarFilter
from retention.pages.calendar_file import calendar_file
from retention.queries.calendar import KINDS, by_month, days


@require_GET
@page(Right.READ_DELETIONS)
def case_calendar(request: Any) -> HttpResponse:
    """Due dates, locks, backups and holds by month."""
    filters = CalendarFilter(request.GET, kinds=[(kind, words) for kind, (_tone, _icon, words) in KINDS.items()])
    context = {
        "filters": filters,
        "months": by_month(days(filters.wanted())),
        "today": timezone.now().date(),
    }
    return render(request, "retention/calendar.html", context)


@require_GET
@page(Right.READ_DELETIONS)
def case_calendar_file(request: Any) -> HttpResponse:
    """The same as iCalendar."""
    filters = CalendarFilter(request.GET, kinds=[(kind, words) for kind, (_tone, _icon, words) in KINDS.items()])
    response = HttpResponse(calendar_file(days(filters.wanted())), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="deletions.ics"'
    return response
