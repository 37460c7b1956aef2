"""The one question that each file is asked: what it is, and whether it may come in."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Any

from governance.evidence.inspection import archives, pdf, pictures, redactions, types
from governance.evidence.inspection.refusal import RefusedFile


def ending_of(name: str) -> str:
    """The name's ending in small letters, empty when it has none."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower().strip() if dot and stem.strip(". ") else ""


def inspect(path: Path, name: str) -> dict[str, Any]:
    """Facts of a file that may come in: ``media_type``, ``pages`` and what its kind adds.

    Raises :class:`RefusedFile` for everything else. Quick: it looks at structure, not at every page.
    """
    ending = ending_of(name)
    refuse_running(ending)
    media_type = types.sniff(path, ending)
    if media_type == types.ZIP:
        return inspect_zip(path, ending)
    types.fit_ending(media_type, ending)
    facts: dict[str, Any] = {"pages": 0}
    if media_type == types.PDF:
        facts = pdf.inspect_pdf(path)
    elif media_type in (types.PNG, types.JPEG):
        facts = pictures.inspect_picture(path)
    elif zipfile.is_zipfile(path):
        raise RefusedFile("polyglot")
    return {"media_type": media_type, **facts}


def refuse_running(ending: str) -> None:
    """Refuse by name what a computer would run, whatever the bytes say."""
    if ending in ("docm", "xlsm", "xlsb", "pptm", "dotm", "xltm"):
        raise RefusedFile("macros")
    if ending in ("html", "htm", "svg", "xhtml", "xml", "mht", "mhtml"):
        raise RefusedFile("markup")
    if ending in archives.NESTED and ending != "zip":
        raise RefusedFile("archive_kind", ending=ending)
    if ending in archives.RUNS:
        raise RefusedFile("type_unknown", found=ending.upper())


def inspect_zip(path: Path, ending: str) -> dict[str, Any]:
    """Facts of an Office document, or of an archive and every member in it."""
    archive, media_type = archives.open_archive(path)
    with archive:
        types.fit_ending(media_type, ending)
        if media_type != types.ZIP:
            return {"media_type": media_type, **archives.inspect_office(archive)}
        members = [member for member in archive.infolist() if not member.is_dir()]
        if not members:
            raise RefusedFile("archive_empty")
        for member in members:
            inspect_member(archive, member)
        return {"media_type": media_type, "pages": 0, "members": len(members)}


def inspect_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """A member must be welcome by itself, and no archive."""
    name = member.filename.rsplit("/", 1)[-1]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "member"
        archives.unpack(archive, member, target)
        refuse_nested(target, ending_of(name))
        try:
            inspect(target, name)
        except RefusedFile as refusal:
            raise RefusedFile("archive_member", member=shown(name), inner=refusal.code, **refusal.facts) from None


def refuse_nested(target: Path, ending: str) -> None:
    """An archive within an archive is where bombs hide."""
    if ending in archives.NESTED:
        raise RefusedFile("archive_nested")
    if zipfile.is_zipfile(target) and archives.open_archive(target)[1] == types.ZIP:
        raise RefusedFile("archive_nested")


def shown(name: str) -> str:
    """A member's name, short and printable."""
    return "".join(letter for letter in name if letter.isprintable())[:60]


def examine(path: Path, media_type: str) -> dict[str, Any]:
    """What takes longer, done while the file is in quarantine: every pixel, every page's hints."""
    if media_type == types.PDF:
        return redactions.examine_pdf(path)
    if media_type in (types.PNG, types.JPEG):
        return pictures.examine_picture(path)
    return {}
