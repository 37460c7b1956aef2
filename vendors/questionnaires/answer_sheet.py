"""A whole questionnaire with its answers as a workbook, out and back."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from vendors.questionnaires.answering import NONE_OF_THESE, in_words
from vendors.questionnaires.located import UnreadableError
from vendors.questionnaires.shape import Kind, QuestionShape, SectionShape
from vendors.questionnaires.sheet import cell_text, check_workbook

HEADINGS = ("Key", "Section", "Question", "Guidance", "How to answer", "Required", "Asked when", "Answer", "Comment")
WIDTHS = (18, 22, 70, 50, 38, 10, 26, 44, 44)
ANSWER, COMMENT = HEADINGS.index("Answer"), HEADINGS.index("Comment")
ACTIVE = ("=", "+", "-", "@", "\t", "\r")
MAX_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class SheetAnswer:
    """What one row says: the question's key, what a form would have sent, and the comment."""

    row: int
    key: str
    raw: list[str]
    comment: str
    problem: str = ""


def inert(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula: an apostrophe before what would begin one."""
    return f"'{text}" if text.lstrip(" \n")[:1] in ACTIVE else text


def inert_undone(text: str) -> str:
    """The reverse of :func:`inert`."""
    return text[1:] if text.startswith("'") and inert(text[1:]) == text else text


def write_sheet(
    title: str, sections: Sequence[SectionShape], answers: Mapping[str, Any], comments: Mapping[str, str]
) -> bytes:
    """The workbook: one row for each question, choices as drop-down lists where they fit."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Questionnaire"
    _write_row(sheet, 1, HEADINGS)
    row = 1
    for section in sections:
        for question in section.questions:
            row += 1
            _write_row(sheet, row, _cells(section, question, answers, comments))
            _offer_choices(sheet, row, question)
    _lay_out(sheet, title)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cells(
    section: SectionShape, question: QuestionShape, answers: Mapping[str, Any], comments: Mapping[str, str]
) -> tuple[str, ...]:
    value = answers.get(question.key)
    return (
        question.key,
        section.title,
        question.text,
        question.help,
        _how(question),
        _("yes") if question.required else "",
        question.shown_when,
        _separated(question, value),
        comments.get(question.key, ""),
    )


def _separated(question: QuestionShape, value: Any) -> str:
    if isinstance(value, list) and value:
        return "\n".join(in_words(question, [key]) for key in value)
    return in_words(question, value)


def _how(question: QuestionShape) -> str:
    labels = "\n".join(choice.label for choice in question.choices)
    if question.kind is Kind.SEVERAL:
        return _("Any of these, one to a line, or “None of these”:") + "\n" + labels
    if question.kind.has_choices:
        return _("One of these:") + "\n" + labels
    return str(question.kind.word)


def _write_row(sheet: Worksheet, row: int, cells: Sequence[str]) -> None:
    for column, text in enumerate(cells, 1):
        cell = sheet.cell(row=row, column=column)
        cell.value = inert(text)[:32_000]
        cell.data_type = "s"  # text, whatever it looks like


def _offer_choices(sheet: Worksheet, row: int, question: QuestionShape) -> None:
    labels = [choice.label for choice in question.choices]
    listed = ",".join(labels)
    fits = len(listed) <= 250 and not any(sign in label for label in labels for sign in '",\n')
    if question.kind not in (Kind.SINGLE, Kind.YES_NO) or not fits:
        return
    offer = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
    sheet.add_data_validation(offer)
    offer.add(sheet.cell(row=row, column=ANSWER + 1).coordinate)


def _lay_out(sheet: Worksheet, title: str) -> None:
    sheet.freeze_panes = "D2"
    sheet.oddHeader.center.text = title.replace("&", "&&")[:120]
    for column, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(column)].width = width
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E8ECF4")


def read_sheet(content: bytes, questions: Mapping[str, QuestionShape]) -> list[SheetAnswer]:
    """What each row answers; a row with a problem says so and answers nothing.

    :class:`UnreadableError` for what is no workbook of ours.
    """
    rows = _rows(content)
    header = next(rows, (0, []))[1]
    columns = {text.strip().lower(): at for at, text in enumerate(header) if isinstance(text, str)}
    if not {"key", "answer"} <= columns.keys():
        raise UnreadableError(
            _("The first row must hold the headings “Key” and “Answer”, as in the sheet you downloaded."), 1
        )
    seen: set[str] = set()
    return [found for number, cells in rows if (found := _answer(number, cells, columns, questions, seen)) is not None]


def _rows(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    """Rows with formulas as they are written (``=…``), so that they can be refused."""
    check_workbook(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        found = [list(row[:60]) for row in book.worksheets[0].iter_rows(values_only=True, max_row=MAX_ROWS + 1)]
    except Exception as error:  # openpyxl raises whatever it stumbles over in a broken file
        raise UnreadableError(_("This is not a workbook that can be read. Save it again as XLSX.")) from error
    if len(found) > MAX_ROWS:
        raise UnreadableError(_("The sheet has more than %(count)d rows.") % {"count": MAX_ROWS}, MAX_ROWS)
    return iter(list(enumerate(found, 1)))


def _answer(
    number: int, cells: list[Any], columns: Mapping[str, int], questions: Mapping[str, QuestionShape], seen: set[str]
) -> SheetAnswer | None:
    def cell(name: str) -> str:
        at = columns.get(name)
        return cell_text(cells[at]).strip() if at is not None and at < len(cells) else ""

    key, answer, comment = inert_undone(cell("key")), cell("answer"), cell("comment")
    if not key and not answer:
        return None
    question = questions.get(key)
    problem = _problem(key, question, seen, answer, comment)
    seen.add(key)
    if problem or question is None:
        return SheetAnswer(number, key, [], "", problem) if answer or comment else None
    return SheetAnswer(number, key, _raw(question, inert_undone(answer)), inert_undone(comment))


def _problem(key: str, question: QuestionShape | None, seen: set[str], answer: str, comment: str) -> str:
    if question is None:
        return _("There is no question with the key “%(key)s”.") % {"key": key[:60]}
    if key in seen:
        return _("The key “%(key)s” was answered in a row above.") % {"key": key[:60]}
    if answer.startswith("=") or comment.startswith("="):
        return _("A formula is no answer. Type the answer itself.")
    return ""


def _raw(question: QuestionShape, answer: str) -> list[str]:
    """Labels turned into keys; what is no label stays, and is refused where answers are checked."""
    if not question.kind.has_choices:
        return [answer]
    whole = _key_of(question, answer)
    if whole is not None:
        return [whole]
    pieces = (
        [piece.strip() for piece in answer.replace(";", "\n").split("\n")]
        if question.kind is Kind.SEVERAL
        else [answer]
    )
    return [_key_of(question, piece) or piece for piece in pieces]


def _key_of(question: QuestionShape, words: str) -> str | None:
    plain = " ".join(words.split()).casefold()
    if question.kind is Kind.SEVERAL and plain == _("None of these").casefold():
        return NONE_OF_THESE
    for choice in question.choices:
        if plain in (choice.key.casefold(), " ".join(choice.label.split()).casefold()):
            return choice.key
    return None
