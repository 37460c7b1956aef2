"""The sheet goes out inert and comes back row by row."""

from __future__ import annotations

import io

import openpyxl
import pytest

from tests.vendors.questionnaires.files import YAML
from vendors.questionnaires.answer_sheet import inert, inert_undone, read_sheet, write_sheet
from vendors.questionnaires.located import UnreadableError
from vendors.questionnaires.reading import read_questionnaire

SECTIONS = read_questionnaire(YAML.encode(), "x.yaml").sections
SHAPES = {question.key: question for section in SECTIONS for question in section.questions}
NASTY = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0")


def rows_of(content: bytes) -> list[list[object]]:
    return [list(row) for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)]


def changed(content: bytes, **cells: tuple[object, object]) -> bytes:
    """The sheet with answer and comment of some keys typed over."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for row in book.active.iter_rows(min_row=2):
        if row[0].value in cells:
            row[7].value, row[8].value = cells[str(row[0].value)]
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_everything_goes_out_and_comes_back() -> None:
    answers = {"training": "yes", "retention": "30", "places": ["eu", "us"], "since": "2026-01-02", "opt_out": "-1 day"}
    content = write_sheet("T", SECTIONS, answers, {"training": "=2+2"})
    back = {row.key: row for row in read_sheet(content, SHAPES)}
    assert back["training"].raw == ["yes"]
    assert back["training"].comment == "=2+2"
    assert back["places"].raw == ["eu", "us"]
    assert back["since"].raw == ["2026-01-02"]
    assert back["opt_out"].raw == ["-1 day"]
    assert not any(row.problem for row in back.values())


@pytest.mark.parametrize("text", NASTY)
def test_formulas_are_neutralised(text: str) -> None:
    content = write_sheet("T", SECTIONS, {"opt_out": text}, {})
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert any(cell.value == f"'{text}" for cell in cells)
    assert inert_undone(inert(text)) == text


def test_typed_answers_are_read_by_label_or_key() -> None:
    content = changed(
        write_sheet("T", SECTIONS, {}, {}),
        training=("NO", None), retention=(30, None), places=("EU; us", None), since=("2026-02-03", "ok"),
    )  # fmt: skip
    back = {row.key: row.raw for row in read_sheet(content, SHAPES)}
    assert back["training"] == ["no"]
    assert back["retention"] == ["30"]
    assert back["places"] == ["eu", "us"]
    assert back["since"] == ["2026-02-03"]


def test_formula_and_unknown_rows_are_reported_by_number() -> None:
    content = changed(write_sheet("T", SECTIONS, {}, {}), retention=("=1+1", None))
    book = openpyxl.load_workbook(io.BytesIO(content))
    book.active.append(["nobody", "", "", "", "", "", "", "x", ""])
    book.active.append(["retention", "", "", "", "", "", "", "3", ""])
    stream = io.BytesIO()
    book.save(stream)
    problems = {row.row: row.problem for row in read_sheet(stream.getvalue(), SHAPES) if row.problem}
    assert "formula" in problems[3]
    assert "no question" in problems[8]
    assert "row above" in problems[9]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04x", b"hello"])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_sheet(content, SHAPES)


def test_other_workbooks_are_refused() -> None:
    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    with pytest.raises(UnreadableError, match="Key"):
        read_sheet(stream.getvalue(), SHAPES)
