"""Sites of a tenant: registered, edited, closed, reopened."""

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
from governance.queries.tenants import get_site, get_tenant
from governance.tenant_forms import SiteClosingForm, SiteEditForm, SiteForm
from tenants.services import close_site, edit_site, register_site, reopen_site

READ = "governance:tenant_read"


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def site_add(request: Any, tenant_id: uuid.UUID) -> HttpResponse:
    """Register a site of a tenant."""
    tenant = get_tenant(tenant_id)
    form = SiteForm(request.POST or None)
    if form.is_valid():
        site = attempt(form, lambda: register_site(actor=request.actor, tenant_id=tenant_id, **form.cleaned_data))
        if site is not None:
            messages.success(request, _("%s is in the register.") % site)
            return redirect(READ, tenant_id=tenant_id)
    return render(request, "governance/tenants/site_add.html", {"form": form, "tenant": tenant}, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def site_edit(request: Any, tenant_id: uuid.UUID, site_id: uuid.UUID) -> HttpResponse:
    """Correct a site's name."""
    site = get_site(tenant_id, site_id)
    form = SiteEditForm(request.POST or None, initial={"name": site.name})
    if form.is_valid():
        saved = attempt(form, lambda: edit_site(actor=request.actor, site_id=site_id, **form.cleaned_data))
        if saved is not None:
            messages.success(request, _("Saved."))
            return redirect(READ, tenant_id=tenant_id)
    return render(request, "governance/tenants/site_edit.html", {"form": form, "site": site}, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def site_close(request: Any, tenant_id: uuid.UUID, site_id: uuid.UUID) -> HttpResponse:
    """Close a site as of a day."""
    site = get_site(tenant_id, site_id)
    form = SiteClosingForm(request.POST or None)
    if form.is_valid():
        saved = attempt(form, lambda: close_site(actor=request.actor, site_id=site_id, **form.cleaned_data))
        if saved is not None:
            messages.success(request, _("%s is closed.") % saved)
            return redirect(READ, tenant_id=tenant_id)
    return render(request, "governance/tenants/site_close.html", {"form": form, "site": site}, status=status_of(form))


@require_POST
@page(Right.REGISTER_TENANT)
def site_reopen(request: Any, tenant_id: uuid.UUID, site_id: uuid.UUID) -> HttpResponse:
    """Open a closed site again."""
    site = get_site(tenant_id, site_id)
    reopen_site(actor=request.actor, site_id=site.id)
    messages.success(request, _("%s is open again.") % site)
    return redirect(READ, tenant_id=tenant_id)
