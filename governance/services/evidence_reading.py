"""Reading evidence: each download is recorded, and nothing in quarantine is handed out."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import Any, BinaryIO

from django.core.cache import cache
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import GovernanceError, NotFoundError, StateError
from governance.evidence.inspection.refusal import RefusedFile
from governance.evidence.pictures import is_kept, place_of
from governance.evidence.sandbox import SandboxError, ask
from governance.evidence.storage import StoreError, evidence_store, open_verified
from governance.evidence.wording import words_for
from governance.models import Evidence
from governance.queries.evidence import get_evidence
from governance.services.evidence import SUBJECT
from governance.services.evidence_checks import damage_words

PICTURE_WIDTHS = (320, 1100)

#: One person's looking at pages is recorded once in this time, not once for each page.
LOOK_SECONDS = 3600


class DamagedEvidenceError(GovernanceError):
    """The stored bytes are not those that were uploaded; never handed out, always recorded."""

    code = "EVIDENCE_DAMAGED"
    status = 409
    recorded = True


class StoreAwayError(GovernanceError):
    """The place where evidence is kept does not answer now."""

    code = "STORE_AWAY"
    status = 503


def download_evidence(*, actor: Actor, evidence_id: uuid.UUID) -> tuple[Evidence, BinaryIO]:
    """The row and its verified bytes, recorded as a download. The caller closes the file.

    Raises :class:`StateError` while it is in quarantine, :class:`DamagedEvidenceError` (recorded)
    when the bytes are not what was uploaded. Clauses I20, I24.
    """
    row = get_evidence(actor, evidence_id)
    with audited(actor, "governance.evidence.downloaded", subject_kind=SUBJECT, subject_id=row.id) as change:
        refuse_quarantined(row)
        change.details = {"digest": row.digest}
        return row, bytes_of(row)


def why_not_read(row: Evidence) -> str:
    """Why the file cannot be opened now; empty: it can. Only what was checked and found clean is handed out."""
    if row.scan_state == Evidence.Scan.CLEAN:
        return ""
    return _("It cannot be opened: %s.") % str(row.get_scan_state_display()).lower()


def refuse_quarantined(row: Evidence) -> None:
    """Refuse what :func:`why_not_read` says."""
    if why := why_not_read(row):
        raise StateError(why, clause="I20")


def bytes_of(row: Evidence) -> BinaryIO:
    """The verified bytes; a fault of the store is a refusal."""
    try:
        return open_verified(evidence_store(), row.digest, row.size)
    except StoreError as error:
        if error.code in ("damaged", "missing"):
            raise DamagedEvidenceError(damage_words(error.code), clause="I24") from None
        raise StoreAwayError(_("The place where evidence is kept does not answer. Try again in a minute.")) from None


def picture_page(*, actor: Actor, evidence_id: uuid.UUID, page: int, width: int) -> Path:
    """The PNG of one page (from 1), drawn once and cached here for a while; looking is recorded once an hour."""
    row = get_evidence(actor, evidence_id)
    if not 1 <= page <= row.pages or width not in PICTURE_WIDTHS:
        raise NotFoundError(_("There is no such page."))
    target = place_of(row.digest, page, width)
    if cache.add(f"evidence-look:{actor.id}:{actor.session_id}:{row.id}", 1, LOOK_SECONDS):
        with audited(actor, "governance.evidence.pages_opened", subject_kind=SUBJECT, subject_id=row.id) as change:
            change.details = {"digest": row.digest}
            refuse_quarantined(row)
    refuse_quarantined(row)
    if not is_kept(target):
        draw(row, page, width, target)
    return target


def draw(row: Evidence, page: int, width: int, target: Path) -> None:
    """Draw one page in the child process and put it in the cache whole."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="evidence-") as folder, bytes_of(row) as file:
        source, drawn = Path(folder) / "file", Path(folder) / "page.png"
        with source.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        try:
            question: dict[str, Any] = {"media_type": row.media_type, "page": page, "width": width}
            ask("picture", path=str(source), target=str(drawn), **question)
        except (RefusedFile, SandboxError):
            raise NotFoundError(words_for("no_picture", {"page": page})) from None
        beside = target.with_suffix(f".{os.getpid()}-{uuid.uuid4().hex}")
        shutil.copyfile(drawn, beside)
        beside.replace(target)
