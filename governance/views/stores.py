"""Data stores of a tenant: registered, edited, withdrawn."""

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
from governance.queries.tenants import get_store, get_tenant
from governance.store_forms import StoreForm, StoreWithdrawalForm
from tenants.services import edit_store, register_store, withdraw_store

READ = "governance:tenant_read"


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def store_register(request: Any, tenant_id: uuid.UUID) -> HttpResponse:
    """Register a place where the tenant's data lies."""
    tenant = get_tenant(tenant_id)
    form = StoreForm(request.POST or None, tenant=tenant)
    if form.is_valid():
        key, facts = form.cleaned_data["key"], form.facts()
        store = attempt(form, lambda: register_store(actor=request.actor, tenant_id=tenant_id, key=key, facts=facts))
        if store is not None:
            messages.success(request, _("%s is in the register.") % store)
            return redirect(READ, tenant_id=tenant_id)
    context = {"form": form, "tenant": tenant}
    return render(request, "governance/tenants/store_register.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def store_edit(request: Any, tenant_id: uuid.UUID, store_id: uuid.UUID) -> HttpResponse:
    """Correct what is recorded of a data store."""
    store = get_store(tenant_id, store_id)
    form = StoreForm.of(store, request.POST or None)
    if form.is_valid():
        facts = form.facts()
        saved = attempt(form, lambda: edit_store(actor=request.actor, store_id=store_id, facts=facts))
        if saved is not None:
            messages.success(request, _("Saved."))
            return redirect(READ, tenant_id=tenant_id)
    context = {"form": form, "store": store}
    return render(request, "governance/tenants/store_edit.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def store_withdraw(request: Any, tenant_id: uuid.UUID, store_id: uuid.UUID) -> HttpResponse:
    """Take a data store out of the register."""
    store = get_store(tenant_id, store_id)
    form = StoreWithdrawalForm(request.POST or None)
    if form.is_valid():
        saved = attempt(form, lambda: withdraw_store(actor=request.actor, store_id=store_id, **form.cleaned_data))
        if saved is not None:
            messages.success(request, _("%s is withdrawn.") % saved)
            return redirect(READ, tenant_id=tenant_id)
    context = {"form": form, "store": store}
    return render(request, "governance/tenants/store_withdraw.html", context, status=status_of(form))
