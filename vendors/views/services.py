"""Services: read, added, edited, assessed, revoked; their models and sub-processors."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from auditlog.errors import NotFoundError
from auditlog.queries import timeline
from governance.authority import Right, has_right
from governance.http import attempt, key_options, page, status_of
from vendors.forms.assessments import RevokeForm
from vendors.forms.vendors import NewSubProcessorForm, ServiceForm, ServiceModelForm, SubProcessorForm
from vendors.models import OPEN_STATES, Authorisation, Service
from vendors.queries import reading
from vendors.queries.horizon import horizon_of
from vendors.queries.standing import current_authorisation, standing
from vendors.services.assessments import start_assessment
from vendors.services.confirming import begin_revocation, revoke_with_factor
from vendors.services.service_models import add_service_model, remove_service_model
from vendors.services.services import add_service, edit_service
from vendors.services.sub_processors import add_sub_processor, edit_sub_processor, remove_sub_processor


@require_GET
@page(Right.READ_VENDORS)
def service_read(request: Any, service_id: uuid.UUID) -> HttpResponse:
    """One service: first how it stands, then everything that is known of it."""
    service = reading.get_service(request.actor, service_id)
    authorisation = current_authorisation(service.id)
    assessments = list(reading.assessments_of(service)[:10])
    context = {
        "service": service,
        "vendor": service.vendor,
        "authorisation": authorisation,
        "standing": standing(authorisation) if authorisation else None,
        "horizon": horizon_of(authorisation) if authorisation and authorisation.state == "live" else None,
        "assessments": assessments,
        "open_assessment": next((row for row in assessments if row.state in OPEN_STATES), None),
        "agreements": reading.agreements_about(service),
        "tree": reading.sub_processor_tree(service),
        "findings": reading.findings_of(service),
        "timeline": timeline("vendors.service", service.id) if has_right(request.actor, Right.READ_LOG) else None,
        "may_draft": has_right(request.actor, Right.DRAFT_ASSESSMENT),
        "may_sign": has_right(request.actor, Right.SIGN_ASSESSMENT),
        "may_record": has_right(request.actor, Right.RECORD_AGREEMENT),
    }
    return render(request, "vendors/services/read.html", context)


@require_http_methods(["GET", "POST"])
@page(Right.DRAFT_ASSESSMENT)
def service_add(request: Any, vendor_id: uuid.UUID) -> HttpResponse:
    """Add a service of a vendor; its models come next."""
    vendor = reading.get_vendor(request.actor, vendor_id)
    form = ServiceForm(request.POST) if request.method == "POST" else ServiceForm(initial={"owner": request.actor.id})
    if form.is_bound and form.is_valid():
        row = attempt(form, lambda: add_service(actor=request.actor, vendor_id=vendor.id, details=form.details()))
        if row is not None:
            messages.success(request, _("%s is in the register. List its models, then start the assessment.") % row)
            return redirect("vendors:service_read", service_id=row.id)
    return render(request, "vendors/services/add.html", {"form": form, "vendor": vendor}, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.DRAFT_ASSESSMENT)
def service_edit(request: Any, service_id: uuid.UUID) -> HttpResponse:
    """Correct a service; the page says beforehand what a material change does."""
    service = reading.get_service(request.actor, service_id)
    form = ServiceForm(request.POST) if request.method == "POST" else ServiceForm.of(service)
    if form.is_bound and form.is_valid():
        was_live = _is_live(service)
        saved = attempt(form, lambda: edit_service(actor=request.actor, service_id=service.id, details=form.details()))
        if saved is not None:
            return _after_change(request, service, was_live)
    context = {"form": form, "service": service, "is_live": _is_live(service)}
    return render(request, "vendors/services/edit.html", context, status=status_of(form))


def _is_live(service: Service) -> bool:
    return service.authorisations.filter(state=Authorisation.State.LIVE).exists()


def _after_change(request: Any, service: Service, was_live: bool) -> HttpResponse:
    """Back to the service, saying what the change did."""
    if was_live and not _is_live(service):
        messages.warning(
            request, _("Saved. The change is material: the approval is suspended and a re-assessment is open.")
        )
    else:
        messages.success(request, _("Saved."))
    return redirect("vendors:service_read", service_id=service.id)


@require_http_methods(["GET", "POST"])
@page(Right.DRAFT_ASSESSMENT)
def service_model_add(request: Any, service_id: uuid.UUID) -> HttpResponse:
    """List a model."""
    service = reading.get_service(request.actor, service_id)
    form = ServiceModelForm(request.POST or None)
    if form.is_valid():
        was_live = _is_live(service)
        row = attempt(form, lambda: add_service_model(actor=request.actor, service_id=service.id, **form.cleaned_data))
        if row is not None:
            return _after_change(request, service, was_live)
    context = {"form": form, "service": service, "is_live": _is_live(service)}
    return render(request, "vendors/services/model_add.html", context, status=status_of(form))


@require_POST
@page(Right.DRAFT_ASSESSMENT)
def service_model_remove(request: Any, service_id: uuid.UUID, model_id: uuid.UUID) -> HttpResponse:
    """Take a model off the list."""
    service = reading.get_service(request.actor, service_id)
    was_live = _is_live(service)
    remove_service_model(actor=request.actor, service_id=service.id, model_id=model_id)
    return _after_change(request, service, was_live)


@require_http_methods(["GET", "POST"])
@page(Right.DRAFT_ASSESSMENT)
def sub_processor_add(request: Any, service_id: uuid.UUID) -> HttpResponse:
    """Add a sub-processor at its place in the tree."""
    service = reading.get_service(request.actor, service_id)
    initial = {"parent": request.GET.get("under")}
    form = NewSubProcessorForm(service, request.POST or None, initial=initial)
    if form.is_valid():
        was_live, typed = _is_live(service), dict(form.cleaned_data)
        parent = typed.pop("parent")
        row = attempt(
            form,
            lambda: add_sub_processor(
                actor=request.actor, service_id=service.id, parent_id=parent.id if parent else None, **typed
            ),
        )
        if row is not None:
            return _after_change(request, service, was_live)
    context = {"form": form, "service": service, "is_live": _is_live(service)}
    return render(request, "vendors/services/sub_processor_add.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.DRAFT_ASSESSMENT)
def sub_processor_edit(request: Any, sub_processor_id: uuid.UUID) -> HttpResponse:
    """Correct a sub-processor."""
    row = reading.get_sub_processor(request.actor, sub_processor_id)
    initial = {"name": row.name, "purpose": row.purpose, "regions": row.regions}
    form = SubProcessorForm(request.POST or None, initial=initial)
    if form.is_valid():
        was_live = _is_live(row.service)
        saved = attempt(
            form, lambda: edit_sub_processor(actor=request.actor, sub_processor_id=row.id, **form.cleaned_data)
        )
        if saved is not None:
            return _after_change(request, row.service, was_live)
    context = {"form": form, "row": row, "service": row.service, "is_live": _is_live(row.service)}
    return render(request, "vendors/services/sub_processor_edit.html", context, status=status_of(form))


@require_POST
@page(Right.DRAFT_ASSESSMENT)
def sub_processor_remove(request: Any, sub_processor_id: uuid.UUID) -> HttpResponse:
    """End a sub-processor and those under it."""
    row = reading.get_sub_processor(request.actor, sub_processor_id)
    was_live = _is_live(row.service)
    remove_sub_processor(actor=request.actor, sub_processor_id=row.id)
    return _after_change(request, row.service, was_live)


@require_POST
@page(Right.DRAFT_ASSESSMENT)
def service_assess(request: Any, service_id: uuid.UUID) -> HttpResponse:
    """Start an assessment, or a re-assessment with what still counts of the last one."""
    service = reading.get_service(request.actor, service_id)
    row = start_assessment(actor=request.actor, service_id=service.id)
    messages.success(request, _("The assessment is open. Everything you enter is saved step by step."))
    return redirect("vendors:assessment_scope", assessment_id=row.id)


@require_http_methods(["GET", "POST"])
@page(Right.SIGN_ASSESSMENT)
def service_revoke(request: Any, service_id: uuid.UUID) -> HttpResponse:
    """End a service's use at once, with a second factor."""
    service = reading.get_service(request.actor, service_id)
    authorisation = current_authorisation(service.id)
    form = RevokeForm(request.POST or None)
    if authorisation is not None and form.is_valid():
        given = form.cleaned_data
        revoked = attempt(
            form,
            lambda: revoke_with_factor(
                actor=request.actor, authorisation=authorisation, reason=given["reason"], given=given
            ),
        )
        if revoked is not None:
            messages.success(request, _("Revoked. Nobody may use %s from now on.") % service)
            return redirect("vendors:service_read", service_id=service.id)
    context = {"form": form, "service": service, "authorisation": authorisation}
    return render(request, "vendors/services/revoke.html", context, status=status_of(form))


@require_POST
@page(Right.SIGN_ASSESSMENT)
def service_revoke_begin(request: Any, service_id: uuid.UUID) -> HttpResponse:
    """The security key's challenge for revoking for exactly this reason, as JSON; or ``error``, in words."""
    service = reading.get_service(request.actor, service_id)
    authorisation = current_authorisation(service.id)
    if authorisation is None:
        raise NotFoundError(_("There is nothing to revoke: it was never approved."))
    form = RevokeForm(request.POST, with_key=True)
    return key_options(
        form,
        lambda: begin_revocation(actor=request.actor, authorisation=authorisation, reason=form.cleaned_data["reason"]),
    )
