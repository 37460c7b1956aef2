"""What the pages of answering show; shared by the analyst's and the respondent's views."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from auditlog.errors import NotFoundError
from vendors.models import Answer, AnswerDocument, Assessment, Question
from vendors.queries.answers import Book, documents_of
from vendors.questionnaires.answering import NONE_OF_THESE
from vendors.questionnaires.scoring import QuestionScore, Score, SectionScore
from vendors.questionnaires.shape import Kind, QuestionShape, WarningShape
from vendors.services.answers import Given, SaveOutcome, seen_digest

#: The address of a section's page, or of its saving, by section key.
Address = Callable[[str], str]


@dataclass
class Row:
    """One question on the page."""

    question: Question
    shape: QuestionShape
    shown: bool
    typed: list[str]
    comment: str
    seen: str
    answer: Answer | None = None
    error: str = ""
    score: QuestionScore | None = None
    documents: list[AnswerDocument] = field(default_factory=list)
    documents_url: str = ""

    @property
    def key(self) -> str:
        """The question's key."""
        return self.question.key

    @property
    def text(self) -> str:
        """What a text field holds."""
        return self.typed[0] if self.typed else ""

    @property
    def fired(self) -> tuple[WarningShape, ...]:
        """Warnings the answer brings up."""
        return self.score.fired if self.score else ()

    @property
    def asks(self) -> str:
        """What the respondent is asked to explain."""
        return next((warning.ask for warning in self.fired if warning.ask), "")

    @property
    def none_of_these(self) -> str:
        """The value of the box that says that none applies."""
        return NONE_OF_THESE

    @property
    def input_type(self) -> str:
        """The kind of input field."""
        return {Kind.NUMBER: "text", Kind.DATE: "date"}.get(self.shape.kind, "text")


@dataclass
class SectionPage:
    """One section to answer, and where it stands among the others."""

    book: Book
    score: Score
    current: SectionScore
    section: Any
    rows: list[Row]
    outcome: SaveOutcome | None
    addresses: list[tuple[SectionScore, str]]
    previous_url: str = ""
    next_url: str = ""
    next_key: str = ""
    unanswered_url: str = ""
    headings: list[tuple[str, str]] = field(default_factory=list)


def given_in(posted: QueryDict) -> dict[str, Given]:
    """What a section's form says, by question key."""
    keys = [name[2:] for name in posted if name.startswith("w-")]
    return {
        key: Given(posted.getlist(f"a-{key}"), posted.get(f"c-{key}"), posted.get(f"w-{key}", "")[:64]) for key in keys
    }


def section_page(
    book: Book, key: str, address: Address, posted: QueryDict | None = None, outcome: SaveOutcome | None = None
) -> SectionPage:
    """The page of section ``key``; with ``posted`` and ``outcome``, what was refused stays as it was typed."""
    section = next((section for section in book.sections if section.key == key), None)
    if section is None:
        raise NotFoundError(_("There is no such section."))
    score, shown = book.score(), book.shown()
    parts = {part.key: part for part in score.sections}
    rows = [_row(book, q, shown, score, posted, outcome) for q in book.questions if q.section_id == section.id]
    page = SectionPage(
        book, score, parts[key], section, rows, outcome, [(parts[s.key], address(s.key)) for s in book.sections]
    )
    asked = [part.key for part in score.sections if part.shown or part.key == key]
    at = asked.index(key)
    page.previous_url = address(asked[at - 1]) if at else ""
    page.next_key = asked[at + 1] if at + 1 < len(asked) else ""
    page.next_url = address(page.next_key) if page.next_key else ""
    page.unanswered_url = _unanswered_url(book, section.position, address)
    page.headings = _headings(rows)
    return page


def with_documents(page: SectionPage, assessment: Assessment, address: Address) -> None:
    """Put the documents beside the questions that ask for one, and where to change them; one query, or none."""
    asking = {row.key: row for row in page.rows if row.shape.kind is Kind.EVIDENCE}
    for row in asking.values():
        row.documents_url = address(row.key)
    for document in documents_of(assessment) if asking else ():
        if document.question.key in asking:
            asking[document.question.key].documents.append(document)


def _row(
    book: Book, question: Question, shown: set[str], score: Score, posted: QueryDict | None, outcome: SaveOutcome | None
) -> Row:
    answer, shape = book.answers.get(question.key), book.shapes[question.key]
    row = Row(
        question=question,
        shape=shape,
        shown=question.key in shown,
        typed=_typed(answer.value if answer else None),
        comment=answer.comment if answer else "",
        seen=seen_digest(answer),
        answer=answer,
        score=score.question(question.key),
    )
    if posted is not None and outcome is not None and question.key in outcome.refused:
        row.error = outcome.refused[question.key]
        row.typed = posted.getlist(f"a-{question.key}")
        row.comment = posted.get(f"c-{question.key}", "")
    return row


def _typed(value: Any) -> list[str]:
    if value == []:
        return [NONE_OF_THESE]
    return [str(piece) for piece in value] if isinstance(value, list) else [] if value is None else [str(value)]


def _headings(rows: list[Row]) -> list[tuple[str, str]]:
    """Each block heading of the section, with the key of its first shown question."""
    found: dict[str, str] = {}
    for row in rows:
        if row.shown and row.shape.heading:
            found.setdefault(row.shape.heading, row.key)
    return list(found.items())


def _unanswered_url(book: Book, position: int, address: Address) -> str:
    """The next question without an answer: in this section or after it, else the first of all."""
    positions = {section.id: section for section in book.sections}
    left = book.unanswered()
    later = [question for question in left if positions[question.section_id].position >= position]
    question = next(iter(later or left), None)
    return f"{address(positions[question.section_id].key)}#q-{question.key}" if question else ""


def saved_fragment(request: HttpRequest, page: SectionPage, context: dict[str, Any]) -> HttpResponse:
    """What autosave swaps in: the status, progress and advice; the event tells the page what to show and hide."""
    response = render(request, "vendors/answers/_saved.html", {**context, "page": page})
    outcome = page.outcome or SaveOutcome()
    told = {
        "shown": [row.key for row in page.rows if row.shown],
        "seen": {row.key: row.seen for row in page.rows if row.key not in outcome.refused},
        "refused": outcome.refused,
        "next": page.unanswered_url,
    }
    response["HX-Trigger-After-Settle"] = json.dumps({"answersSaved": told})
    return response
