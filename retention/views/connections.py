"""How a data store is reached: set, tried, forgotten. What is secret is typed in and never shown again."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from governance.authority import Right
from governance.http import attempt, page, status_of
from retention.forms.connections import ConnectionForm
from retention.pages.connection_page import ConnectionPage
from retention.queries.stores import get_store_reached
from retention.services import connections as services

EDIT = "retention:connection_edit"
TENANT = "governance:tenant_read"


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def connection_edit(request: Any, store_id: uuid.UUID) -> HttpResponse:
    """What is known of a store's connection, and the fields of its kind."""
    store, row = get_store_reached(store_id)
    form = ConnectionForm(request.POST if request.method == "POST" else None, store=store, row=row)
    if form.is_valid():
        saved = attempt(form, lambda: services.set_connection(actor=request.actor, store_id=store_id, **form.given()))
        if saved is not None:
            messages.success(request, _("Saved. Try it now: nothing is changed in the store."))
            return redirect(EDIT, store_id=store_id)
    context = {"form": form, "store": store, "row": row, "about": ConnectionPage(store, row)}
    return render(request, "retention/connections/edit.html", context, status=status_of(form))


@require_POST
@page(Right.REGISTER_TENANT)
def connection_check(request: Any, store_id: uuid.UUID) -> HttpResponse:
    """Try whether the store answers; the page then says what came of it."""
    services.check_connection(actor=request.actor, store_id=store_id)
    return redirect(EDIT, store_id=store_id)


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def connection_secret(request: Any, store_id: uuid.UUID) -> HttpResponse:
    """Ask, then make a product's signing secret. The only page that ever shows it; no cache keeps it."""
    store, row = get_store_reached(store_id)
    if request.method == "GET":
        return render(request, "retention/connections/secret_new.html", {"store": store, "row": row})
    secret = services.make_signing_secret(actor=request.actor, store_id=store_id)
    context = {"store": store, "secret": secret, "is_new": row is None}
    response = render(request, "retention/connections/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def connection_remove(request: Any, store_id: uuid.UUID) -> HttpResponse:
    """Ask, then forget address and secrets."""
    store, row = get_store_reached(store_id)
    if request.method == "POST":
        services.remove_connection(actor=request.actor, store_id=store_id)
        messages.success(request, _("Forgotten. %s cannot be deleted from until it has a connection again.") % store)
        return redirect(TENANT, tenant_id=store.tenant_id)
    return render(request, "retention/connections/remove.html", {"store": store, "row": row})
