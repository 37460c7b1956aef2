"""The register of tenants (the tenants room has no pages of its own: who may see them is decided here)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from auditlog.queries import Timeline, timeline
from governance.authority import Right, has_right
from governance.exports import TYPES, download
from governance.http import attempt, page, status_of
from governance.paging import page_of
from governance.queries import tenants as queries
from governance.queries.approvals import may_read_log
from governance.store_notes import notes_on
from governance.tenant_cards import cards_of
from governance.tenant_forms import TenantFilter, TenantForm
from governance.tenant_words import gap_words, run_words
from tenants.models import Tenant
from tenants.services import edit_tenant, register_tenant

#: Rows of one file; more than this is asked for with a narrower filter.
EXPORT_ROWS = 5_000
SORTS = {"name": ("name", "id"), "registered": ("registered_at", "id")}
#: How many of a tenant's sites, agreements and stores its timeline speaks of.
TOLD = 200


def _keys(query: Any) -> tuple[str, ...]:
    """The ordering that ``?sort=`` asks for, from the allow-list."""
    wanted = query.get("sort", "name")
    keys = SORTS.get(wanted.removeprefix("-"), SORTS["name"])
    return tuple(f"-{key}" for key in keys) if wanted.startswith("-") else keys


@require_GET
@page(Right.READ_TENANTS)
def tenant_list(request: Any) -> HttpResponse:
    """Tenants, filtered, sorted and paged by the URL."""
    filters = TenantFilter(request.GET)
    found = page_of(queries.tenants(filters.wanted()), request.GET, _keys(request.GET), size=25)
    context = {
        "filters": filters,
        "page": found,
        "may_edit": has_right(request.actor, Right.REGISTER_TENANT),
    }
    return render(request, "governance/tenants/list.html", context)


@require_GET
@page(Right.READ_TENANTS)
def tenant_export(request: Any, form: str) -> HttpResponse:
    """The list as it is filtered and sorted, as CSV or XLSX."""
    if form not in TYPES:
        raise Http404
    rows = queries.tenants(TenantFilter(request.GET).wanted()).order_by(*_keys(request.GET))[:EXPORT_ROWS]
    headings = [
        _("Key"), _("Name"), _("State"), _("Allowed regions"), _("Agreement"), _("Sites"), _("Missing"),
        _("Registered (UTC)"), _("Terminated on"), _("Gone by"),
    ]  # fmt: skip
    return download("tenants", form, headings, _cells(rows))


def _cells(rows: Any) -> Iterator[list[Any]]:
    for row in rows:
        missing = "; ".join(gap_words(code).title for code in queries.gaps_of(row))
        yield [
            row.key, row.name, row.state.label, " ".join(row.allowed_regions), run_words(row), str(row.site_count),
            missing, row.registered_at.strftime("%Y-%m-%d %H:%M:%S"), row.terminated_on, row.due_on,
        ]  # fmt: skip


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def tenant_add(request: Any) -> HttpResponse:
    """Register a tenant; its agreement comes next."""
    form = TenantForm(request.POST or None)
    if form.is_valid():
        name, key = form.cleaned_data["name"], form.cleaned_data["key"]
        tenant = attempt(
            form, lambda: register_tenant(actor=request.actor, key=key, name=name, allowed_regions=form.regions())
        )
        if tenant is not None:
            messages.success(request, _("%s is in the register. Record its agreement next.") % tenant)
            return redirect("governance:tenant_read", tenant_id=tenant.id)
    return render(request, "governance/tenants/add.html", {"form": form}, status=status_of(form))


@require_GET
@page(Right.READ_TENANTS)
def tenant_read(request: Any, tenant_id: uuid.UUID) -> HttpResponse:
    """One tenant: its agreements, sites and data stores, what is missing, its termination, its timeline."""
    tenant = queries.get_tenant(tenant_id)
    documents = queries.documents_named(request.actor, [row.evidence_digest for row in tenant.agreements.all()])
    stores = sorted(tenant.stores.all(), key=lambda store: store.withdrawn_at is not None)
    cards = cards_of(request.actor, tenant)
    context = {
        "tenant": tenant,
        "sites": sorted(tenant.sites.all(), key=lambda site: site.closed_on is not None),
        "agreements": [(row, documents.get(row.evidence_digest)) for row in tenant.agreements.all()],
        "stores": notes_on(request.actor, tenant, stores),
        "gaps": [gap_words(code) for code in queries.gaps_of(tenant)],
        "may_edit": has_right(request.actor, Right.REGISTER_TENANT),
        "cards": [card for card in cards if not card.stops],
        "stops": [card for card in cards if card.stops],
        "may_grow": has_right(request.actor, Right.REGISTER_TENANT) and tenant.terminated_on is None,
        "timeline": _timeline(tenant) if may_read_log(request.actor) else None,
    }
    return render(request, "governance/tenants/read.html", context)


def _timeline(tenant: Tenant) -> Timeline:
    """What happened to the tenant, its sites, its agreements and its stores."""
    sites = [("tenants.site", row.id) for row in tenant.sites.all()]
    agreements = [("tenants.agreement", row.id) for row in tenant.agreements.all()]
    stores = [("tenants.store", row.id) for row in tenant.stores.all()]
    return timeline("tenants.tenant", tenant.id, also=[*sites[:TOLD], *agreements[:TOLD], *stores[:TOLD]])


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
            form, lambda: edit_tenant(actor=request.actor, tenant_id=tenant_id, name=name, allowed_regions=regions)
        )
        if saved is not None:
            messages.success(request, _("Saved."))
            return redirect("governance:tenant_read", tenant_id=tenant_id)
    return render(request, "governance/tenants/edit.html", {"form": form, "tenant": tenant}, status=status_of(form))
