"""Service accounts and their tokens, for administrators; auditors look."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from auditlog.queries import timeline
from governance.authority import Right, has_right
from governance.http import attempt, page, status_of
from governance.paging import page_of
from governance.queries import service_accounts as queries
from governance.queries.approvals import may_read_log
from governance.service_account_forms import (
    RotationForm,
    ServiceAccountEditForm,
    ServiceAccountFilter,
    ServiceAccountForm,
    TokenForm,
)
from governance.services import service_accounts as services
from governance.vocabulary import Scope

READ = "governance:service_account_read"


@require_GET
@page(Right.READ_SERVICE_ACCOUNTS)
def service_account_list(request: Any) -> HttpResponse:
    """Accounts, filtered by the URL."""
    filters = ServiceAccountFilter(request.GET or None)
    wanted = filters.cleaned_data if filters.is_bound and filters.is_valid() else {}
    rows = queries.service_accounts(words=wanted.get("q", ""), state=wanted.get("state", ""))
    context = {
        "filters": filters,
        "is_filtered": any(wanted.values()),
        "page": page_of(rows, request.GET, ("name", "id")),
        "may_edit": has_right(request.actor, Right.MANAGE_SERVICE_ACCOUNTS),
    }
    return render(request, "governance/service_accounts/list.html", context)


@require_http_methods(["GET", "POST"])
@page(Right.MANAGE_SERVICE_ACCOUNTS)
def service_account_add(request: Any) -> HttpResponse:
    """Add a product; its page then offers the first token."""
    form = ServiceAccountForm(request.POST or None)
    if form.is_valid():
        values = dict(form.cleaned_data)
        tenant = values.pop("tenant")
        account = attempt(
            form,
            lambda: services.add_service_account(actor=request.actor, tenant_id=tenant and tenant.id, **values),
        )
        if account is not None:
            messages.success(request, _("%s was added. Issue its first token.") % account.name)
            return redirect(READ, account_id=account.id)
    return render(request, "governance/service_accounts/add.html", {"form": form}, status=status_of(form))


@require_GET
@page(Right.READ_SERVICE_ACCOUNTS)
def service_account_read(request: Any, account_id: uuid.UUID) -> HttpResponse:
    """One account: what it may, its tokens, its timeline."""
    account = queries.get_service_account(account_id)
    context = {
        "account": account,
        "scopes": [Scope(scope) for scope in account.scopes],
        "tokens": queries.tokens_of(account.id)[:50],
        "may_edit": has_right(request.actor, Right.MANAGE_SERVICE_ACCOUNTS),
        "timeline": timeline("governance.service_account", account.id) if may_read_log(request.actor) else None,
    }
    return render(request, "governance/service_accounts/read.html", context)


@require_http_methods(["GET", "POST"])
@page(Right.MANAGE_SERVICE_ACCOUNTS)
def service_account_edit(request: Any, account_id: uuid.UUID) -> HttpResponse:
    """Rename an account, change its scopes."""
    account = queries.get_service_account(account_id)
    form = ServiceAccountEditForm(request.POST or None, initial={"name": account.name, "scopes": account.scopes})
    if form.is_valid():
        saved = attempt(
            form,
            lambda: services.edit_service_account(actor=request.actor, account_id=account_id, **form.cleaned_data),
        )
        if saved is not None:
            messages.success(request, _("Saved. It counts from the next request."))
            return redirect(READ, account_id=account_id)
    context = {"form": form, "account": account}
    return render(request, "governance/service_accounts/edit.html", context, status=status_of(form))


@require_POST
@page(Right.MANAGE_SERVICE_ACCOUNTS)
def service_account_disable(request: Any, account_id: uuid.UUID) -> HttpResponse:
    """Refuse everything the product asks from now on."""
    account = services.disable_service_account(actor=request.actor, account_id=account_id)
    messages.success(request, _("%s is disabled: its tokens are revoked.") % account.name)
    return redirect(READ, account_id=account_id)


@require_POST
@page(Right.MANAGE_SERVICE_ACCOUNTS)
def service_account_enable(request: Any, account_id: uuid.UUID) -> HttpResponse:
    """Let the product call again, with a new token."""
    account = services.enable_service_account(actor=request.actor, account_id=account_id)
    messages.success(request, _("%s may call again. Issue a new token.") % account.name)
    return redirect(READ, account_id=account_id)


@require_http_methods(["GET", "POST"])
@page(Right.MANAGE_SERVICE_ACCOUNTS)
def token_issue(request: Any, account_id: uuid.UUID) -> HttpResponse:
    """Make a token and show it, this once."""
    account = queries.get_service_account(account_id)
    form = TokenForm(request.POST or None)
    if form.is_valid():
        days = form.cleaned_data["days"]
        issued = attempt(form, lambda: services.issue_token(actor=request.actor, account_id=account_id, days=days))
        if issued is not None:
            return _shown(request, issued)
    context = {"form": form, "account": account}
    return render(request, "governance/service_accounts/issue.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.MANAGE_SERVICE_ACCOUNTS)
def token_rotate(request: Any, token_id: uuid.UUID) -> HttpResponse:
    """Make a new token beside an old one, and show it, this once."""
    token = services.get_token(token_id)
    form = RotationForm(request.POST or None)
    if form.is_valid():
        issued = attempt(
            form, lambda: services.rotate_token(actor=request.actor, token_id=token_id, **form.cleaned_data)
        )
        if issued is not None:
            return _shown(request, issued, old=services.get_token(token_id))
    context = {"form": form, "token": token, "account": token.account}
    return render(request, "governance/service_accounts/rotate.html", context, status=status_of(form))


def _shown(request: Any, issued: services.Issued, old: Any = None) -> HttpResponse:
    """The only page that ever shows a token; no cache keeps it."""
    context = {"token": issued.token, "text": issued.text, "account": issued.token.account, "old": old}
    response = render(request, "governance/service_accounts/token.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@page(Right.MANAGE_SERVICE_ACCOUNTS)
def token_revoke(request: Any, token_id: uuid.UUID) -> HttpResponse:
    """End a token at once."""
    token = services.revoke_token(actor=request.actor, token_id=token_id)
    messages.success(request, _("The token %s is revoked. The next request with it is refused.") % token.hint)
    return redirect(READ, account_id=token.account_id)
