"""The kinds of file that may come in, told by their bytes."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path

import puremagic

from governance.evidence.inspection.refusal import RefusedFile

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
ZIP = "application/zip"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
TXT = "text/plain"
JSON = "application/json"

#: What may come in, and the endings its name may have; the first is given to a name that has none.
ENDINGS: dict[str, tuple[str, ...]] = {
    PDF: ("pdf",),
    PNG: ("png",),
    JPEG: ("jpg", "jpeg"),
    DOCX: ("docx",),
    XLSX: ("xlsx",),
    ZIP: ("zip",),
    CSV: ("csv",),
    JSON: ("json",),
    TXT: ("txt", "md", "log"),
}

HEAD = 4096

#: What a browser, a mail program or a shell would run, wherever near the start it stands.
MARKUP = re.compile(
    rb"<\s*(?:!doctype|html|head|body|script|iframe|svg|object|embed|img|style|link|meta|form|table|a|div|br|p|h1|"
    rb"title|font|b|xml|x:|\?xml|\?php)\b|<!--|<\?xml|<\?php",
    re.IGNORECASE,
)
SCRIPT = re.compile(rb"<\s*(?:script|svg|iframe|html)\b|<!doctype\s+html|<\?php", re.IGNORECASE)


def sniff(path: Path, ending: str) -> str:
    """The media type found in the bytes; ``ending`` only tells kinds of text apart."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise RefusedFile("empty")
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"PK\x03\x04"):
        return ZIP
    if head.startswith(b"PK"):
        raise RefusedFile("damaged_archive")
    return sniff_text(path, head, ending)


def sniff_text(path: Path, head: bytes, ending: str) -> str:
    """JSON, CSV or plain text; anything else is named and refused."""
    text = decode(path)
    if text is None:
        raise RefusedFile("type_unknown", found=name_of(head))
    start = text.lstrip("\ufeff \t\r\n\f")[:HEAD].encode("utf-8", "replace")
    if MARKUP.match(start) or SCRIPT.search(start):
        raise RefusedFile("markup")
    if b"%PDF-" in start or start.startswith((b"#!", b"MZ", b"{\\rtf", b"%!PS", b"@echo")):
        raise RefusedFile("type_unknown", found=name_of(start))
    return text_type(text, ending)


def text_type(text: str, ending: str) -> str:
    """Which kind of text; a .json that is not JSON is refused."""
    if ending == "json":
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            raise RefusedFile("json_broken") from None
        return JSON
    return CSV if ending == "csv" else TXT


def decode(path: Path) -> str | None:
    """The whole file as text (UTF-8, or UTF-16 with its mark), or ``None`` when it is not text."""
    data = path.read_bytes()
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if re.search("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", text) else text


def name_of(head: bytes) -> str:
    """A short name for what an unwelcome file is, for the message."""
    try:
        found = puremagic.from_string(head)
    except (puremagic.PureError, ValueError):
        return ""
    return re.sub(r"[^A-Za-z0-9.+-]", "", found)[:12].lstrip(".").upper()


def fit_ending(media_type: str, ending: str) -> None:
    """Refuse a name whose ending says another kind than the bytes do."""
    if ending and ending not in ENDINGS[media_type]:
        raise RefusedFile("wrong_ending", ending=ending[:12], kind=ENDINGS[media_type][0])
