"""The certificate on paper: PDF/A-2a and PDF/UA-1, the same bytes for the same certificate.

Text that the bundled fonts cannot show (such as a name in Chinese) is set with a font of this machine where it has
one, and else spelt as code points: a name is never dropped.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

import segno
import typst
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from retention.certificate.reading import Reading
from retention.certificate.sealing import Seal
from retention.certificate.sheet import sheet_of
from retention.models import Certificate

TEMPLATE = Path(__file__).with_name("certificate.typ")
STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]
#: What the bundled fonts surely do not show.
RARE = re.compile(r"[^\x20-\x7e\u00a0-\u017f\u0386-\u038a\u038c\u038e-\u03a1\u03a3-\u03ce\u0400-\u045f\u2010-\u2026]")


def print_certificate(certificate: Certificate, seal: Seal) -> bytes:
    """The certificate as PDF; needs its case with the tenant, and its approval."""
    with translation.override(settings.LANGUAGE_CODE):
        sheet = sheet_of(certificate, Reading.of(certificate), seal)
    address = _address(certificate.digest)
    moment = certificate.issued_at.replace(microsecond=0)
    for own_fonts_only in (True, False):
        with contextlib.suppress(typst.TypstError):
            return _compiled(sheet | address, moment, own_fonts_only)
    return _compiled(_spelt(sheet) | address, moment, own_fonts_only=True)


def check_address(digest: str) -> str:
    """The public address that says whether a certificate is genuine."""
    return settings.PUBLIC_URL + reverse("retention:certificate_known", args=[digest])


def _address(digest: str) -> dict[str, str]:
    """The public address, and the same for a telephone's camera."""
    drawn = io.BytesIO()
    segno.make(check_address(digest), error="m", micro=False).save(drawn, kind="svg", border=0, dark="#1a2233")
    return {"address": check_address(digest), "code": drawn.getvalue().decode()}


def _compiled(told: dict[str, Any], moment: dt.datetime, own_fonts_only: bool) -> bytes:
    made = typst.compile(
        str(TEMPLATE), root=str(TEMPLATE.parent), sys_inputs={"data": json.dumps(told)}, format="pdf",
        pdf_standards=STANDARDS, timestamp=moment, ignore_system_fonts=own_fonts_only,
    )  # fmt: skip
    assert isinstance(made, bytes)  # noqa: S101  # one document, for which no file was named
    return made


def _spelt(value: Any) -> Any:
    """The same with every rare character spelt as its code point."""
    if isinstance(value, dict):
        return {key: _spelt(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_spelt(item) for item in value]
    return RARE.sub(lambda found: f"[U+{ord(found[0]):04X}]", value) if isinstance(value, str) else value
