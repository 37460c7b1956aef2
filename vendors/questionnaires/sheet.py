"""Reads questionnaires kept as sheets (CAIQ and its kind): one row, one question."""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import openpyxl
from django.utils.translation import gettext as _

from vendors.questionnaires import conditions
from vendors.questionnaires.keys import Keys, Notes
from vendors.questionnaires.located import UnreadableError
from vendors.questionnaires.shape import EVIDENCE_KINDS, ChoiceShape, Kind, QuestionShape, SectionShape, Understood

MAX_ROWS = 5_000
MAX_COLUMNS = 60
MAX_UNPACKED = 60 * 1024 * 1024
HEADER_WITHIN = 30

#: Which headings (in lower case, without punctuation) mean which column.
COLUMNS = {
    "key": "question id|id|control id|cid|key|no|nr|number|ref|reference|question no",
    "text": "question|questions|assessment question|assessment questions|consensus assessment questions"
    "|control question|question text|caiq question|requirement|control",
    "section": "section|domain|control domain|ccm control domain title|category|group|area|ccm domain title|topic",
    "heading": "control title|ccm control title|subsection|sub section|subdomain|control name",
    "help": "help|guidance|control specification|ccm control specification|description|implementation guidance|hint"
    "|notes|explanation",
    "kind": "kind|type|answer type|question type",
    "choices": "choices|options|allowed answers|answers allowed|possible answers|answer options",
    "required": "required|mandatory",
    "weight": "weight",
    "evidence": "evidence|required evidence|evidence kind",
    "shown_when": "shown when|condition|show if",
}
MEANS = {name: column for column, names in COLUMNS.items() for name in names.split("|")}
KIND_WORDS = {
    "yes no": Kind.YES_NO, "yesno": Kind.YES_NO, "boolean": Kind.YES_NO, "yes no na": Kind.YES_NO,
    "single": Kind.SINGLE, "single choice": Kind.SINGLE,
    "one choice": Kind.SINGLE, "several": Kind.SEVERAL, "multiple": Kind.SEVERAL,
    "multiple choice": Kind.SEVERAL, "several choices": Kind.SEVERAL, "text": Kind.TEXT, "line": Kind.TEXT,
    "a line of text": Kind.TEXT, "long text": Kind.LONG_TEXT, "free text": Kind.LONG_TEXT, "paragraph": Kind.LONG_TEXT,
    "number": Kind.NUMBER, "integer": Kind.NUMBER, "a number": Kind.NUMBER, "date": Kind.DATE, "a date": Kind.DATE,
    "file": Kind.EVIDENCE, "evidence": Kind.EVIDENCE, "upload": Kind.EVIDENCE, "note": Kind.NOTE, "info": Kind.NOTE,
}  # fmt: skip
YES = frozenset({"yes", "y", "true", "x", "1", "required", "mandatory"})
Row = tuple[int, list[str]]


@dataclass
class _Part:
    title: str
    line: int
    questions: list[QuestionShape] = field(default_factory=list)


def yes_no_na() -> tuple[ChoiceShape, ...]:
    """CAIQ's three answers: its questions are put so that yes is good."""
    return (
        ChoiceShape("yes", _("Yes"), 100),
        ChoiceShape("no", _("No"), 0),
        ChoiceShape("na", _("Does not apply (say why)")),
    )


def read_csv(text: str, file_name: str, notes: Notes) -> Understood:
    """Understand a CSV file; its separator is found out."""
    first = text.split("\n", 5)[:5]
    separator = max(",;\t", key=lambda sign: sum(line.count(sign) for line in first))
    return _understood(_csv_rows(text, separator), file_name, notes)


