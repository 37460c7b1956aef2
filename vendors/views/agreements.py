"""Agreements: recorded, read, replaced, withdrawn."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from auditlog.queries import timeline
from governance.authority import Right, has_right
from governance.http import attempt, page, status_of
from vendors.forms.agreements import AgreementForm, WithdrawAgreementForm
from vendors.models import Agreement
from vendors.queries import reading
from vendors.queries.bases import problems_with_agreement
from vendors.services.agreements import record_agreement, replace_agreement, withdraw_agreement


def _came_from(request: Any, otherwise: str) -> str:
    """The page of ours that ``?next=`` names, to go back to where somebody was working."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else otherwise


@require_http_methods(["GET", "POST"])
@page(Right.RECORD_AGREEMENT)
def agreement_add(request: Any, vendor_id: uuid.UUID) -> HttpResponse:
    """Record what was agreed."""
    vendor = reading.get_vendor(request.actor, vendor_id)
    back = _came_from(request, reverse("vendors:vendor_read", args=[vendor.id]))
    initial = {"service": request.GET.get("service"), "counterpart": vendor.name}
    form = AgreementForm(vendor, request.POST or None, initial=initial)
    if form.is_valid():
        row = attempt(form, lambda: record_agreement(actor=request.actor, vendor_id=vendor.id, details=form.details()))
        if row is not None:
            messages.success(request, _("Recorded: %s.") % row)
            return redirect(back)
    context = {"form": form, "vendor": vendor, "back": back}
    return render(request, "vendors/agreements/add.html", context, status=status_of(form))


@require_GET
@page(Right.READ_VENDORS)
def agreement_read(request: Any, agreement_id: uuid.UUID) -> HttpResponse:
    """One agreement, whether it counts today, and what rests on it."""
    agreement = reading.get_agreement(request.actor, agreement_id)
    return render(request, "vendors/agreements/read.html", _context(request, agreement))


def _context(request: Any, agreement: Agreement) -> dict[str, Any]:
    return {
        "agreement": agreement,
        "vendor": agreement.vendor,
        "problems": problems_with_agreement(agreement, timezone.now().date()),
        "resting": reading.resting_on(agreement),
        "timeline": timeline("vendors.agreement", agreement.id) if has_right(request.actor, Right.READ_LOG) else None,
        "may_record": has_right(request.actor, Right.RECORD_AGREEMENT),
    }


@require_http_methods(["GET", "POST"])
@page(Right.RECORD_AGREEMENT)
def agreement_replace(request: Any, agreement_id: uuid.UUID) -> HttpResponse:
    """Record a new agreement in its place."""
    agreement = reading.get_agreement(request.actor, agreement_id)
    form = AgreementForm(agreement.vendor, request.POST) if request.method == "POST" else AgreementForm.of(agreement)
    if form.is_bound and form.is_valid():
        row = attempt(
            form, lambda: replace_agreement(actor=request.actor, agreement_id=agreement.id, details=form.details())
        )
        if row is not None:
            messages.success(request, _("Recorded in its place: %s.") % row)
            return redirect("vendors:agreement_read", agreement_id=row.id)
    context = _context(request, agreement) | {"form": form}
    return render(request, "vendors/agreements/replace.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.RECORD_AGREEMENT)
def agreement_withdraw(request: Any, agreement_id: uuid.UUID) -> HttpResponse:
    """Say that it no longer holds."""
    agreement = reading.get_agreement(request.actor, agreement_id)
    form = WithdrawAgreementForm(request.POST or None)
    if form.is_valid():
        row = attempt(
            form, lambda: withdraw_agreement(actor=request.actor, agreement_id=agreement.id, **form.cleaned_data)
        )
        if row is not None:
            messages.warning(request, _("Withdrawn. What rested on it is suspended."))
            return redirect("vendors:agreement_read", agreement_id=agreement.id)
    context = _context(request, agreement) | {"form": form}
    return render(request, "vendors/agreements/withdraw.html", context, status=status_of(form))
