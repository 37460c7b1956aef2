"""The register as a CSV file: one heading line, then a line for each tenant, site, agreement or data store."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from auditlog.errors import InvalidInputError

COLUMNS = (
    "record", "tenant", "key", "name", "allowed_regions", "kind", "starts_on", "ends_on", "customer_owns_data",
    "company_owns_platform", "evidence_digest", "selector", "region", "account", "data_classes", "backup_days", "owner",
)  # fmt: skip
RECORDS = ("tenant", "site", "agreement", "store")
MOST_BYTES = 1024 * 1024
MOST_LINES = 1_000

#: A file to begin with: a tenant, its site, its agreement, its data store.
TEMPLATE = (
    ("tenant", "acme-works", "", "Acme Works", "eu-central-1 eu-west-1", *[""] * 12),
    ("site", "acme-works", "north-plant", "North plant", *[""] * 13),
    ("agreement", "acme-works", "MSA-2026-014", "", "", "master", "2026-01-01", "2028-12-31", "yes", "yes", *[""] * 7),
    (
        "store", "acme-works", "customer-files", "Customer files", "", "s3", *[""] * 5, "customer-files/acme-works/",
        "eu-central-1", "112233445566", "operational personal", "35", "Platform team",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is about, and its other cells that are not empty, by column."""

    number: int
    record: str
    tenant: str
    key: str
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines of a file, and the headings nobody knows, which are passed over."""

    lines: list[Line]
    passed_over: list[str]


def read_sheet(content: bytes) -> Sheet:
    """Read a CSV file: UTF-8, or what spreadsheets write; comma, semicolon or tab.

    Raises :class:`InvalidInputError` (field ``file``) when it cannot be read as a whole; what is wrong
    with a single line is told of that line later.
    """
    if len(content) > MOST_BYTES:
        raise InvalidInputError(_("The file is larger than 1 MB. Split it."), field="file")
    rows = _rows(_text(content))
    headings = [_heading(cell) for cell in next(iter(rows), [])]
    _check_headings(headings)
    lines = [_line(number, headings, row) for number, row in enumerate(rows[1:], start=2) if any(map(str.strip, row))]
    if not lines:
        raise InvalidInputError(_("There is nothing under the heading line."), field="file")
    if len(lines) > MOST_LINES:
        raise InvalidInputError(_("At most %s lines at once. Split the file.") % MOST_LINES, field="file")
    return Sheet(lines, [heading for heading in headings if heading and heading not in COLUMNS])


def _text(content: bytes) -> str:
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidInputError(_("This is no CSV file. Save the sheet as CSV and choose that."), field="file")
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise InvalidInputError(_("The file's letters cannot be read. Save it as CSV UTF-8."), field="file")


def _rows(text: str) -> list[list[str]]:
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise InvalidInputError(_("The file cannot be read as CSV: %s.") % error, field="file") from error


def _heading(cell: str) -> str:
    return "_".join(cell.lower().split())[:40]


def _check_headings(headings: list[str]) -> None:
    missing = [name for name in ("record", "tenant") if name not in headings]
    if missing:
        raise InvalidInputError(
            _("The first line names the columns, and %s is not among them. Begin with the template.")
            % _(" and ").join(missing),
            field="file",
        )
    if twice := {name for name in headings if name and headings.count(name) > 1}:
        raise InvalidInputError(_("A column stands twice: %s.") % ", ".join(sorted(twice)), field="file")


def _line(number: int, headings: list[str], row: list[str]) -> Line:
    cells = {name: _cell(cell) for name, cell in zip(headings, row, strict=False) if name in COLUMNS}
    record, tenant, key = (cells.pop(name, "") for name in ("record", "tenant", "key"))
    return Line(number, record.lower(), tenant, key, {name: cell for name, cell in cells.items() if cell})


def _cell(cell: str) -> str:
    """A cell without the apostrophe that our own files put before what a spreadsheet would run."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@", "|", "%") else cell


def write_sheet(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows under the headings as CSV in UTF-8 that spreadsheets recognise."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")
