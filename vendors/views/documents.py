"""Documents beside an answer: the analyst's side and, through a link, the vendor's."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from auditlog.actors import Actor
from governance.authority import Right
from governance.http import attempt, page, status_of
from vendors.forms.questionnaires import DocumentForm
from vendors.models import Assessment, RespondentLink
from vendors.queries.answers import documents_of
from vendors.services.documents import MOST_BYTES, MOST_FILES, attach_document, evidence_question, remove_document
from vendors.views.answers import assessment_for
from vendors.views.respond import respondent_of, through_link


def _attach(request: Any, actor: Actor, assessment: Assessment, key: str, form: DocumentForm) -> bool:
    """Whether a document was sent, was good, and is there now."""
    if request.method != "POST" or not form.is_valid():
        return False
    done = attempt(form, lambda: attach_document(actor=actor, assessment_id=assessment.id, key=key, **form.document()))
    if done:
        messages.success(request, _("Attached. It is checked before anybody can open it."))
    return bool(done)


def _form(request: Any, *, is_respondent: bool) -> DocumentForm:
    if request.method == "POST":
        return DocumentForm(request.POST, request.FILES, is_respondent=is_respondent)
    return DocumentForm(is_respondent=is_respondent)


@require_http_methods(["GET", "POST"])
@page(Right.DRAFT_ASSESSMENT)
def answer_documents(request: Any, assessment_id: uuid.UUID, key: str) -> HttpResponse:
    """The documents beside one answer, and one more to attach."""
    assessment, form = assessment_for(assessment_id), _form(request, is_respondent=False)
    question = evidence_question(assessment, key)
    if _attach(request, request.actor, assessment, key, form):
        return redirect("vendors:answer_documents", assessment_id=assessment.id, key=key)
    context = {
        "assessment": assessment, "question": question, "form": form, "is_respondent": False,
        "documents": documents_of(assessment, key),
        "back_url": reverse("vendors:answer_section", args=[assessment.id, question.section.key]),
    }  # fmt: skip
    return render(request, "vendors/answers/documents.html", context, status=status_of(form))


@require_POST
@page(Right.DRAFT_ASSESSMENT)
def answer_document_remove(request: Any, assessment_id: uuid.UUID, key: str, document_id: uuid.UUID) -> HttpResponse:
    """Take a document off."""
    remove_document(actor=request.actor, assessment_id=assessment_id, document_id=document_id)
    messages.success(request, _("Taken off. The evidence itself stays on file."))
    return redirect("vendors:answer_documents", assessment_id=assessment_id, key=key)


@require_http_methods(["GET", "POST"])
@through_link
def respond_documents(request: Any, link: RespondentLink, key: str) -> HttpResponse:
    """The vendor's side: what was sent for one question, and one more file."""
    assessment, form = link.assessment, _form(request, is_respondent=True)
    question = evidence_question(assessment, key)
    if _attach(request, respondent_of(request, link), assessment, key, form):
        return redirect("vendors:respond_documents", link_id=link.id, key=key)
    context = {
        "link": link, "assessment": assessment, "question": question, "form": form, "is_respondent": True,
        "documents": documents_of(assessment, key), "most_files": MOST_FILES, "most_bytes": MOST_BYTES,
        "back_url": reverse("vendors:respond_section", args=[link.id, question.section.key]),
    }  # fmt: skip
    return render(request, "vendors/answers/respond_documents.html", context, status=status_of(form))


@require_POST
@through_link
def respond_document_remove(request: Any, link: RespondentLink, key: str, document_id: uuid.UUID) -> HttpResponse:
    """Take off what this link sent."""
    actor = respondent_of(request, link)
    remove_document(actor=actor, assessment_id=link.assessment_id, document_id=document_id)
    messages.success(request, _("Taken off."))
    return redirect("vendors:respond_documents", link_id=link.id, key=key)
