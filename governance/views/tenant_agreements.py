"""Agreements with a tenant: recorded, edited, ended before their time."""

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
from governance.queries.tenants import get_agreement, get_tenant
from governance.tenant_forms import AgreementEndForm, AgreementForm
from tenants.services import edit_agreement, end_agreement, record_agreement

READ = "governance:tenant_read"


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def agreement_record(request: Any, tenant_id: uuid.UUID) -> HttpResponse:
    """Record what was agreed with a tenant."""
    tenant = get_tenant(tenant_id)
    form = AgreementForm(request.POST or None, actor=request.actor)
    if form.is_valid():
        reference, terms = form.cleaned_data["reference"], form.terms()
        row = attempt(
            form,
            lambda: record_agreement(actor=request.actor, tenant_id=tenant_id, reference=reference, terms=terms),
        )
        if row is not None:
            messages.success(request, _("%s is recorded.") % row)
            return redirect(READ, tenant_id=tenant_id)
    context = {"form": form, "tenant": tenant}
    return render(request, "governance/tenants/agreement_record.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def agreement_edit(request: Any, tenant_id: uuid.UUID, agreement_id: uuid.UUID) -> HttpResponse:
    """Correct or renew an agreement."""
    row = get_agreement(tenant_id, agreement_id)
    form = AgreementForm.of(row, request.POST or None, actor=request.actor)
    if form.is_valid():
        saved = attempt(
            form, lambda: edit_agreement(actor=request.actor, agreement_id=agreement_id, terms=form.terms())
        )
        if saved is not None:
            messages.success(request, _("Saved."))
            return redirect(READ, tenant_id=tenant_id)
    context = {"form": form, "agreement": row}
    return render(request, "governance/tenants/agreement_edit.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def agreement_end(request: Any, tenant_id: uuid.UUID, agreement_id: uuid.UUID) -> HttpResponse:
    """End an agreement before its time."""
    row = get_agreement(tenant_id, agreement_id)
    form = AgreementEndForm(request.POST or None)
    if form.is_valid():
        saved = attempt(
            form, lambda: end_agreement(actor=request.actor, agreement_id=agreement_id, **form.cleaned_data)
        )
        if saved is not None:
            messages.success(request, _("%s is ended.") % saved)
            return redirect(READ, tenant_id=tenant_id)
    context = {"form": form, "agreement": row}
    return render(request, "governance/tenants/agreement_end.html", context, status=status_of(form))
