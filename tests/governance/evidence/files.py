"""Files made on the spot; none is in the repository. The hostile ones are in ``hostile``."""

from __future__ import annotations

import functools
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable

import pikepdf
from django.core.files.base import ContentFile
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
TEXT = b"BT /F1 14 Tf 72 700 Td (Report of independent service auditors) Tj ET"


def pdf(
    pages: int = 2, content: bytes = TEXT, change: Callable[[pikepdf.Pdf], None] | None = None, **save: object
) -> bytes:
    """A small report; ``change`` edits it before it is saved."""
    document = pikepdf.new()
    font = document.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for _ in range(pages):
        page = document.add_blank_page(page_size=(595, 842))
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        page.Contents = document.make_stream(content)
    if change:
        change(document)
    out = io.BytesIO()
    document.save(out, deterministic_id="encryption" not in save, **save)
    return out.getvalue()


@functools.cache
def good_pdf(mark: str = "") -> bytes:
    """A passive two-page PDF; ``mark`` makes its bytes (and digest) its own."""
    return pdf(content=TEXT + f" % {mark}".encode())


def png(width: int = 40, height: int = 30) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(out, "PNG")
    return out.getvalue()


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "olive").save(out, "JPEG")
    return out.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header promises more pixels than it has bytes for."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, body in members.items():
            packed.writestr(name, body)
        packed.comment = comment
    return out.getvalue()


def docx(extra: dict[str, bytes] | None = None, document: bytes = b"", types: bytes = b"") -> bytes:
    body = document or b'<w:document xmlns:w="urn:w"><w:body><w:p>Architecture</w:p></w:body></w:document>'
    return archive({
        "[Content_Types].xml": types or b'<Types><Default ContentType="application/xml" Extension="xml"/></Types>',
        "word/document.xml": body,
        **(extra or {}),
    })  # fmt: skip


def xlsx(extra: dict[str, bytes] | None = None) -> bytes:
    return archive({
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.xml": b"<workbook/>",
        **(extra or {}),
    })  # fmt: skip


def upload(body: bytes, name: str) -> ContentFile:
    return ContentFile(body, name=name)


def annotation(**entries: object) -> Callable[[pikepdf.Pdf], None]:
    """Put an annotation on a PDF's second page."""

    def change(document: pikepdf.Pdf) -> None:
        note = Dictionary(Type=Name.Annot, Rect=Array([10, 10, 90, 90]), **entries)
        document.pages[-1].obj.Annots = Array([document.make_indirect(note)])

    return change


GOOD: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "pdf": ("soc2.pdf", good_pdf, "application/pdf"),
    "pdf-restricted": ("soc2.pdf", lambda: pdf(encryption=pikepdf.Encryption(owner="o", user="", allow=pikepdf.Permissions(extract=False))), "application/pdf"),
    "pdf-link": ("soc2.pdf", lambda: pdf(change=annotation(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("https://x")))), "application/pdf"),
    "png": ("diagram.png", png, "image/png"),
    "jpeg": ("photo.jpeg", jpeg, "image/jpeg"),
    "docx": ("plan.docx", docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "docx-printer": ("plan.xlsx", lambda: xlsx({"xl/printerSettings/printerSettings1.bin": b"\0\1"}), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("table.csv", lambda: b"control,state\nA1,met\n", "text/csv"),
    "txt": ("notes.txt", lambda: "Größe < 3 and a <b> in the middle".encode(), "text/plain"),
    "json": ("answers.json", lambda: json.dumps({"a": 1}).encode(), "application/json"),
    "zip": ("pack.zip", lambda: archive({"a/report.pdf": good_pdf(), "notes.txt": b"x"}), "application/zip"),
    "no-ending": ("soc2", good_pdf, "application/pdf"),
}  # fmt: skip
