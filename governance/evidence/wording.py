# ruff: noqa: E501 (a message stands on one line, so that it is found by searching for it)
"""Every refusal of a file in words: what is wrong, and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

ACCEPTED = _("PDF, PNG, JPEG, DOCX, XLSX, CSV, TXT, JSON and ZIP")

WORDS: dict[str, Any] = {
    "missing": _("Choose a file."),
    "empty": _("This file is empty. Choose the file again; perhaps it had not finished downloading."),
    "too_large": _(
        "This file is %(size)s; at most %(limit)s come in. Reduce it (print to PDF, drop pictures), or split it."
    ),
    "disk_full": _(
        "There is no room to keep this file, so nothing was kept. Ask whoever runs this console to make room, then upload it again."
    ),
    "store_away": _("The place where evidence is kept does not answer, so nothing was kept. Try again in a minute."),
    "unreadable": _(
        "This file could not be inspected, so it was not kept. Save it anew, for example by printing it to PDF, and upload that."
    ),
    "too_much": _(
        "Reading this file takes more memory than any honest file needs. Print it to a new PDF and upload that."
    ),
    "type_unknown": _("This kind of file (%(found)s) does not come in. Save it as one of: %(accepted)s."),
    "markup": _("This is a web page, XML or SVG, which can run programs. Print it to PDF and upload that."),
    "wrong_ending": _(
        "The name ends in .%(ending)s but the file is a %(kind)s. Rename it to end in .%(kind)s, or choose the right file."
    ),
    "json_broken": _("The name says JSON, but it cannot be read as JSON. Mend it, or rename it to end in .txt."),
    "polyglot": _(
        "This file is two kinds of file at once: something else is hidden in it. Print or save it anew and upload that copy."
    ),
    "pixel_bomb": _(
        "This picture is %(width)s × %(height)s pixels; at most 40 million pixels come in. Make it smaller."
    ),
    "damaged_picture": _("This picture is damaged or cut off. Save it again as PNG or JPEG."),
    "pdf_locked": _("This PDF needs a password. Remove it (open, then print to a new PDF) and upload that."),
    "pdf_damaged": _("This PDF is damaged or was cut off. Download it again, or print it to a new PDF."),
    "pdf_bomb": _("This PDF unpacks to far more than it should. Print it to a new PDF and upload that."),
    "pdf_pages": _("This PDF has more than %(limit)s pages. Split it and upload the parts that matter."),
    "pdf_scripts": _("This PDF holds scripts. Print it to a new PDF, which leaves them out, and upload that."),
    "pdf_launch": _("This PDF would start a program or open another file. Print it to a new PDF and upload that."),
    "pdf_attachments": _(
        "This PDF has files attached inside it. Save those apart, upload each by itself, and print the PDF to a new one without them."
    ),
    "pdf_sends": _("This PDF has a form that sends data elsewhere. Print it to a new PDF and upload that."),
    "pdf_media": _("This PDF holds sound, video or 3D. Print it to a new PDF and upload that."),
    "pdf_forms": _("This PDF holds a live XFA form. Print it to a new PDF and upload that."),
    "damaged_archive": _("This archive or Office file is damaged or was cut off. Download or save it again."),
    "archive_empty": _("There is nothing in this archive. Choose another file."),
    "archive_members": _("This archive holds more than %(limit)s files. Upload only those that matter."),
    "archive_doubled": _("Two files in this archive have the same name, so one hides the other. Pack it anew."),
    "archive_bomb": _("This archive unpacks to far more than it should. Upload the files in it one by one."),
    "archive_path": _(
        "A file in this archive has a name that leads outside its folder or hides something. Pack it anew with plain names."
    ),
    "archive_locked": _("This archive needs a password. Pack it anew without one."),
    "archive_link": _("This archive holds a link instead of a file. Pack the file itself."),
    "archive_method": _("This archive is packed in a way that cannot be inspected. Pack it anew as an ordinary zip."),
    "archive_kind": _("Archives of kind .%(ending)s do not come in. Pack it as .zip, or upload the files one by one."),
    "archive_nested": _("There is an archive within this archive. Unpack the inner one and pack everything together."),
    "archive_member": _("In this archive, “%(member)s” cannot come in: %(reason)s"),
    "macros": _(
        "This Office file holds macros, which are programs. Save it as .docx or .xlsx without macros, or print it to PDF."
    ),
    "office_embedded": _(
        "This Office file has other files or links to workbooks inside it. Print it to PDF and upload that."
    ),
    "office_remote": _(
        "This Office file loads parts from elsewhere when it is opened. Print it to PDF and upload that."
    ),
    "office_fields": _(
        "This Office file has fields that run programs or read other files. Print it to PDF and upload that."
    ),
    "office_entities": _(
        "This Office file's XML defines entities, as only attacks do. Save it anew, or print it to PDF."
    ),
    "office_other": _("This kind of Office file does not come in. Save it as .docx or .xlsx, or print it to PDF."),
    "no_picture": _("Page %(page)s cannot be shown as a picture. Download the file to read it."),
}


def words_for(code: str, facts: Mapping[str, str | int]) -> str:
    """The message for a refusal's code, its places filled."""
    places: dict[str, Any] = {"found": "?", "accepted": ACCEPTED, "width": "", "height": "", **facts}
    if not places["found"]:
        places["found"] = str(_("not recognised"))
    if code == "archive_member":
        inner = {key: value for key, value in facts.items() if key not in ("member", "inner")}
        places["reason"] = words_for(str(facts.get("inner", "unreadable")), inner)
    return str(WORDS.get(code, WORDS["unreadable"])) % places
