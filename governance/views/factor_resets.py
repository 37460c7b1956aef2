"""Resetting somebody's second factors: asking, deciding, and the link that follows."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance.authority import Right
from governance.forms import FactorResetForm
from governance.http import attempt, page, status_of
from governance.panels import panel_for
from governance.queries import approvals as approval_queries
from governance.queries import people as queries
from governance.services import factor_resets as services


@require_http_methods(["GET", "POST"])
@page(Right.MANAGE_PEOPLE)
def factor_reset_ask(request: Any, person_id: uuid.UUID) -> HttpResponse:
    """Ask for a reset; where that cannot be, the page says why."""
    person = queries.get_person(person_id)
    form = FactorResetForm(request.POST or None)
    if form.is_valid():
        row = attempt(
            form,
            lambda: services.request_factor_reset(actor=request.actor, person_id=person_id, **form.cleaned_data),
        )
        if row is not None:
            messages.success(request, _("Asked for. It takes effect when a security approver countersigns."))
            return redirect("governance:factor_reset_read", reset_id=row.id)
    context = {"form": form, "person": person, "why_not": services.why_no_reset(request.actor, person)}
    return render(request, "governance/factor_resets/ask.html", context, status=status_of(form))


@require_GET
@page()
def factor_reset_read(request: Any, reset_id: uuid.UUID) -> HttpResponse:
    """One reset with its decision panel, for whoever may see its approval."""
    row = queries.get_factor_reset(reset_id)
    approval = approval_queries.get_for(request.actor, row.approval_id)
    context = {"reset": row, "panel": panel_for(request.actor, approval)}
    return render(request, "governance/factor_resets/read.html", context)


@never_cache
@require_POST
@page(Right.MANAGE_PEOPLE)
def enrolment_link(request: Any, person_id: uuid.UUID) -> HttpResponse:
    """Show the one link with which somebody enrols after a reset, this once."""
    person = queries.get_person(person_id)
    link = services.make_enrolment_link(actor=request.actor, person_id=person_id)
    return render(request, "governance/factor_resets/link.html", {"person": person, "link": link})
