"""Terminate a tenant, and take that back."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.authority import Right
from governance.http import attempt, page, status_of
from governance.queries.tenants import get_tenant
from governance.tenant_cards import cards_of
from governance.tenant_forms import ReinstatementForm, TerminationForm
from governance.tenant_words import day_words
from tenants.models import Tenant
from tenants.queries import ending_with_tenant
from tenants.services import reinstate_tenant, terminate_tenant


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def tenant_terminate(request: Any, tenant_id: uuid.UUID) -> HttpResponse:
    """Choose the day, read what follows, terminate. ``?terminated_on=`` shows what would follow of another day."""
    tenant = get_tenant(tenant_id)
    initial = {"terminated_on": request.GET["terminated_on"]} if request.GET.get("terminated_on") else None
    form = TerminationForm(request.POST or None, initial=initial)
    if form.is_valid():
        saved = attempt(form, lambda: terminate_tenant(actor=request.actor, tenant_id=tenant_id, **form.cleaned_data))
        if saved is not None:
            told = {"tenant": saved, "day": day_words(saved.due_on)}
            messages.success(request, _("%(tenant)s is terminated. Everything of it is gone by %(day)s.") % told)
            return redirect("governance:tenant_read", tenant_id=tenant_id)
    stops = [card for card in cards_of(request.actor, tenant) if card.stops]
    context = {"form": form, "tenant": tenant, "stops": stops, **_what_follows(tenant, form)}
    return render(request, "governance/tenants/terminate.html", context, status=status_of(form))


def _what_follows(tenant: Tenant, form: TerminationForm) -> dict[str, Any]:
    """The due date of the day in the form, and the agreements that would end with it."""
    day = form.day()
    if day is None:
        return {"day": None}
    try:
        due_on = Tenant(terminated_on=day).due_on
    except OverflowError:
        return {"day": None}
    return {"day": day, "due_on": due_on, "ends": list(ending_with_tenant(tenant.id, day))}


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def tenant_reinstate(request: Any, tenant_id: uuid.UUID) -> HttpResponse:
    """Take a termination back, as long as nothing was decided on it."""
    tenant = get_tenant(tenant_id)
    form = ReinstatementForm(request.POST or None)
    if form.is_valid():
        saved = attempt(form, lambda: reinstate_tenant(actor=request.actor, tenant_id=tenant_id, **form.cleaned_data))
        if saved is not None:
            messages.success(request, _("%s is reinstated. What ended with it goes on.") % saved)
            return redirect("governance:tenant_read", tenant_id=tenant_id)
    context = {"form": form, "tenant": tenant}
    return render(request, "governance/tenants/reinstate.html", context, status=status_of(form))
