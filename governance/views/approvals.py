"""Read, sign and withdraw approvals."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from auditlog.queries import timeline
from governance.forms import ApprovalFilter, SignatureForm, WithdrawForm
from governance.http import attempt, key_options, page, status_of
from governance.models import Approval
from governance.paging import page_of
from governance.panels import panel_for
from governance.queries import approvals as queries
from governance.services.approvals import withdraw_approval
from governance.services.signing import begin_signature, sign_with_factor


@require_GET
@page()
def approval_list(request: Any) -> HttpResponse:
    """Approvals the person may see, filtered by the URL."""
    filters = ApprovalFilter(request.GET or None)
    wanted = filters.cleaned_data if filters.is_bound and filters.is_valid() else {}
    rows = queries.approvals(request.actor, state=wanted.get("state", ""), kind=wanted.get("kind", ""))
    return render(
        request,
        "governance/approvals/list.html",
        {"filters": filters, "page": page_of(rows, request.GET, ("-requested_at", "-id"))},
    )


@require_GET
@page()
def approval_read(request: Any, approval_id: uuid.UUID) -> HttpResponse:
    """One approval with its decision panel."""
    return _show(request, queries.get_for(request.actor, approval_id))


def _show(request: Any, approval: Approval, form: SignatureForm | None = None) -> HttpResponse:
    context = {
        "approval": approval,
        "panel": panel_for(request.actor, approval, form),
        "timeline": timeline("governance.approval", approval.id) if queries.may_read_log(request.actor) else None,
    }
    return render(request, "governance/approvals/read.html", context, status=status_of(form) if form else 200)


@require_POST
@page()
def approval_sign(request: Any, approval_id: uuid.UUID) -> HttpResponse:
    """Sign with a code or a security key; the page comes back with what was typed when it cannot be."""
    approval = queries.get_for(request.actor, approval_id)
    form = SignatureForm(request.POST)
    if form.is_valid():
        signed = attempt(
            form, lambda: sign_with_factor(actor=request.actor, approval_id=approval.id, given=request.POST)
        )
        if signed is not None:
            messages.success(request, _("Signed. Your signature is bound to digest %s…") % approval.digest[:12])
        elif not form.errors:
            messages.warning(
                request, _("Nothing was signed: the subject changed after the request, so the request is closed.")
            )
        if not form.errors:
            return redirect("governance:approval_read", approval_id=approval.id)
    return _show(request, approval, form)


@require_POST
@page()
def approval_begin(request: Any, approval_id: uuid.UUID) -> HttpResponse:
    """The security key's challenge for exactly this verdict and reason, as JSON; or ``error``, in words."""
    approval = queries.get_for(request.actor, approval_id)
    actor, given = request.actor, request.POST
    return key_options(
        SignatureForm(given, with_key=True),
        lambda: begin_signature(actor=actor, approval_id=approval.id, given=given),
    )


@require_POST
@page()
def approval_withdraw(request: Any, approval_id: uuid.UUID) -> HttpResponse:
    """Take one's own request back."""
    approval = queries.get_for(request.actor, approval_id)
    form = WithdrawForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    withdraw_approval(actor=request.actor, approval_id=approval.id, reason=reason)
    messages.success(request, _("Withdrawn. Signatures given on it are void."))
    return redirect("governance:approval_read", approval_id=approval.id)
