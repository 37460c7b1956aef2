"""The assessment's workspace: seven sections, each saved by itself, and the decision."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from auditlog.queries import timeline
from governance.authority import Right, has_right, require
from governance.http import attempt, page, status_of
from governance.panels import panel_for
from vendors.forms.assessments import (
    AttachForm,
    ConditionsForm,
    IsolationForm,
    QuestionnaireChoiceForm,
    ScopeForm,
    WithdrawForm,
)
from vendors.forms.findings import FindingForm
from vendors.models import Assessment
from vendors.queries import reading
from vendors.queries.dossier import Dossier
from vendors.queries.workspace import SECTIONS, url_of, workspace_of
from vendors.services.assessments import choose_questionnaire, edit_conditions, edit_scope, take_back
from vendors.services.evidence_links import attach_evidence, detach_evidence
from vendors.services.findings import raise_finding
from vendors.services.isolation_reviews import record_isolation_review
from vendors.services.submission import submit_assessment, withdraw_submission


def _open(request: Any, assessment_id: uuid.UUID) -> Assessment:
    """The assessment for everybody who reads the room; writing on it is for analysts."""
    if request.method == "POST":
        require(request.actor, Right.DRAFT_ASSESSMENT)
    return reading.get_assessment(request.actor, assessment_id)


def _show(
    request: Any, assessment: Assessment, section: str, form: Any = None, dossier: Dossier | None = None, **more: Any
) -> HttpResponse:
    """A section's page, with the steps and what is missing beside it."""
    workspace = workspace_of(request.actor, assessment, section, dossier)
    if form is not None and not workspace.may_edit:
        for field in form.fields.values():
            field.disabled = True
    context = {
        "workspace": workspace,
        "dossier": workspace.dossier,
        "assessment": assessment,
        "service": assessment.service,
        "form": form,
        **more,
    }
    status = status_of(form) if form is not None else 200
    return render(request, f"vendors/assessments/{section}.html", context, status=status)


def _done(form: Any, verb: Callable[[], Any]) -> bool:
    """Whether the form was good and the service did it; a refusal is on the form."""
    return form.is_valid() and attempt(form, verb) is not None


def _save(request: Any, assessment: Assessment, section: str, form: Any, verb: Callable[[], Any], said: str) -> Any:
    """Save a section; then to the next one, or back here when somebody asked to stay."""
    if not _done(form, verb):
        return None
    messages.success(request, said)
    at = SECTIONS.index(section)
    following = section if "stay" in request.POST else SECTIONS[min(at + 1, len(SECTIONS) - 1)]
    return redirect(url_of(assessment, following))


@require_GET
@page(Right.READ_VENDORS)
def assessment_read(request: Any, assessment_id: uuid.UUID) -> HttpResponse:
    """Review and submit; once submitted, the decision panel; once decided, what became of it."""
    assessment = reading.get_assessment(request.actor, assessment_id)
    return _review(request, assessment)


def _review(request: Any, assessment: Assessment, form: ConditionsForm | None = None) -> HttpResponse:
    shows_panel = assessment.approval is not None and not assessment.is_editable
    return _show(
        request,
        assessment,
        "review",
        form or ConditionsForm(initial={"conditions": assessment.conditions}),
        panel=panel_for(request.actor, assessment.approval) if shows_panel and assessment.approval else None,
        is_summary=True,
        timeline=timeline("vendors.assessment", assessment.id) if has_right(request.actor, Right.READ_LOG) else None,
    )


@require_http_methods(["GET", "POST"])
@page(Right.READ_VENDORS)
def assessment_scope(request: Any, assessment_id: uuid.UUID) -> HttpResponse:
    """What the service is to be approved for."""
    row = _open(request, assessment_id)
    form = ScopeForm(row, request.POST) if request.method == "POST" else ScopeForm.of(row)
    done = _save(
        request, row, "scope", form,
        lambda: edit_scope(actor=request.actor, assessment_id=row.id, scope=form.scope()), _("Scope saved."),
    )  # fmt: skip
    return done or _show(request, row, "scope", form)


@require_http_methods(["GET", "POST"])
@page(Right.READ_VENDORS)
def assessment_questionnaire(request: Any, assessment_id: uuid.UUID) -> HttpResponse:
    """Which questionnaire is answered."""
    row = _open(request, assessment_id)
    form = QuestionnaireChoiceForm(request.POST or None, initial={"questionnaire": row.questionnaire_id})
    chosen = _done(
        form,
        lambda: choose_questionnaire(
            actor=request.actor, assessment_id=row.id, questionnaire_id=form.cleaned_data["questionnaire"].id
        ),
    )
    if chosen:
        return redirect("vendors:assessment_answers", row.id)
    return _show(request, row, "questionnaire", form)


