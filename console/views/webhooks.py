"""Where the webhooks of service accounts go, for administrators; auditors look."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages as toasts
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from auditlog.queries import timeline
from console.forms import EndpointForm
from console.queries import accounts_of, state_tabs
from console.views.outbox import words_on
from governance.authority import Right, has_right
from governance.http import attempt, page, status_of
from governance.paging import page_of
from governance.queries.approvals import may_read_log
from governance.queries.service_accounts import get_service_account
from outbox import queries, services
from outbox.models import Endpoint
from outbox.registry import EVENTS

READ = "console:endpoint_read"


@require_GET
@page(Right.READ_SERVICE_ACCOUNTS)
def endpoint_list(request: Any) -> HttpResponse:
    """Every endpoint with its account, how it does, and what waits or was given up."""
    rows = page_of(queries.endpoints(), request.GET, ("-created_at", "id"))
    accounts = accounts_of(rows.rows)
    for row in rows.rows:
        row.account = accounts.get(row.account_id)
    may_edit = has_right(request.actor, Right.MANAGE_SERVICE_ACCOUNTS)
    return render(request, "outbox/endpoints/list.html", {"page": rows, "may_edit": may_edit})


@require_http_methods(["GET", "POST"])
@page(Right.MANAGE_SERVICE_ACCOUNTS)
def endpoint_add(request: Any, account_id: uuid.UUID) -> HttpResponse:
    """Give a service account its endpoint, and show its secret, this once."""
    account = get_service_account(account_id)
    form = EndpointForm(request.POST or None)
    if form.is_valid():
        added = attempt(
            form, lambda: services.add_endpoint(actor=request.actor, account_id=account_id, **form.cleaned_data)
        )
        if added is not None:
            return _shown(request, *added)
    return render(request, "outbox/endpoints/add.html", {"form": form, "account": account}, status=status_of(form))


@require_GET
@page(Right.READ_SERVICE_ACCOUNTS)
def endpoint_read(request: Any, endpoint_id: uuid.UUID) -> HttpResponse:
    """One endpoint: how it does, and its deliveries, of all states or the one in ``?state=``."""
    endpoint = queries.get_endpoint(endpoint_id)
    state, counts = request.GET.get("state", ""), queries.message_counts(endpoint_id=endpoint_id)
    context = {
        "endpoint": endpoint,
        "account": accounts_of([endpoint]).get(endpoint.account_id),
        "events": [(name, EVENTS.get(name, name)) for name in endpoint.events],
        "page": page_of(queries.messages(state, endpoint_id=endpoint_id), request.GET, ("-queued_at", "id"), size=25),
        "tabs": state_tabs(state, counts),
        "dead": counts["dead"],
        "may_edit": has_right(request.actor, Right.MANAGE_SERVICE_ACCOUNTS),
        "timeline": timeline("outbox.endpoint", endpoint_id) if may_read_log(request.actor) else None,
    }
    return render(request, "outbox/endpoints/read.html", context)


@require_http_methods(["GET", "POST"])
@page(Right.MANAGE_SERVICE_ACCOUNTS)
def endpoint_edit(request: Any, endpoint_id: uuid.UUID) -> HttpResponse:
    """Change where it goes and what it hears of."""
    endpoint = queries.get_endpoint(endpoint_id)
    form = EndpointForm(request.POST or None, initial={"url": endpoint.url, "events": endpoint.events})
    if form.is_valid():
        saved = attempt(
            form, lambda: services.edit_endpoint(actor=request.actor, endpoint_id=endpoint_id, **form.cleaned_data)
        )
        if saved is not None:
            toasts.success(request, _("Saved. What waits goes there now."))
            return redirect(READ, endpoint_id=endpoint_id)
    return render(request, "outbox/endpoints/edit.html", {"form": form, "endpoint": endpoint}, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.MANAGE_SERVICE_ACCOUNTS)
def secret_rotate(request: Any, endpoint_id: uuid.UUID) -> HttpResponse:
    """Ask, then make a new secret and show it, this once."""
    if request.method == "POST":
        return _shown(request, *services.rotate_secret(actor=request.actor, endpoint_id=endpoint_id))
    return render(request, "outbox/endpoints/rotate.html", {"endpoint": queries.get_endpoint(endpoint_id)})


def _shown(request: Any, endpoint: Endpoint, secret: str) -> HttpResponse:
    """The only page that ever shows a secret; no cache keeps it."""
    response = render(request, "outbox/endpoints/secret.html", {"endpoint": endpoint, "secret": secret})
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@page(Right.MANAGE_SERVICE_ACCOUNTS)
def endpoint_test(request: Any, endpoint_id: uuid.UUID) -> HttpResponse:
    """Send a message that says nothing, and go to see what becomes of it."""
    message = services.send_test(actor=request.actor, endpoint_id=endpoint_id)
    return redirect("console:message_read", message_id=message.id)


@require_http_methods(["GET", "POST"])
@page(Right.MANAGE_SERVICE_ACCOUNTS)
def endpoint_disable(request: Any, endpoint_id: uuid.UUID) -> HttpResponse:
    """Ask, then send nothing there any more."""
    if request.method == "POST":
        services.disable_endpoint(actor=request.actor, endpoint_id=endpoint_id)
        toasts.success(request, _("The endpoint is disabled: nothing goes there any more."))
        return redirect(READ, endpoint_id=endpoint_id)
    context = {
        "endpoint": queries.get_endpoint(endpoint_id),
        "waiting": queries.message_counts(endpoint_id=endpoint_id)["waiting"],
    }
    return render(request, "outbox/endpoints/disable.html", context)


@require_POST
@page(Right.MANAGE_SERVICE_ACCOUNTS)
def endpoint_replay(request: Any, endpoint_id: uuid.UUID) -> HttpResponse:
    """Send again all that was given up."""
    queries.get_endpoint(endpoint_id)
    replayed = services.replay_dead_messages(actor=request.actor, endpoint_id=endpoint_id)
    toasts.success(request, words_on(replayed))
    return redirect(READ, endpoint_id=endpoint_id)
