"""Zip archives, and the Office documents that are zip archives."""

from __future__ import annotations

import re
import stat
import tempfile
import unicodedata
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from governance.evidence.inspection.refusal import RefusedFile
from governance.evidence.inspection.types import DOCX, SCRIPT, XLSX, ZIP

MAX_MEMBERS = 2000
MAX_TOTAL = 300 * 1024 * 1024
MAX_RATIO = 200
SMALL = 1024 * 1024  # a ratio means nothing for less
CHUNK = 256 * 1024

NESTED = ("zip", "7z", "rar", "gz", "tgz", "bz2", "xz", "tar", "jar", "cab", "iso", "zst", "war", "apk")
RUNS = (
    "exe", "dll", "js", "mjs", "vbs", "vbe", "ps1", "bat", "cmd", "com", "scr", "msi", "hta", "html", "htm", "xhtml",
    "svg", "xml", "lnk", "url", "docm", "xlsm", "xlsb", "pptm", "dotm", "xltm", "sh", "py", "php", "chm", "wsf", "reg",
    "swf", "app", "dmg", "pif", "cpl", "doc", "xls", "ppt", "mht", "mhtml", "eml", "rtf",
)  # fmt: skip
MACROS = re.compile(r"vbaproject|vbadata|macrosheets/|/activex/", re.IGNORECASE)
EMBEDDED = re.compile(r"/embeddings/|oleobject|externallinks/|/webextensions/|attachedtoolbars", re.IGNORECASE)
ENTITIES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
MACRO_TYPES = re.compile(rb"macroEnabled|ms-office\.vbaProject|ms-excel\.macrosheet", re.IGNORECASE)
OUTSIDE = re.compile(
    rb"Type=\"[^\"]*/(?:attachedTemplate|oleObject|frame|subDocument|externalLink|image)\"[^>]*TargetMode=\"External\""
    rb"|TargetMode=\"External\"[^>]*Type=\"[^\"]*/(?:attachedTemplate|oleObject|frame|subDocument|externalLink|image)\"",
    re.IGNORECASE,
)
FIELDS = re.compile(
    rb"<w:instrText[^>]*>\s*(?:DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE)\b"
    rb"|w:instr=\"\s*(?:DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE)\b|<ddeLink\b",
    re.IGNORECASE,
)


def open_archive(path: Path) -> tuple[zipfile.ZipFile, str]:
    """The archive and its media type; refuses what is broken, bombs, and members that lie about themselves."""
    try:
        archive = zipfile.ZipFile(path)
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, OverflowError):
        raise RefusedFile("damaged_archive") from None
    refuse_shape(archive, members, path.stat().st_size)
    for member in members:
        refuse_member(member)
    return archive, kind_of(set(archive.namelist()))


def kind_of(names: set[str]) -> str:
    """Word document, workbook or plain archive, by the parts it has."""
    if "[Content_Types].xml" not in names:
        return ZIP
    if "word/document.xml" in names:
        return DOCX
    if "xl/workbook.xml" in names:
        return XLSX
    raise RefusedFile("office_other")


def refuse_shape(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], size: int) -> None:
    """Refuse too many members, doubled names, overlaps, a second file before or after, promised bombs."""
    if not members:
        raise RefusedFile("archive_empty")
    if len(members) > MAX_MEMBERS:
        raise RefusedFile("archive_members", limit=MAX_MEMBERS)
    if len({member.filename for member in members}) != len(members):
        raise RefusedFile("archive_doubled")
    if SCRIPT.search(archive.comment) or len(archive.comment) > 512:
        raise RefusedFile("polyglot")
    if sum(member.file_size for member in members) > MAX_TOTAL:
        raise RefusedFile("archive_bomb")
    ordered = sorted(members, key=lambda member: member.header_offset)
    if ordered[0].header_offset != 0:
        raise RefusedFile("polyglot")
    ends = [member.header_offset + 30 + member.compress_size for member in ordered]
    starts = [member.header_offset for member in ordered[1:]] + [archive.start_dir]
    if any(end > start for end, start in zip(ends, starts, strict=True)) or archive.start_dir > size:
        raise RefusedFile("archive_bomb")


def refuse_member(member: zipfile.ZipInfo) -> None:
    """Refuse a name that leads out of the folder, a link, a locked or an over-packed member."""
    name = member.orig_filename
    path = PurePosixPath(name)
    odd = any(unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in name)
    if odd or "\\" in name or path.is_absolute() or ".." in path.parts or ":" in name or not name.strip("/ "):
        raise RefusedFile("archive_path")
    if member.flag_bits & 0x1:
        raise RefusedFile("archive_locked")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise RefusedFile("archive_link")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise RefusedFile("archive_method")
    if member.file_size > SMALL and member.file_size > MAX_RATIO * max(member.compress_size, 1):
        raise RefusedFile("archive_bomb")


def unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Write one member to ``target``, counting what really comes out."""
    written = 0
    try:
        with archive.open(member) as packed, target.open("wb") as file:
            while chunk := packed.read(CHUNK):
                written += len(chunk)
                if written > member.file_size:
                    raise RefusedFile("archive_bomb")
                file.write(chunk)
    except RefusedFile:
        raise
    except Exception:  # zipfile and zlib raise a dozen kinds for a broken member
        raise RefusedFile("damaged_archive") from None
    if written != member.file_size:
        raise RefusedFile("damaged_archive")


def inspect_office(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Refuse macros, embedded programs, remote parts, entity bombs and live fields."""
    for member in archive.infolist():
        name = member.filename.lower()
        if MACROS.search(name):
            raise RefusedFile("macros")
        if EMBEDDED.search(name):
            raise RefusedFile("office_embedded")
        if name.endswith((".xml", ".rels", ".vml")):
            inspect_part(read_part(archive, member))
    return {"pages": 0}


def read_part(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """One XML part, bounded by what the archive promises (checked before)."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "part"
        unpack(archive, member, target)
        return target.read_bytes()


def inspect_part(data: bytes) -> None:
    """Refuse what one XML part may not hold."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
    if ENTITIES.search(data):
        raise RefusedFile("office_entities")
    if MACRO_TYPES.search(data):
        raise RefusedFile("macros")
    if OUTSIDE.search(data):
        raise RefusedFile("office_remote")
    if FIELDS.search(data):
        raise RefusedFile("office_fields")
