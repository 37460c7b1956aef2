"""The page that says how the periodic work is doing."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from console.health import readiness
from console.queries import sweep_report
from governance.authority import Right
from governance.http import SignedInRequest, page


@require_GET
@page(Right.READ_ADMIN_PAGES)
def job_list(request: SignedInRequest) -> HttpResponse:
    """Every sweep with its last and next run, and whether all that the console needs answers."""
    return render(request, "console/jobs.html", {"sweeps": sweep_report(), "readiness": readiness()})