def _csv_rows(text: str, separator: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    line = 1
    try:
        for cells in reader:
            yield line, cells[:MAX_COLUMNS]
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableError(_("This row cannot be read as CSV: %(why)s.") % {"why": error}, line) from error


def read_xlsx(content: bytes, file_name: str, notes: Notes) -> Understood:
    """Understand the first sheet of a workbook that has a column of questions."""
    sheets = workbook_rows(content)
    for at, (name, rows) in enumerate(sheets):
        if _header(rows) is not None:
            for other, _rows in sheets[:at] + sheets[at + 1 :]:
                notes.skipped(
                    0, _("The sheet “%(name)s” was left out; “%(read)s” was read.") % {"name": other, "read": name}
                )
            return _understood(rows, file_name, notes)
    raise UnreadableError(_no_header(), 1)


def workbook_rows(content: bytes) -> list[tuple[str, list[Row]]]:
    """The text of each sheet's cells, by row number; formulas give nothing but what was last shown.

    :class:`UnreadableError` for what is no workbook, or unpacks to more than 60 MB.
    """
    check_workbook(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return [(sheet.title, _sheet_rows(sheet.iter_rows(values_only=True))) for sheet in book.worksheets[:20]]
    except UnreadableError:
        raise
    except Exception as error:  # openpyxl raises whatever it stumbles over in a broken file
        raise UnreadableError(_("This is not a workbook that can be read. Save it again as XLSX.")) from error


def check_workbook(content: bytes) -> None:
    """Refuse what is no workbook, or unpacks to more than can be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError) as error:
        raise UnreadableError(_("This is not a workbook. Save the sheet as XLSX.")) from error
    if unpacked > MAX_UNPACKED or unpacked > 400 * max(len(content), 10_000):
        raise UnreadableError(_("The workbook unpacks to more than can be read."))


def _sheet_rows(cells: Iterable[tuple[object, ...]]) -> list[Row]:
    rows = []
    for number, row in enumerate(cells, 1):
        if number > MAX_ROWS:
            raise UnreadableError(_("The sheet has more than %(count)d rows.") % {"count": MAX_ROWS}, number)
        rows.append((number, [cell_text(cell) for cell in row[:MAX_COLUMNS]]))
    return rows


def cell_text(cell: object) -> str:
    """A cell as text: whole numbers without a point, dates as 2026-11-22."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    text = str(cell)
    return text.removesuffix(" 00:00:00") if re.fullmatch(r"\d{4}-\d\d-\d\d 00:00:00", text) else text


def _no_header() -> str:
    return _("No column of questions was found. Head one column “Question” within the first 30 rows.")


def _plain(heading: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9 ]+", " ", heading.lower()).split())


def _means(heading: str) -> str | None:
    """The column a heading names: one of :data:`COLUMNS`, or any other heading that speaks of questions."""
    plain = _plain(heading)
    if plain in MEANS:
        return MEANS[plain]
    words = set(plain.split())
    asks = (
        words & {"question", "questions"} and len(words) <= 5 and not words & {"id", "no", "number", "type", "weight"}
    )
    return "text" if asks else None


def _header(rows: list[Row]) -> int | None:
    for at, (_line, cells) in enumerate(rows[:HEADER_WITHIN]):
        named = [_means(cell) for cell in cells]
        if "text" in named and (
            len(set(filter(None, named))) > 1 or len([cell for cell in cells if cell.strip()]) == 1
        ):
            return at
    return None


def _understood(source: Iterable[Row], file_name: str, notes: Notes) -> Understood:
    rows: list[Row] = []
    for row in source:
        if len(rows) >= MAX_ROWS:
            raise UnreadableError(_("The sheet has more than %(count)d rows.") % {"count": MAX_ROWS}, row[0])
        rows.append(row)
    at = _header(rows)
    if at is None:
        raise UnreadableError(_no_header(), 1)
    reader = _Sheet(rows[at], notes)
    for line, cells in rows[at + 1 :]:
        reader.row(line, cells)
    title = notes.title(os.path.splitext(file_name)[0], 0, 160)  # noqa: PTH122 - a name, not a path
    return Understood(title, "sheet", reader.sections(), ())


class _Sheet:
    def __init__(self, header: Row, notes: Notes) -> None:
        self.notes = notes
        self.keys = Keys()
        self.parts: dict[str, _Part] = {}
        self.section = ""
        self.columns: dict[str, int] = {}
        for at, heading in enumerate(header[1]):
            column = _means(heading)
            if column and column not in self.columns:
                self.columns[column] = at
            elif heading.strip():
                notes.skipped(
                    header[0], _("The column “%(name)s” was left out.") % {"name": " ".join(heading.split())[:80]}
                )

    def cell(self, cells: list[str], column: str) -> str:
        at = self.columns.get(column)
        return cells[at].strip() if at is not None and at < len(cells) else ""

    def row(self, line: int, cells: list[str]) -> None:
        filled = [cell.strip() for cell in cells if cell.strip()]
        if not filled:
            return
        text = self.notes.prose(self.cell(cells, "text"), line)
        if len(filled) == 1 and ("section" not in self.columns or not text) and len(cells) > 1:
            self.section = self.notes.title(filled[0], line)  # a row with one cell heads what follows
            return
        if not text:
            self.notes.skipped(line, _("This row has no question."))
            return
        self.section = self.notes.title(self.cell(cells, "section"), line) or self.section
        part = self.parts.setdefault(self.section, _Part(self.section or _("Questions"), line))
        part.questions.append(self.question(line, cells, text))

    def question(self, line: int, cells: list[str], text: str) -> QuestionShape:
        kind, choices = self.answering(line, cells)
        evidence = _plain(self.cell(cells, "evidence")).replace(" ", "_")
        if evidence and evidence not in EVIDENCE_KINDS:
            self.notes.changed(
                line, _("The evidence “%(kind)s” is not a kind we know; it became “other”.") % {"kind": evidence[:40]}
            )
            evidence = "other"
        wanted = self.cell(cells, "key")
        return QuestionShape(
            key=self.keys.take(wanted, self.notes, line, f"row_{line}"),
            text=text,
            kind=kind,
            help=self.notes.prose(self.cell(cells, "help"), line),
            heading=self.notes.title(self.cell(cells, "heading"), line),
            choices=choices,
            weight=self.weight(line, cells),
            required=_plain(self.cell(cells, "required")) in YES,
            evidence_kind=evidence or ("other" if kind is Kind.EVIDENCE else ""),
            shown_when=self.condition(line, cells),
            line=line,
        )

    def answering(self, line: int, cells: list[str]) -> tuple[Kind, tuple[ChoiceShape, ...]]:
        listed = self.cell(cells, "choices")
        choices = self.choices(listed, line)
        word = _plain(self.cell(cells, "kind"))
        kind = KIND_WORDS.get(word)
        if kind is None and word:
            self.notes.changed(line, _("The kind “%(kind)s” is not known.") % {"kind": word[:40]})
        kind = kind or (Kind.SINGLE if choices else Kind.YES_NO)
        if kind in (Kind.SINGLE, Kind.SEVERAL) and not choices:
            self.notes.changed(line, _("No choices are given; it is asked as text."))
            kind = Kind.LONG_TEXT
        return kind, (yes_no_na() if kind is Kind.YES_NO and not choices else choices) if kind.has_choices else ()

    def choices(self, listed: str, line: int) -> tuple[ChoiceShape, ...]:
        """``Yes=100; Partly=50; No=0``, or one choice to a line."""
        keys = Keys()
        found = []
        for piece in re.split(r"[;|\n]+", listed):
            label, _equals, score = (
                piece.strip().rpartition("=") if re.search(r"=\s*\d{1,3}\s*$", piece) else (piece.strip(), "", "")
            )
            if label.strip():
                value = int(score) if score.strip() else None
                if value is not None and value > 100:
                    self.notes.changed(line, _("A score above 100 became 100."))
                    value = 100
                key = keys.take("", self.notes, line, label.strip().lower())
                found.append(ChoiceShape(key, self.notes.title(label.strip(), line, 2_000), value))
        return tuple(found[:100])

    def weight(self, line: int, cells: list[str]) -> int:
        text = self.cell(cells, "weight")
        if not text:
            return 1
        if text.isdecimal() and text.isascii() and len(text) < 4 and int(text) <= 100:
            return int(text)
        self.notes.changed(line, _("A weight is a whole number from 0 to 100; this one became 1."))
        return 1

    def condition(self, line: int, cells: list[str]) -> str:
        text = self.cell(cells, "shown_when")
        try:
            return conditions.written(conditions.parse(text))
        except conditions.ConditionError as error:
            self.notes.changed(
                line,
                _("The condition “%(cond)s” was not understood (%(why)s); this is always shown.")
                % {"cond": text[:80], "why": error},
            )
            return ""

    def sections(self) -> tuple[SectionShape, ...]:
        """Sections in the order in which they first appear."""
        keys = Keys()
        return tuple(
            SectionShape(keys.take("", self.notes, part.line, part.title), part.title, "", 1, tuple(part.questions))
            for part in self.parts.values()
        )
