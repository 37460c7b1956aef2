"""A whole questionnaire goes out as a workbook and comes back, row by row."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import InvalidInputError
from vendors.models import Assessment
from vendors.queries.answers import answer_book
from vendors.questionnaires.answer_sheet import SheetAnswer, read_sheet, write_sheet
from vendors.questionnaires.located import UnreadableError
from vendors.services.answers import Given, SaveOutcome, save_answers

MAX_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of one row; ``problem`` is empty when it was saved or had changed nothing."""

    row: int
    key: str
    problem: str


@dataclass(frozen=True, slots=True)
class SheetReport:
    """What became of a sheet: rows saved, rows that change nothing, and every row with a problem."""

    saved: int
    unchanged: int
    problems: list[RowReport]


def sheet_of(assessment: Assessment) -> bytes:
    """The assessment's questionnaire with its answers as a workbook (nothing is changed)."""
    book = answer_book(assessment)
    title = f"{assessment.service}"
    return write_sheet(title, book.section_shapes, book.values, book.comments)


def import_answer_sheet(*, actor: Actor, assessment_id: uuid.UUID, content: bytes) -> SheetReport:
    """Save what a filled-in sheet answers; good rows are kept, bad rows reported by number.

    A cell left empty leaves the answer as it is. Rights and states as for :func:`save_answers`.
    """
    if len(content) > MAX_BYTES:
        raise InvalidInputError(_("The sheet is larger than 10 MB."), field="file")
    assessment = Assessment.objects.select_related("questionnaire").filter(pk=assessment_id).first()
    shapes = answer_book(assessment).shapes if assessment else {}
    try:
        rows = read_sheet(content, shapes)
    except UnreadableError as error:
        raise InvalidInputError(error.message, field="file") from error
    good = [row for row in rows if not row.problem and (any(row.raw) or row.comment)]
    given = {row.key: Given(row.raw if any(row.raw) else None, row.comment or None) for row in good}
    outcome = save_answers(actor=actor, assessment_id=assessment_id, answers=given)
    return _report(rows, outcome)


def _report(rows: list[SheetAnswer], outcome: SaveOutcome) -> SheetReport:
    numbers = {row.key: row.row for row in rows if not row.problem}
    problems = [RowReport(row.row, row.key, row.problem) for row in rows if row.problem]
    problems += [RowReport(numbers.get(key, 0), key, why) for key, why in outcome.refused.items()]
    return SheetReport(len(outcome.saved), len(outcome.unchanged), sorted(problems, key=lambda problem: problem.row))
