"""Who decides about what."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from governance.approval_kinds import KINDS
from governance.authority import Right, has_right
from governance.forms import PolicyForm
from governance.http import attempt, page, status_of
from governance.panels import panel_for
from governance.queries import approvals as approval_queries
from governance.queries import policies as queries
from governance.services.policies import propose_policy


@require_GET
@page()
def policy_list(request: Any) -> HttpResponse:
    """The policy in force for each kind of decision, and the versions before it."""
    context = {"policies": queries.policies_in_force(), "may_propose": has_right(request.actor, Right.PUBLISH_POLICY)}
    return render(request, "governance/policies/list.html", context)


@require_GET
@page()
def policy_read(request: Any, policy_id: uuid.UUID) -> HttpResponse:
    """One version of a policy, with the others of its kind."""
    return render(request, "governance/policies/read.html", {"policy": queries.get_policy(policy_id)})


@require_http_methods(["GET", "POST"])
@page(Right.PUBLISH_POLICY)
def policy_propose(request: Any, kind: str) -> HttpResponse:
    """Propose the next version."""
    if kind not in KINDS:
        raise Http404
    form = PolicyForm(request.POST or None, initial=queries.policy_initial(kind))
    if form.is_valid():
        terms = {k: v for k, v in form.cleaned_data.items() if not k.startswith("count_")}
        change = attempt(
            form, lambda: propose_policy(actor=request.actor, kind=kind, groups=form.wanted_groups(), **terms)
        )
        if change is not None:
            messages.success(request, _("Proposed. It counts once another security approver countersigns."))
            return redirect("governance:policy_change_read", change_id=change.id)
    context = {"form": form, "kind": KINDS[kind]}
    return render(request, "governance/policies/propose.html", context, status=status_of(form))


@require_GET
@page()
def policy_change_read(request: Any, change_id: uuid.UUID) -> HttpResponse:
    """One proposal with its decision panel."""
    change = queries.get_policy_change(change_id)
    approval = approval_queries.get_for(request.actor, change.approval_id)
    context = {"change": change, "kind": KINDS[change.kind], "panel": panel_for(request.actor, approval)}
    return render(request, "governance/policies/change.html", context)