@require_http_methods(["GET", "POST"])
@page(Right.READ_VENDORS)
def assessment_evidence(request: Any, assessment_id: uuid.UUID) -> HttpResponse:
    """Evidence put forward, whether each piece counts today, and more to attach."""
    row = _open(request, assessment_id)
    form = AttachForm(row, request.POST or None, initial={"evidence": request.GET.get("evidence")})
    done = _done(
        form,
        lambda: attach_evidence(
            actor=request.actor, assessment_id=row.id, evidence_id=form.cleaned_data["evidence"].id,
            proves=form.cleaned_data["proves"],
        ),
    )  # fmt: skip
    if done:
        messages.success(request, _("Attached."))
        return redirect("vendors:assessment_evidence", assessment_id=row.id)
    return _show(request, row, "evidence", form)


@require_POST
@page(Right.DRAFT_ASSESSMENT)
def assessment_evidence_detach(request: Any, assessment_id: uuid.UUID, evidence_id: uuid.UUID) -> HttpResponse:
    """Take evidence off the assessment."""
    detach_evidence(actor=request.actor, assessment_id=assessment_id, evidence_id=evidence_id)
    messages.success(request, _("Taken off. The evidence itself stays on file."))
    return redirect("vendors:assessment_evidence", assessment_id=assessment_id)


@require_GET
@page(Right.READ_VENDORS)
def assessment_agreements(request: Any, assessment_id: uuid.UUID) -> HttpResponse:
    """Agreements about the service, and which of the terms needed are in force."""
    row = _open(request, assessment_id)
    return _show(request, row, "agreements")


@require_http_methods(["GET", "POST"])
@page(Right.READ_VENDORS)
def assessment_isolation(request: Any, assessment_id: uuid.UUID) -> HttpResponse:
    """The isolation review; the newest one counts."""
    row = _open(request, assessment_id)
    dossier = Dossier(row)
    form = IsolationForm(request.POST) if request.method == "POST" else IsolationForm.of(dossier.review)
    done = _save(
        request, row, "isolation", form,
        lambda: record_isolation_review(actor=request.actor, assessment_id=row.id, details=form.details()),
        _("Isolation review recorded."),
    )  # fmt: skip
    return done or _show(request, row, "isolation", form, dossier)


@require_http_methods(["GET", "POST"])
@page(Right.READ_VENDORS)
def assessment_findings(request: Any, assessment_id: uuid.UUID) -> HttpResponse:
    """Findings of the service, and one more to raise."""
    row = _open(request, assessment_id)
    form = FindingForm(request.POST or None)
    done = _done(form, lambda: raise_finding(actor=request.actor, assessment_id=row.id, details=form.details()))
    if done:
        messages.success(request, _("Raised. Its owner finds it in My work."))
        return redirect("vendors:assessment_findings", assessment_id=row.id)
    return _show(request, row, "findings", form)


@require_POST
@page(Right.DRAFT_ASSESSMENT)
def assessment_conditions(request: Any, assessment_id: uuid.UUID) -> HttpResponse:
    """The conditions people must keep."""
    row = _open(request, assessment_id)
    form = ConditionsForm(request.POST)
    saved = _done(form, lambda: edit_conditions(actor=request.actor, assessment_id=row.id, **form.cleaned_data))
    if saved:
        messages.success(request, _("Conditions saved."))
        return redirect("vendors:assessment_read", assessment_id=row.id)
    return _review(request, row, form)


@require_POST
@page(Right.DRAFT_ASSESSMENT)
def assessment_submit(request: Any, assessment_id: uuid.UUID) -> HttpResponse:
    """Ask for signatures, with the conditions as they stand in the form."""
    row = _open(request, assessment_id)
    form = ConditionsForm(request.POST if "conditions" in request.POST else {"conditions": row.conditions})
    if _done(form, lambda: _submit(request, row, form)):
        messages.success(request, _("Submitted. A security approver finds it in My work; you hear when it is decided."))
        return redirect("vendors:assessment_read", assessment_id=row.id)
    return _review(request, row, form)


def _submit(request: Any, assessment: Assessment, form: ConditionsForm) -> Any:
    if form.cleaned_data["conditions"] != assessment.conditions:
        edit_conditions(actor=request.actor, assessment_id=assessment.id, **form.cleaned_data)
    return submit_assessment(actor=request.actor, assessment_id=assessment.id)


@require_POST
@page(Right.DRAFT_ASSESSMENT)
def assessment_withdraw(request: Any, assessment_id: uuid.UUID) -> HttpResponse:
    """Take a submission back."""
    form = WithdrawForm(request.POST)
    form.is_valid()
    reason = form.cleaned_data.get("reason", "")
    row = withdraw_submission(actor=request.actor, assessment_id=assessment_id, reason=reason)
    messages.success(request, _("Back in review. Change what is needed, then submit it again."))
    return redirect("vendors:assessment_read", assessment_id=row.id)


@require_POST
@page(Right.DRAFT_ASSESSMENT)
def assessment_take_back(request: Any, assessment_id: uuid.UUID) -> HttpResponse:
    """Bring an assessment back from the vendor."""
    row = take_back(actor=request.actor, assessment_id=assessment_id)
    messages.success(request, _("Back in review."))
    return redirect("vendors:assessment_read", assessment_id=row.id)
