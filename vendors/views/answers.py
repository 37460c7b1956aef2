"""The analyst's side of answering: sections, the sheet, and links for the vendor's people."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from auditlog.errors import GovernanceError, NotFoundError
from governance.authority import Right, has_right
from governance.http import attempt, page, status_of
from vendors.forms.questionnaires import InviteForm, SheetForm
from vendors.models import Assessment, RespondentLink
from vendors.queries.answers import answer_book
from vendors.services.answer_sheets import import_answer_sheet, sheet_of
from vendors.services.answers import SaveOutcome, save_answers
from vendors.services.respondents import invite_respondent, revoke_respondent_link
from vendors.views.answer_pages import given_in, saved_fragment, section_page, with_documents

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def assessment_for(assessment_id: uuid.UUID) -> Assessment:
    """The assessment with what its answer pages show; the right to read vendors was asked for by the page."""
    rows = Assessment.objects.select_related("service__vendor", "questionnaire")
    row: Assessment | None = rows.filter(pk=assessment_id).first()
    if row is None:
        raise NotFoundError(_("There is no such assessment."))
    return row


def _context(request: Any, assessment: Assessment) -> dict[str, Any]:
    return {
        "assessment": assessment,
        "may_answer": assessment.is_editable and has_right(request.actor, Right.DRAFT_ASSESSMENT),
        "is_respondent": False,
        "sheet_url": reverse("vendors:answer_sheet", args=[assessment.id]),
        "sheet_import_url": reverse("vendors:answer_sheet_import", args=[assessment.id]),
    }


@require_safe
@page(Right.READ_VENDORS)
def assessment_answers(request: Any, assessment_id: uuid.UUID) -> HttpResponse:
    """Where answering goes on: the section of the next question without an answer."""
    assessment = assessment_for(assessment_id)
    book = answer_book(assessment)
    if not book.sections:
        return render(request, "vendors/answers/none.html", _context(request, assessment))
    sections = {section.id: section.key for section in book.sections}
    question = next(iter(book.unanswered()), None)
    key = sections[question.section_id] if question else book.sections[0].key
    return redirect("vendors:answer_section", assessment_id=assessment_id, section=key)


@require_safe
@page(Right.READ_VENDORS)
def answer_section(request: Any, assessment_id: uuid.UUID, section: str) -> HttpResponse:
    """One section to read or to answer."""
    assessment = assessment_for(assessment_id)
    return _section(request, assessment, section)


def _section(
    request: Any, assessment: Assessment, section: str, outcome: SaveOutcome | None = None, problem: str = ""
) -> HttpResponse:
    def address(key: str) -> str:
        return reverse("vendors:answer_section", args=[assessment.id, key])

    shown = section_page(answer_book(assessment), section, address, request.POST if outcome else None, outcome)
    with_documents(shown, assessment, lambda key: reverse("vendors:answer_documents", args=[assessment.id, key]))
    context = _context(request, assessment) | {
        "page": shown,
        "save_url": reverse("vendors:answer_save", args=[assessment.id, section]),
        "problem": problem,
    }
    if request.htmx and outcome is not None:
        return saved_fragment(request, context["page"], context)
    status = 422 if outcome and outcome.refused else 200
    return render(request, "vendors/answers/section.html", context, status=status)


@require_POST
@page(Right.READ_VENDORS)
def answer_save(request: Any, assessment_id: uuid.UUID, section: str) -> HttpResponse:
    """Save a section: good answers are kept, the others come back as they were typed."""
    outcome = save_answers(
        actor=request.actor, assessment_id=assessment_id, answers=given_in(request.POST), section=section
    )
    if request.htmx or outcome.refused:
        return _section(request, assessment_for(assessment_id), section, outcome)
    messages.success(request, _("Saved."))
    target = request.POST.get("go_to") or section
    known = {row.key for row in answer_book(assessment_for(assessment_id)).sections}
    return redirect(
        "vendors:answer_section", assessment_id=assessment_id, section=target if target in known else section
    )


@require_safe
@page(Right.READ_VENDORS)
def answer_sheet(request: Any, assessment_id: uuid.UUID) -> HttpResponse:
    """The whole questionnaire with its answers as a workbook."""
    assessment = assessment_for(assessment_id)
    response = HttpResponse(sheet_of(assessment), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="answers-{assessment.id}.xlsx"'
    return response


@page(Right.DRAFT_ASSESSMENT)
def answer_sheet_import(request: Any, assessment_id: uuid.UUID) -> HttpResponse:
    """Bring a filled-in workbook back; rows that cannot be taken are listed by number."""
    assessment = assessment_for(assessment_id)
    form = SheetForm(request.POST or None, request.FILES or None)
    report = None
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].read()
        report = attempt(
            form, lambda: import_answer_sheet(actor=request.actor, assessment_id=assessment_id, content=content)
        )
    context = _context(request, assessment) | {
        "form": form,
        "report": report,
        "back_url": reverse("vendors:assessment_answers", args=[assessment_id]),
    }
    return render(request, "vendors/answers/sheet.html", context, status=status_of(form))


@page(Right.DRAFT_ASSESSMENT)
def respondent_invite(request: Any, assessment_id: uuid.UUID) -> HttpResponse:
    """The links of an assessment, and a new one; its address is shown once."""
    assessment = assessment_for(assessment_id)
    form = InviteForm(request.POST or None)
    address = ""
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _invite(request, assessment_id, form))
        if made is not None:
            address = request.build_absolute_uri(reverse("vendors:respond_open", args=[made[1]]))
    context = _context(request, assessment) | {
        "form": form if not address else InviteForm(),
        "address": address,
        "links": assessment.respondent_links.select_related("invited_by"),
    }
    response = render(request, "vendors/answers/invite.html", context, status=status_of(form))
    response["Cache-Control"] = "no-store"
    return response


def _invite(request: Any, assessment_id: uuid.UUID, form: InviteForm) -> tuple[RespondentLink, str]:
    try:
        return invite_respondent(
            actor=request.actor,
            assessment_id=assessment_id,
            recipient=form.cleaned_data["recipient"],
            expires_at=form.expires_at(),
        )
    except GovernanceError as refusal:
        refusal.field = "expires_on" if refusal.field == "expires_at" else refusal.field
        raise


@require_POST
@page(Right.DRAFT_ASSESSMENT)
def respondent_revoke(request: Any, assessment_id: uuid.UUID, link_id: uuid.UUID) -> HttpResponse:
    """End a link now."""
    revoke_respondent_link(actor=request.actor, link_id=link_id)
    messages.success(request, _("The link is revoked. What was answered through it is kept."))
    return redirect("vendors:respondent_invite", assessment_id=assessment_id)
