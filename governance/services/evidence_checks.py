"""Quarantine: new evidence counts and can be read only once its bytes were checked."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.temp import NamedTemporaryFile
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import audited
from auditlog.errors import GovernanceError, StateError
from auditlog.jobs import soon
from governance.authority import Right, has_right, require
from governance.evidence.inspection.refusal import RefusedFile
from governance.evidence.sandbox import SandboxError, ask
from governance.evidence.scanning import ScannerError, scan
from governance.evidence.storage import StoreError, evidence_store, open_verified
from governance.evidence.wording import words_for
from governance.evidence_uses import tell_listeners
from governance.models import Evidence
from governance.services.evidence import CHECK, SUBJECT, locked, tell_people

logger = logging.getLogger(__name__)

#: After so many failures the sweep leaves a file alone until somebody asks for another check.
MOST_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found: the state to move to, why, and new facts about the bytes."""

    state: str
    detail: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def check_evidence(*, actor: Actor, evidence_id: uuid.UUID) -> Evidence:
    """Check the bytes of one piece of evidence and move it out of quarantine, or keep it there.

    Digest, virus scan (when ``CLAMD`` is set) and a look at every page. Safe to run twice, late, or
    by several workers: only a row still waiting (or failed) moves. Without an answer from the
    scanner it stays waiting, with the reason (fails closed). Clause I20.
    """
    row = Evidence.objects.filter(pk=evidence_id).first() or locked(evidence_id)
    if row.scan_state not in (Evidence.Scan.WAITING, Evidence.Scan.FAILED):
        return row
    found = look(row)
    with audited(actor, "governance.evidence.checked", subject_kind=SUBJECT, subject_id=evidence_id) as change:
        row = locked(evidence_id)
        if row.scan_state in (Evidence.Scan.WAITING, Evidence.Scan.FAILED):
            row.scan_state, row.scan_detail, row.scan_attempts = found.state, found.detail[:300], row.scan_attempts + 1
            row.scanned_at = None if found.state == Evidence.Scan.WAITING else timezone.now()
            row.facts = {**row.facts, **found.facts}
            change.witness(row)
            tell(actor, row)
        change.details = {"state": row.scan_state, "attempt": row.scan_attempts}
    return row


def tell(actor: Actor, row: Evidence) -> None:
    """People and whatever stands on the evidence hear of a bad outcome."""
    if row.scan_state in (Evidence.Scan.INFECTED, Evidence.Scan.REFUSED, Evidence.Scan.FAILED):
        tell_people(actor, row, _("%(file)s: %(state)s") % {"file": row, "state": row.get_scan_state_display()})
        tell_listeners(actor, row)


def look(row: Evidence) -> Found:
    """Read the bytes and judge them; changes nothing."""
    try:
        with open_verified(evidence_store(), row.digest, row.size) as file:
            return judge(row, file)
    except StoreError as error:
        damaged = error.code in ("damaged", "missing")
        return Found(Evidence.Scan.FAILED if damaged else Evidence.Scan.WAITING, damage_words(error.code))


def judge(row: Evidence, file: BinaryIO) -> Found:
    """Virus scan first, then every page."""
    scanned = _("Inspected. No virus scanner is set up here.")
    if settings.CLAMD:
        try:
            verdict = scan(settings.CLAMD, file)
        except ScannerError as error:
            return Found(
                Evidence.Scan.WAITING, _("The virus scanner gave no answer (%s); it will be asked again.") % error
            )
        if verdict.infected:
            return Found(Evidence.Scan.INFECTED, verdict.signature)
        scanned = _("Inspected, and scanned for viruses.")
        file.seek(0)
    try:
        return Found(Evidence.Scan.CLEAN, scanned, examine(row, file))
    except RefusedFile as refusal:
        return Found(Evidence.Scan.REFUSED, words_for(refusal.code, refusal.facts))
    except SandboxError as error:
        return Found(Evidence.Scan.FAILED, _("Looking at its pages did not end well (%s).") % error)


def examine(row: Evidence, file: BinaryIO) -> dict[str, Any]:
    """Facts that take longer to find, from the child process."""
    with NamedTemporaryFile(prefix="evidence-") as copy:
        for chunk in iter(lambda: file.read(1024 * 1024), b""):
            copy.write(chunk)
        copy.flush()
        return ask("examine", path=copy.name, media_type=row.media_type)


def damage_words(code: str) -> str:
    """What a fault of the store means for the evidence."""
    return {
        "damaged": _("The stored bytes are not those that were uploaded. Withdraw this and upload the file again."),
        "missing": _("The stored bytes are gone. Withdraw this and upload the file again."),
    }.get(code, _("The place where evidence is kept does not answer; it will be asked again."))


def request_check(*, actor: Actor, evidence_id: uuid.UUID) -> Evidence:
    """Ask for another check of evidence that waits or whose check failed; the check itself is a job's."""
    with audited(actor, "governance.evidence.check_requested", subject_kind=SUBJECT, subject_id=evidence_id) as change:
        require(actor, Right.ADD_EVIDENCE)
        row = locked(evidence_id)
        if row.scan_state not in (Evidence.Scan.WAITING, Evidence.Scan.FAILED):
            raise StateError(_("It has been checked: %s.") % row.get_scan_state_display())
        row.scan_state, row.scan_attempts = Evidence.Scan.WAITING, 0
        change.witness(row)
        soon(CHECK, str(row.id), actor=actor)
        return row


def why_not_check(row: Evidence, actor: Actor) -> str:
    """Why this actor may not ask for another check of this evidence now; empty: may."""
    if row.scan_state not in (Evidence.Scan.WAITING, Evidence.Scan.FAILED):
        return _("It has been checked: %s.") % str(row.get_scan_state_display()).lower()
    return "" if has_right(actor, Right.ADD_EVIDENCE) else _("Only who may add evidence asks for another check.")


def run_check(evidence_id: str, *, actor: Actor) -> None:
    """The job: on its own account, for whoever uploaded."""
    check_evidence(actor=checker(actor.request_id, actor.id), evidence_id=uuid.UUID(evidence_id))


def checker(request_id: str = "", acting_for: uuid.UUID | None = None) -> Actor:
    """The job's actor."""
    return job_actor(CHECK, request_id=request_id, acting_for=acting_for)


def check_waiting() -> int:
    """Check whatever still waits, oldest first; gives how many were looked at. One bad file stops no other."""
    waiting = Evidence.objects.filter(
        scan_state__in=(Evidence.Scan.WAITING, Evidence.Scan.FAILED), scan_attempts__lt=MOST_ATTEMPTS, withdrawn_at=None
    )
    still = Evidence.objects.filter(scan_state=Evidence.Scan.WAITING, withdrawn_at=None)
    ids = list((waiting | still).order_by("uploaded_at").values_list("pk", flat=True)[:50])
    for evidence_id in ids:
        try:
            check_evidence(actor=checker(), evidence_id=evidence_id)
        except GovernanceError:
            logger.exception("evidence_check_failed", extra={"evidence_id": str(evidence_id)})
    return len(ids)
