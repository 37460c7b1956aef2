"""Findings: listed, read, and what becomes of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from auditlog.queries import timeline
from governance.authority import Right, has_right, require
from governance.http import attempt, key_options, page, status_of
from governance.paging import page_of
from vendors.forms.filters import FindingFilter
from vendors.forms.findings import AcceptanceForm, ResolutionForm
from vendors.models import Finding
from vendors.queries import reading
from vendors.services.confirming import accept_with_factor, begin_acceptance
from vendors.services.findings import (
    close_finding,
    remediate_finding,
    reopen_finding,
    why_not_accept,
    why_not_close,
)

SORTS = {
    "severity": ("-severity", "due_on", "id"),
    "due": ("due_on", "id"),
    "-due": ("-due_on", "-id"),
    "-severity": ("severity", "due_on", "id"),
}


@require_GET
@page(Right.READ_VENDORS)
def finding_list(request: Any) -> HttpResponse:
    """Findings of every service, filtered and sorted by the URL."""
    filters = FindingFilter(request.GET)
    filters.is_valid()
    typed = filters.cleaned_data
    rows = reading.list_findings(
        words=typed.get("q", ""), state=typed.get("state", ""), severity=int(typed.get("severity") or 0) or None
    )
    keys = SORTS.get(request.GET.get("sort", ""), SORTS["severity"])
    return render(
        request, "vendors/findings/list.html", {"filters": filters, "page": page_of(rows, request.GET, keys, size=25)}
    )


@require_GET
@page()
def finding_read(request: Any, finding_id: uuid.UUID) -> HttpResponse:
    """One finding and what may be done with it."""
    return _show(request, reading.get_finding(request.actor, finding_id))


def _show(request: Any, finding: Finding, **forms: Any) -> HttpResponse:
    refusal = why_not_accept(request.actor, finding)
    bound = next((form for form in forms.values() if form.is_bound), None)
    context = {
        "finding": finding,
        "service": finding.assessment.service,
        "remediation": ResolutionForm(prefix="remediation"),
        "reopening": ResolutionForm(prefix="reopening"),
        "acceptance": AcceptanceForm(prefix="acceptance"),
        "why_not_accept": refusal.message if refusal else "",
        "why_not_close": why_not_close(request.actor, finding),
        "may_draft": has_right(request.actor, Right.DRAFT_ASSESSMENT),
        "may_remediate": has_right(request.actor, Right.DRAFT_ASSESSMENT) or finding.owner_id == request.actor.id,
        "may_read_room": has_right(request.actor, Right.READ_VENDORS),
        "timeline": timeline("vendors.finding", finding.id) if has_right(request.actor, Right.READ_LOG) else None,
    }
    return render(request, "vendors/findings/read.html", context | forms, status=status_of(bound) if bound else 200)


def _answer(request: Any, finding: Finding, name: str, form: Any, verb: Callable[[], Any], said: str) -> HttpResponse:
    """Do it and come back, or show the page with what was typed."""
    if form.is_valid() and attempt(form, verb) is not None:
        messages.success(request, said)
        return redirect("vendors:finding_read", finding_id=finding.id)
    return _show(request, finding, **{name: form})


@require_POST
@page()
def finding_remediate(request: Any, finding_id: uuid.UUID) -> HttpResponse:
    """Say how it was mended."""
    finding = reading.get_finding(request.actor, finding_id)
    if finding.owner_id != request.actor.id:
        require(request.actor, Right.DRAFT_ASSESSMENT)
    form = ResolutionForm(request.POST, prefix="remediation")
    return _answer(
        request, finding, "remediation", form,
        lambda: remediate_finding(actor=request.actor, finding_id=finding.id, **form.cleaned_data),
        _("Noted as mended. Somebody else checks and closes it."),
    )  # fmt: skip


@require_POST
@page(Right.DRAFT_ASSESSMENT)
def finding_reopen(request: Any, finding_id: uuid.UUID) -> HttpResponse:
    """Say that it is not mended after all."""
    finding = reading.get_finding(request.actor, finding_id)
    form = ResolutionForm(request.POST, prefix="reopening")
    return _answer(
        request, finding, "reopening", form,
        lambda: reopen_finding(actor=request.actor, finding_id=finding.id, reason=form.cleaned_data["resolution"]),
        _("Open again."),
    )  # fmt: skip


@require_POST
@page(Right.SIGN_ASSESSMENT)
def finding_accept(request: Any, finding_id: uuid.UUID) -> HttpResponse:
    """Live with the risk until a day, with a second factor."""
    finding = reading.get_finding(request.actor, finding_id)
    form = AcceptanceForm(request.POST, prefix="acceptance")
    return _answer(
        request, finding, "acceptance", form,
        lambda: accept_with_factor(actor=request.actor, finding=finding, given=form.cleaned_data, **form.details()),
        _("The risk is accepted."),
    )  # fmt: skip


@require_POST
@page(Right.SIGN_ASSESSMENT)
def finding_accept_begin(request: Any, finding_id: uuid.UUID) -> HttpResponse:
    """The security key's challenge for exactly this reason and day, as JSON; or ``error``, in words."""
    finding = reading.get_finding(request.actor, finding_id)
    form = AcceptanceForm(request.POST, prefix="acceptance", with_key=True)
    return key_options(form, lambda: begin_acceptance(actor=request.actor, finding=finding, **form.details()))


@require_POST
@page(Right.READ_VENDORS)
def finding_close(request: Any, finding_id: uuid.UUID) -> HttpResponse:
    """Somebody else checked that it is done."""
    finding = reading.get_finding(request.actor, finding_id)
    close_finding(actor=request.actor, finding_id=finding.id)
    messages.success(request, _("Closed."))
    return redirect("vendors:finding_read", finding_id=finding.id)
