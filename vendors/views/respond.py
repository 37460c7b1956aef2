"""The vendor's side of answering: one link, one questionnaire, nothing else."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from auditlog.actors import Actor
from auditlog.errors import GovernanceError, NotFoundError
from governance.http import attempt, refusal_page, status_of
from vendors.forms.questionnaires import SheetForm
from vendors.models import RespondentLink
from vendors.queries.answers import answer_book
from vendors.services.answer_sheets import import_answer_sheet, sheet_of
from vendors.services.answers import SaveOutcome, save_answers
from vendors.services.respondents import hand_back_answers, open_link, respondent_actor
from vendors.views.answer_pages import given_in, saved_fragment, section_page, with_documents
from vendors.views.answers import XLSX

OPENED = "respondent_links"


@require_safe
def respond_open(request: HttpRequest, token: str) -> HttpResponse:
    """Turn the link's token into a place in this browser's session, so that it is in no later address."""
    try:
        link = open_link(token=token, request_id=getattr(request, "request_id", ""))
    except NotFoundError as refusal:
        return refusal_page(request, refusal)
    if not link.is_live:
        return _ended(request, link)
    if not request.user.is_authenticated:
        request.session.cycle_key()
    opened = [key for key in request.session.get(OPENED, []) if key != str(link.id)]
    request.session[OPENED] = [*opened[-9:], str(link.id)]
    return redirect("vendors:respond_start", link_id=link.id)


def _ended(request: HttpRequest, link: RespondentLink) -> HttpResponse:
    return render(request, "vendors/answers/ended.html", {"link": link}, status=410)


def through_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a view to whoever opened the link in this browser, while it lives; to nobody else (404)."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, link_id: uuid.UUID, **kwargs: Any) -> HttpResponse:
        link = None
        if str(link_id) in request.session.get(OPENED, []):
            rows = RespondentLink.objects.select_related("assessment__service__vendor", "assessment__questionnaire")
            link = rows.filter(pk=link_id).first()
        if link is None:
            return refusal_page(request, NotFoundError(_("There is no such page.")))
        if not link.is_live:
            return _ended(request, link)
        try:
            response = view(request, link, **kwargs)
        except GovernanceError as refusal:
            response = refusal_page(request, refusal)
        response["Cache-Control"] = "no-store"
        return response

    return wrapped


def respondent_of(request: Any, link: RespondentLink) -> Actor:
    """Who acts: the link, for the analyst who sent it."""
    return respondent_actor(link, getattr(request, "request_id", ""))


def _context(link: RespondentLink) -> dict[str, Any]:
    return {
        "link": link,
        "assessment": link.assessment,
        "is_respondent": True,
        "may_answer": link.assessment.state == link.assessment.State.AWAITING_VENDOR,
        "sheet_url": reverse("vendors:respond_sheet", args=[link.id]),
        "sheet_import_url": reverse("vendors:respond_sheet_import", args=[link.id]),
        "hand_back_url": reverse("vendors:respond_hand_back", args=[link.id]),
    }


@require_safe
@through_link
def respond_start(request: Any, link: RespondentLink) -> HttpResponse:
    """What is asked, how far it is, and where to begin."""
    book = answer_book(link.assessment)
    score = book.score()
    addresses = [(part, reverse("vendors:respond_section", args=[link.id, part.key])) for part in score.sections]
    sections = {section.id: section.key for section in book.sections}
    question = next(iter(book.unanswered()), None)
    key = sections[question.section_id] if question else book.sections[0].key
    context = _context(link) | {
        "score": score,
        "addresses": addresses,
        "missing": book.missing(),
        "begin_url": reverse("vendors:respond_section", args=[link.id, key]),
    }
    return render(request, "vendors/answers/start.html", context)


@require_safe
@through_link
def respond_section(request: Any, link: RespondentLink, section: str) -> HttpResponse:
    """One section to answer."""
    return _section(request, link, section)


def _section(request: Any, link: RespondentLink, section: str, outcome: SaveOutcome | None = None) -> HttpResponse:
    def address(key: str) -> str:
        return reverse("vendors:respond_section", args=[link.id, key])

    page = section_page(answer_book(link.assessment), section, address, request.POST if outcome else None, outcome)
    with_documents(page, link.assessment, lambda key: reverse("vendors:respond_documents", args=[link.id, key]))
    context = _context(link) | {"page": page, "save_url": reverse("vendors:respond_save", args=[link.id, section])}
    if request.htmx and outcome is not None:
        return saved_fragment(request, page, context)
    status = 422 if outcome and outcome.refused else 200
    return render(request, "vendors/answers/respond.html", context, status=status)


@require_POST
@through_link
def respond_save(request: Any, link: RespondentLink, section: str) -> HttpResponse:
    """Save a section, as the analyst's page does."""
    outcome = save_answers(
        actor=respondent_of(request, link),
        assessment_id=link.assessment_id,
        answers=given_in(request.POST),
        section=section,
    )
    if request.htmx or outcome.refused:
        return _section(request, link, section, outcome)
    messages.success(request, _("Saved."))
    target = request.POST.get("go_to") or section
    if target == "start":
        return redirect("vendors:respond_start", link_id=link.id)
    known = {row.key for row in answer_book(link.assessment).sections}
    return redirect("vendors:respond_section", link_id=link.id, section=target if target in known else section)


@require_safe
@through_link
def respond_sheet(request: Any, link: RespondentLink) -> HttpResponse:
    """The whole as a workbook."""
    response = HttpResponse(sheet_of(link.assessment), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="questionnaire.xlsx"'
    return response


@through_link
def respond_sheet_import(request: Any, link: RespondentLink) -> HttpResponse:
    """Bring the filled-in workbook back."""
    form = SheetForm(request.POST or None, request.FILES or None)
    report = None
    if request.method == "POST" and form.is_valid():
        content, actor = form.cleaned_data["file"].read(), respondent_of(request, link)
        report = attempt(
            form, lambda: import_answer_sheet(actor=actor, assessment_id=link.assessment_id, content=content)
        )
    back = reverse("vendors:respond_start", args=[link.id])
    context = _context(link) | {"form": form, "report": report, "back_url": back}
    return render(request, "vendors/answers/respond_sheet.html", context, status=status_of(form))


@require_POST
@through_link
def respond_hand_back(request: Any, link: RespondentLink) -> HttpResponse:
    """Hand the answers back; the link ends with it."""
    url = reverse("vendors:assessment_answers", args=[link.assessment_id])
    ended = hand_back_answers(actor=respondent_of(request, link), url=url)
    return render(request, "vendors/answers/ended.html", {"link": ended})
