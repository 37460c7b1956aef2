"""People, their roles, and role changes."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from auditlog.queries import timeline
from governance.authority import Right, has_right
from governance.forms import PeopleFilter, PersonForm, RoleChangeForm, RoleEndForm
from governance.http import attempt, page, status_of
from governance.paging import page_of
from governance.panels import panel_for
from governance.queries import approvals as approval_queries
from governance.queries import people as queries
from governance.services import people as services
from governance.services.enrolments import awaits_enrolment
from governance.services.factor_resets import why_no_reset
from governance.services.roles import request_role_change


@require_GET
@page(Right.READ_PEOPLE)
def person_list(request: Any) -> HttpResponse:
    """People, filtered by the URL."""
    filters = PeopleFilter(request.GET or None)
    wanted = filters.cleaned_data if filters.is_bound and filters.is_valid() else {}
    rows = queries.people(words=wanted.get("q", ""), role=wanted.get("role", ""), state=wanted.get("state", ""))
    context = {
        "filters": filters,
        "page": page_of(rows, request.GET, ("name", "id")),
        "may_edit": has_right(request.actor, Right.MANAGE_PEOPLE),
    }
    return render(request, "governance/people/list.html", context)


@require_http_methods(["GET", "POST"])
@page(Right.MANAGE_PEOPLE)
def person_add(request: Any) -> HttpResponse:
    """Add somebody; the next page gives the invitation."""
    form = PersonForm(request.POST or None)
    if form.is_valid():
        person = attempt(form, lambda: services.add_person(actor=request.actor, **form.cleaned_data))
        if person is not None:
            messages.success(request, _("%s was added. Give them an invitation and a role.") % person.name)
            return redirect("governance:person_read", person_id=person.id)
    return render(request, "governance/people/add.html", {"form": form}, status=status_of(form))


@require_GET
@page(Right.READ_PEOPLE)
def person_read(request: Any, person_id: uuid.UUID) -> HttpResponse:
    """One person: roles now, changes asked for, timeline."""
    person, may_edit = queries.get_person(person_id), has_right(request.actor, Right.MANAGE_PEOPLE)
    context = {
        "person": person,
        "changes": queries.role_changes_of(person.id),
        "past": queries.past_roles_of(person.id),
        "resets": queries.factor_resets_of(person.id),
        "may_edit": may_edit,
        "why_no_reset": why_no_reset(request.actor, person) if may_edit else None,
        "awaits_link": may_edit and awaits_enrolment(person.id),
        "may_erase": has_right(request.actor, Right.ERASE_NAMES) and not person.is_active,
        "is_self": person.id == request.actor.id,
        "timeline": timeline("governance.person", person.id) if approval_queries.may_read_log(request.actor) else None,
    }
    return render(request, "governance/people/read.html", context)


@require_POST
@page(Right.MANAGE_PEOPLE)
def person_disable(request: Any, person_id: uuid.UUID) -> HttpResponse:
    """End somebody's sessions and roles at once."""
    person = services.disable_person(actor=request.actor, person_id=person_id)
    messages.success(request, _("%s is disabled: signed out everywhere, roles ended.") % person.name)
    return redirect("governance:person_read", person_id=person_id)


@require_POST
@page(Right.MANAGE_PEOPLE)
def person_sessions_end(request: Any, person_id: uuid.UUID) -> HttpResponse:
    """Sign somebody out everywhere."""
    count = services.end_sessions_of(actor=request.actor, person_id=person_id)
    words = ngettext("%(n)d session ended.", "%(n)d sessions ended.", count)
    messages.success(request, words % {"n": count})
    return redirect("governance:person_read", person_id=person_id)


@require_http_methods(["GET", "POST"])
@page(Right.MANAGE_PEOPLE)
def all_sessions_end(request: Any) -> HttpResponse:
    """Sign everybody out, after saying what that means."""
    if request.method == "POST":
        services.end_all_sessions(actor=request.actor)
        request.session.flush()
        return redirect("account_login")
    return render(request, "governance/people/end_all_sessions.html")


@require_POST
@page(Right.MANAGE_PEOPLE)
def person_enable(request: Any, person_id: uuid.UUID) -> HttpResponse:
    """Let somebody sign in again."""
    person = services.enable_person(actor=request.actor, person_id=person_id)
    messages.success(request, _("%s may sign in again, without any role.") % person.name)
    return redirect("governance:person_read", person_id=person_id)


@require_http_methods(["GET", "POST"])
@page(Right.MANAGE_PEOPLE)
def person_rename(request: Any, person_id: uuid.UUID) -> HttpResponse:
    """Correct somebody's name."""
    person = queries.get_person(person_id)
    form = PersonForm(request.POST or None, initial={"name": person.name})
    del form.fields["email"]
    if form.is_valid():
        name = form.cleaned_data["name"]
        saved = attempt(form, lambda: services.rename_person(actor=request.actor, person_id=person_id, name=name))
        if saved is not None:
            return redirect("governance:person_read", person_id=person_id)
    return render(request, "governance/people/rename.html", {"form": form, "person": person}, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.MANAGE_PEOPLE)
def role_give(request: Any, person_id: uuid.UUID) -> HttpResponse:
    """Ask to give somebody a role."""
    person = queries.get_person(person_id)
    form = RoleChangeForm(request.POST or None)
    if form.is_valid() and (change := attempt(form, lambda: _ask(request, person_id, "give", form.cleaned_data))):
        messages.success(request, _("Asked for. It takes effect when a security approver countersigns."))
        return redirect("governance:role_change_read", change_id=change.id)
    return render(request, "governance/roles/give.html", {"form": form, "person": person}, status=status_of(form))


def _ask(request: Any, person_id: uuid.UUID, verb: str, wanted: dict[str, Any]) -> Any:
    tenant, site = wanted.get("tenant"), wanted.get("site")
    return request_role_change(
        actor=request.actor, person_id=person_id, verb=verb, role=wanted["role"], reason=wanted["reason"],
        tenant_id=tenant and tenant.id, site_id=site and site.id, valid_until=wanted.get("valid_until"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@page(Right.MANAGE_PEOPLE)
def role_end(request: Any, person_id: uuid.UUID, assignment_id: uuid.UUID) -> HttpResponse:
    """Ask to end a role somebody holds."""
    assignment = queries.get_assignment(person_id, assignment_id)
    form = RoleEndForm(request.POST or None)
    scope = {"role": assignment.role, "tenant": assignment.tenant, "site": assignment.site}
    if form.is_valid() and (
        change := attempt(form, lambda: _ask(request, person_id, "end", form.cleaned_data | scope))
    ):
        messages.success(request, _("Asked for. It takes effect when a security approver countersigns."))
        return redirect("governance:role_change_read", change_id=change.id)
    context = {"form": form, "person": assignment.person, "assignment": assignment}
    return render(request, "governance/roles/end.html", context, status=status_of(form))


@require_GET
@page()
def role_change_read(request: Any, change_id: uuid.UUID) -> HttpResponse:
    """One role change with its decision panel, for whoever may see its approval."""
    change = queries.get_role_change(change_id)
    approval = approval_queries.get_for(request.actor, change.approval_id)
    context = {"change": change, "panel": panel_for(request.actor, approval)}
    return render(request, "governance/roles/read.html", context)


@require_GET
@page()
def my_roles(request: Any) -> HttpResponse:
    """What the person may do here, and why."""
    return render(request, "governance/roles/mine.html", {"person": queries.get_person(request.actor.id)})
