"""The first page: what waits for me, and what I wait for."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.http import page
from governance.work import work_for


@require_safe
@page()
def my_work(request: Any) -> HttpResponse:
    """Everything that waits for the actor by due time, across the workflows, and what they asked for."""
    items = work_for(request.actor)
    room = request.GET.get("room", "")
    mine = [item for item in items if item.mine]
    now = timezone.now()
    context = {
        "mine": [item for item in mine if room in ("", str(item.room))],
        "asked": [item for item in items if not item.mine],
        "rooms": sorted(Counter(str(item.room) for item in mine).items()),
        "room": room,
        "total": len(mine),
        "overdue": sum(1 for item in mine if item.due and item.due < now),
        "now": timezone.localtime(now),
    }
    return render(request, "console/my_work.html", context)
