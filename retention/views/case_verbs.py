"""What is done with a deletion case: opened, counted, asked for, called off, tried again, attested, certified."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from governance.authority import Right
from governance.http import attempt, page, status_of
from retention.forms.cases import AttestationForm, CaseModeForm, CaseOpeningForm, CaseReasonForm
from retention.models import DeletionCase
from retention.queries.cases import get_case, get_step
from retention.queries.obstacles import obstacles_of
from retention.services.cases import call_off, cancel_case, choose_mode, open_case
from retention.services.certifying import ask_certificate
from retention.services.deciding import ask_deletion
from retention.services.plans import ask_plan
from retention.services.receipts import attest_step
from retention.services.steps import retry_step

READ = "retention:case_read"


@require_http_methods(["GET", "POST"])
@page(Right.DELETE_DATA)
def case_open(request: Any) -> HttpResponse:
    """A customer asks for everything to be erased."""
    form = CaseOpeningForm(request.POST or None, initial={"tenant": request.GET.get("tenant")})
    if form.is_valid():
        told = form.cleaned_data
        case = attempt(
            form,
            lambda: open_case(actor=request.actor, tenant_id=told["tenant"].id, received_on=told["received_on"]),
        )
        if case is not None:
            _tell_opened(request, case)
            return redirect(READ, case_id=case.id)
    tenant = form.chosen()
    context = {"form": form, "stops": obstacles_of(tenant) if tenant else []}
    return render(request, "retention/cases/open.html", context, status=status_of(form))


def _tell_opened(request: Any, case: DeletionCase) -> None:
    """What comes next, and what will keep its data from being deleted."""
    if stops := obstacles_of(case.tenant):
        told = {"case": case, "why": f"{stops[0].title}. {stops[0].text}"}
        messages.warning(request, _("The case %(case)s is open. %(why)s") % told)
    else:
        messages.success(request, _("The case %s is open. Take its inventory next.") % case)


@require_POST
@page(Right.DELETE_DATA)
def case_count(request: Any, case_id: uuid.UUID) -> HttpResponse:
    """Take the inventory, or take it anew."""
    ask_plan(actor=request.actor, case_id=case_id)
    messages.success(request, _("The stores are being counted. You may leave this page."))
    return redirect(READ, case_id=case_id)


@require_http_methods(["GET", "POST"])
@page(Right.DELETE_DATA)
def case_mode(request: Any, case_id: uuid.UUID) -> HttpResponse:
    """Whether the customer gets the data back first."""
    case = get_case(case_id)
    form = CaseModeForm(request.POST or None, initial={"mode": case.mode})
    if form.is_valid():
        saved = attempt(form, lambda: choose_mode(actor=request.actor, case_id=case_id, **form.cleaned_data))
        if saved is not None:
            messages.success(request, _("Saved: %s.") % saved.get_mode_display().lower())
            return redirect(READ, case_id=case_id)
    return render(request, "retention/cases/mode.html", {"form": form, "case": case}, status=status_of(form))


@require_POST
@page(Right.DELETE_DATA)
def case_ask(request: Any, case_id: uuid.UUID) -> HttpResponse:
    """Ask another privacy officer to sign the inventory."""
    ask_deletion(actor=request.actor, case_id=case_id)
    messages.success(request, _("Asked. Another privacy officer finds it in My work; you hear when it is decided."))
    return redirect(READ, case_id=case_id)


@require_http_methods(["GET", "POST"])
@page(Right.DELETE_DATA)
def case_cancel(request: Any, case_id: uuid.UUID) -> HttpResponse:
    """Cancel a case before anything was erased."""
    case = get_case(case_id)
    form = CaseReasonForm(request.POST or None)
    if form.is_valid():
        saved = attempt(form, lambda: cancel_case(actor=request.actor, case_id=case_id, **form.cleaned_data))
        if saved is not None:
            messages.success(request, _("The case is cancelled. Nothing was erased."))
            return redirect(READ, case_id=case_id)
    return render(request, "retention/cases/cancel.html", {"form": form, "case": case}, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.DELETE_DATA)
def case_call_off(request: Any, case_id: uuid.UUID) -> HttpResponse:
    """Take back what was asked for or approved, before anything is erased."""
    case = get_case(case_id)
    form = CaseReasonForm(request.POST or None)
    if form.is_valid():
        saved = attempt(form, lambda: call_off(actor=request.actor, case_id=case_id, **form.cleaned_data))
        if saved is not None:
            messages.success(request, _("Called off. Nothing was erased, and the inventory stands."))
            return redirect(READ, case_id=case_id)
    return render(request, "retention/cases/call_off.html", {"form": form, "case": case}, status=status_of(form))


@require_POST
@page(Right.DELETE_DATA)
def case_certify(request: Any, case_id: uuid.UUID) -> HttpResponse:
    """Ask for the certificate's signature."""
    ask_certificate(actor=request.actor, case_id=case_id)
    messages.success(request, _("Asked. A privacy officer who did not execute it finds it in My work."))
    return redirect(READ, case_id=case_id)


@require_POST
@page(Right.DELETE_DATA)
def step_retry(request: Any, step_id: uuid.UUID) -> HttpResponse:
    """Try a store again, once what was in the way is mended."""
    step = retry_step(actor=request.actor, step_id=step_id)
    messages.success(request, _("%s is tried again now.") % step)
    return redirect(READ, case_id=step.case_id)


@require_http_methods(["GET", "POST"])
@page(Right.DELETE_DATA)
def step_attest(request: Any, step_id: uuid.UUID) -> HttpResponse:
    """Record what a vendor, or who keeps a backup, attests."""
    step = get_step(step_id)
    form = AttestationForm(request.POST or None)
    if form.is_valid():
        told = form.statement_made()
        receipt = attempt(form, lambda: attest_step(actor=request.actor, step_id=step_id, **told))
        if receipt is not None:
            messages.success(request, _("Recorded: %s.") % receipt.attested_by)
            return redirect(READ, case_id=step.case_id)
    context = {"form": form, "step": step, "case": step.case}
    return render(request, "retention/cases/attest.html", context, status=status_of(form))
