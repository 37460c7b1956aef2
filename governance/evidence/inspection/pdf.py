"""PDF: whole, readable without a password, and passive."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import settings

from governance.evidence.inspection.refusal import RefusedFile
from governance.evidence.inspection.types import SCRIPT

MAX_PAGES = 3000
MAX_OBJECTS = 400_000
STREAM_BYTES = 64 * 1024 * 1024

#: Actions that do something other than go to a place in the document or open a web address.
ACTIONS = {
    "/JavaScript": "scripts",
    "/Rendition": "scripts",
    "/RichMediaExecute": "scripts",
    "/Launch": "launch",
    "/SubmitForm": "sends",
    "/ImportData": "sends",
    "/GoToE": "attachments",
    "/GoToR": "launch",
}
ANNOTATIONS = {
    "/FileAttachment": "attachments",
    "/RichMedia": "media",
    "/Movie": "media",
    "/Sound": "media",
    "/Screen": "media",
    "/3D": "media",
}
#: What is refused first when a file has several faults.
ORDER = ("launch", "scripts", "attachments", "sends", "media", "forms")


def limit_qpdf() -> None:
    """Bound what decoding may take in this process."""
    settings.set_qpdf_limits(
        flate_max_memory=STREAM_BYTES,
        run_length_max_memory=STREAM_BYTES,
        png_max_memory=STREAM_BYTES,
        tiff_max_memory=STREAM_BYTES,
        dct_max_memory=STREAM_BYTES * 4,
        max_stream_filters=6,
        parser_max_nesting=200,
        doc_max_warnings=500,
    )


def inspect_pdf(path: Path) -> dict[str, Any]:
    """Facts of a PDF; refuses the locked, the damaged, the active and the double."""
    refuse_double(path)
    with open_pdf(path) as pdf:
        pages = count_pages(pdf)
        found = faults_of(pdf)
        for fault in ORDER:
            if fault in found:
                raise RefusedFile(f"pdf_{fault}")
        return {"pages": pages, "encrypted": pdf.is_encrypted, "hints": annotation_hints(pdf)}


def open_pdf(path: Path) -> pikepdf.Pdf:
    """The PDF, without repairing it."""
    limit_qpdf()
    try:
        return pikepdf.open(path, attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PasswordError:
        raise RefusedFile("pdf_locked") from None
    except (pikepdf.PdfError, RuntimeError, ValueError):
        raise RefusedFile("pdf_bomb" if settings.qpdf_limit_errors() else "pdf_damaged") from None


def count_pages(pdf: pikepdf.Pdf) -> int:
    """How many pages; none or thousands are refused."""
    try:
        pages = len(pdf.pages)
    except (pikepdf.PdfError, RuntimeError, ValueError, AttributeError):
        raise RefusedFile("pdf_damaged") from None
    if not pages:
        raise RefusedFile("pdf_damaged")
    if pages > MAX_PAGES:
        raise RefusedFile("pdf_pages", limit=MAX_PAGES)
    return pages


def refuse_double(path: Path) -> None:
    """Refuse a PDF that is also a web page or an archive, or that was cut off."""
    with path.open("rb") as file:
        head = file.read(1024)
        file.seek(max(0, path.stat().st_size - 4096))
        tail = file.read()
    end = tail.rfind(b"%%EOF")
    if end < 0:
        raise RefusedFile("pdf_damaged")
    if SCRIPT.search(head) or zipfile.is_zipfile(path) or len(tail[end + 5 :].strip(b"\r\n\t \x00")) > 0:
        raise RefusedFile("polyglot")


def faults_of(pdf: pikepdf.Pdf) -> set[str]:
    """Everything active or hidden in the document, looked for in every object."""
    found: set[str] = set()
    try:
        for number, item in enumerate(objects_of(pdf)):
            if number > MAX_OBJECTS:
                raise RefusedFile("pdf_bomb")
            found |= faults_in(item)
    except (pikepdf.PdfError, RuntimeError, ValueError):
        raise RefusedFile("pdf_bomb" if settings.qpdf_limit_errors() else "pdf_damaged") from None
    return found


def faults_in(item: pikepdf.Object) -> set[str]:
    """What is wrong with one dictionary."""
    found = set()
    keys = set(item.keys())
    if "/JS" in keys or "/JavaScript" in keys:
        found.add("scripts")
    if "/XFA" in keys:
        found.add("forms")
    if "/EmbeddedFiles" in keys or "/EF" in keys or item.get("/Type") == "/EmbeddedFile":
        found.add("attachments")
    for key, table in (("/S", ACTIONS), ("/Subtype", ANNOTATIONS)):
        name = item.get(key)
        if isinstance(name, pikepdf.Name) and str(name) in table:
            found.add(table[str(name)])
    return found


def objects_of(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every dictionary: the indirect ones and those written inside them."""
    waiting: list[pikepdf.Object] = [pdf.trailer, *pdf.objects]
    while waiting:
        item = waiting.pop()
        if isinstance(item, pikepdf.Stream):
            item = item.stream_dict
        if isinstance(item, pikepdf.Dictionary):
            yield item
            waiting.extend(value for value in item.values() if inline(value))
        elif isinstance(item, pikepdf.Array):
            waiting.extend(value for value in item if inline(value))


def inline(value: Any) -> bool:
    """Whether this is a container written in place (an indirect one comes by itself)."""
    return isinstance(value, (pikepdf.Dictionary, pikepdf.Array)) and not value.is_indirect


def annotation_hints(pdf: pikepdf.Pdf) -> list[dict[str, Any]]:
    """Pages with annotations that mark text for redaction."""
    hints = []
    for number, page in enumerate(pdf.pages, 1):
        annotations: Any = page.obj.get("/Annots", [])
        if isinstance(annotations, pikepdf.Array) and any(
            isinstance(each, pikepdf.Dictionary) and each.get("/Subtype") == "/Redact" for each in annotations
        ):
            hints.append({"page": number, "what": "annotation"})
    return hints
