"""Questionnaires: read a file, look at what was understood, import it, read and download versions."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from governance.authority import Right, has_right
from governance.http import attempt, page, status_of
from vendors.forms.questionnaires import ImportForm, UploadForm
from vendors.models import QuestionnaireUpload
from vendors.queries import questionnaires as queries
from vendors.queries.answers import questionnaire_book
from vendors.questionnaires.own_yaml import write_own_yaml
from vendors.questionnaires.shape import Understood
from vendors.services.questionnaires import import_questionnaire, set_aside_upload, upload_questionnaire


@require_safe
@page(Right.READ_VENDORS)
def questionnaire_list(request: Any) -> HttpResponse:
    """The latest version of each questionnaire, and files that wait to be imported."""
    words = request.GET.get("q", "")[:200]
    context = {
        "rows": queries.questionnaires_for(request.actor, words)[:200],
        "uploads": queries.waiting_uploads(request.actor),
        "words": words,
        "may_import": has_right(request.actor, Right.DRAFT_ASSESSMENT),
    }
    return render(request, "vendors/questionnaires/list.html", context)


@page(Right.DRAFT_ASSESSMENT)
def questionnaire_upload(request: Any) -> HttpResponse:
    """Choose a file and have it read."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        row = attempt(
            form, lambda: upload_questionnaire(actor=request.actor, content=file.read(), file_name=file.name or "")
        )
        if row is not None:
            return redirect("vendors:questionnaire_preview", upload_id=row.id)
    return render(request, "vendors/questionnaires/upload.html", {"form": form}, status=status_of(form))


@require_safe
@page(Right.READ_VENDORS)
def questionnaire_preview(request: Any, upload_id: uuid.UUID) -> HttpResponse:
    """What was understood of a file and what was not, by line."""
    upload = queries.upload_for(request.actor, upload_id)
    if hasattr(upload, "questionnaire"):
        return redirect("vendors:questionnaire_detail", questionnaire_id=upload.questionnaire.id)
    understood = queries.understood_of(upload)
    form = ImportForm(sections=understood.sections, initial={"name": understood.title[:160]})
    return _preview(request, upload, understood, form)


def _preview(request: Any, upload: QuestionnaireUpload, understood: Understood, form: ImportForm) -> HttpResponse:
    name = form.data.get("name") if form.is_bound else understood.title
    before = queries.latest_named(name or "")
    context = {
        "upload": upload,
        "understood": understood,
        "form": form,
        "counts": Counter(question.kind for question in understood.questions()).most_common(),
        "question_count": sum(question.answerable for question in understood.questions()),
        "conditional_count": sum(bool(question.shown_when) for question in understood.questions()),
        "warning_count": sum(len(question.warnings) for question in understood.questions()),
        "before": before,
        "difference": queries.difference_to(before, understood),
        "may_import": has_right(request.actor, Right.DRAFT_ASSESSMENT),
    }
    return render(request, "vendors/questionnaires/preview.html", context, status=status_of(form))


@require_POST
@page(Right.DRAFT_ASSESSMENT)
def questionnaire_import(request: Any, upload_id: uuid.UUID) -> HttpResponse:
    """Publish what was understood as the next version."""
    upload = queries.upload_for(request.actor, upload_id)
    understood = queries.understood_of(upload)
    form = ImportForm(request.POST, sections=understood.sections)
    if form.is_valid():
        row = attempt(
            form,
            lambda: import_questionnaire(
                actor=request.actor, upload_id=upload_id, name=form.cleaned_data["name"], weights=form.weights(),
                required=form.cleaned_data["required"],
            ),
        )  # fmt: skip
        if row is not None:
            messages.success(request, _("%(questionnaire)s is imported.") % {"questionnaire": row})
            return redirect("vendors:questionnaire_detail", questionnaire_id=row.id)
    return _preview(request, upload, understood, form)


@require_POST
@page(Right.DRAFT_ASSESSMENT)
def questionnaire_set_aside(request: Any, upload_id: uuid.UUID) -> HttpResponse:
    """Forget a file that was read."""
    set_aside_upload(actor=request.actor, upload_id=upload_id)
    messages.success(request, _("The file is set aside. Nothing was imported."))
    return redirect("vendors:questionnaire_list")


@require_safe
@page(Right.READ_VENDORS)
def questionnaire_detail(request: Any, questionnaire_id: uuid.UUID) -> HttpResponse:
    """One version: its sections and questions, what it came from, and what it changed."""
    row = queries.questionnaire_for(request.actor, questionnaire_id)
    book = questionnaire_book(row)
    versions = queries.versions_of(row)
    before = next((other for other in versions if other.version == row.version - 1), None)
    words = request.GET.get("q", "")[:200].casefold().split()
    sections = [
        (shape, [q for q in shape.questions if all(word in f"{q.text} {q.key}".casefold() for word in words)])
        for shape in book.section_shapes
    ]
    context = {
        "questionnaire": row,
        "sections": [(shape, questions) for shape, questions in sections if questions],
        "found": sum(len(questions) for _shape, questions in sections),
        "words": request.GET.get("q", "")[:200],
        "versions": versions,
        "before": before,
        "difference": queries.difference_to(before, book.understood),
        "remarks": row.upload.remarks,
    }
    return render(request, "vendors/questionnaires/detail.html", context)


@require_safe
@page(Right.READ_VENDORS)
def questionnaire_download(request: Any, questionnaire_id: uuid.UUID) -> HttpResponse:
    """The version as our YAML, which imports as it was."""
    row = queries.questionnaire_for(request.actor, questionnaire_id)
    text = write_own_yaml(questionnaire_book(row).understood)
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="questionnaire-{row.id}-v{row.version}.yaml"'
    return response
