"""The register of tenants and sites (the tenants room has no pages of its own: who may see them is decided here)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from auditlog.queries import timeline
from governance.authority import Right, has_right
from governance.forms import SiteForm, TenantForm
from governance.http import attempt, page, status_of
from governance.paging import page_of
from governance.queries import tenants as queries
from governance.queries.approvals import may_read_log
from tenants import services


@require_GET
@page(Right.READ_TENANTS)
def tenant_list(request: Any) -> HttpResponse:
    """Tenants, searched by the URL."""
    words = request.GET.get("q", "").strip()[:100]
    context = {
        "words": words,
        "page": page_of(queries.tenants(words), request.GET, ("name", "id")),
        "may_edit": has_right(request.actor, Right.REGISTER_TENANT),
    }
    return render(request, "governance/tenants/list.html", context)


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def tenant_add(request: Any) -> HttpResponse:
    """Register a tenant."""
    form = TenantForm(request.POST or None)
    if form.is_valid():
        name, key = form.cleaned_data["name"], form.cleaned_data["key"]
        tenant = attempt(
            form,
            lambda: services.register_tenant(actor=request.actor, key=key, name=name, allowed_regions=form.regions()),
        )
        if tenant is not None:
            return redirect("governance:tenant_read", tenant_id=tenant.id)
    return render(request, "governance/tenants/add.html", {"form": form}, status=status_of(form))


@require_GET
@page(Right.READ_TENANTS)
def tenant_read(request: Any, tenant_id: uuid.UUID) -> HttpResponse:
    """One tenant, its regions and sites."""
    context = {
        "tenant": queries.get_tenant(tenant_id),
        "may_edit": has_right(request.actor, Right.REGISTER_TENANT),
        "timeline": timeline("tenants.tenant", tenant_id) if may_read_log(request.actor) else None,
    }
    return render(request, "governance/tenants/read.html", context)


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def tenant_edit(request: Any, tenant_id: uuid.UUID) -> HttpResponse:
    """Change a tenant's name and regions."""
    tenant = queries.get_tenant(tenant_id)
    form = TenantForm(
        request.POST or None, initial={"name": tenant.name, "allowed_regions": " ".join(tenant.allowed_regions)}
    )
    del form.fields["key"]
    if form.is_valid():
        name, regions = form.cleaned_data["name"], form.regions()
        saved = attempt(
            form,
            lambda: services.edit_tenant(actor=request.actor, tenant_id=tenant_id, name=name, allowed_regions=regions),
        )
        if saved is not None:
            messages.success(request, _("Saved."))
            return redirect("governance:tenant_read", tenant_id=tenant_id)
    return render(request, "governance/tenants/edit.html", {"form": form, "tenant": tenant}, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def site_add(request: Any, tenant_id: uuid.UUID) -> HttpResponse:
    """Register a site of a tenant."""
    tenant = queries.get_tenant(tenant_id)
    form = SiteForm(request.POST or None)
    if form.is_valid():
        site = attempt(
            form, lambda: services.register_site(actor=request.actor, tenant_id=tenant_id, **form.cleaned_data)
        )
        if site is not None:
            return redirect("governance:tenant_read", tenant_id=tenant_id)
    return render(request, "governance/tenants/site_add.html", {"form": form, "tenant": tenant}, status=status_of(form))
