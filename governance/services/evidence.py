"""Evidence: added, reviewed, withdrawn. Its bytes are checked by ``services.evidence_checks``."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import InvalidInputError, InvalidInputsError, NotFoundError, SeparationOfDutiesError, StateError
from auditlog.jobs import soon
from governance.authority import Right, has_right, require
from governance.evidence.claims import claim_faults
from governance.evidence.standing import Reason, counts
from governance.evidence.storage import StoreError, evidence_store
from governance.evidence.wording import words_for
from governance.evidence_uses import tell_listeners
from governance.models import Evidence, Person
from governance.services.notifications import notify
from governance.services.uploads import HeldUpload, hold_upload

__all__ = ["Reason", "add_evidence", "counts", "review_redaction", "withdraw_evidence"]

SUBJECT = "governance.evidence"
CHECK = "governance.evidence_check"


def add_evidence(
    *,
    actor: Actor,
    file: Any,
    kind: str,
    issuer: str,
    period_start: dt.date | None = None,
    period_end: dt.date | None = None,
    valid_until: dt.date | None = None,
    scope: str = "",
    segregation_pages: str = "",
    privacy_pages: str = "",
) -> Evidence:
    """Keep a file as evidence, in quarantine until it is checked.

    ``file`` is an upload, any open binary file with a ``name``, or a :class:`HeldUpload`. The bytes
    are durable before the row commits; dates are days (UTC). Raises :class:`InvalidInputsError` by
    field, :class:`AuthorityError`. Clauses I20, I24, L2-35, L2-37.
    """
    claims = {
        "kind": kind, "issuer": issuer.strip(), "period_start": period_start, "period_end": period_end,
        "valid_until": valid_until, "scope": scope.strip(), "segregation_pages": segregation_pages.strip(),
        "privacy_pages": privacy_pages.strip(),
    }  # fmt: skip
    faults = claim_faults(claims, timezone.now().date())
    upload = kept_upload(actor, file, faults) if has_right(actor, Right.ADD_EVIDENCE) else None
    with audited(actor, "governance.evidence.added", subject_kind=SUBJECT) as change:
        require(actor, Right.ADD_EVIDENCE)
        if upload is None:
            raise InvalidInputsError(faults)
        return create(change, upload, claims)


def kept_upload(actor: Actor, file: Any, faults: dict[str, str]) -> HeldUpload | None:
    """The file, made durable when nothing else is wrong; what is wrong with it joins ``faults``."""
    try:
        upload = file if isinstance(file, HeldUpload) else hold_upload(actor=actor, file=file)
        if not faults:
            evidence_store().keep(upload.digest)
            return upload
    except InvalidInputError as refusal:
        faults["file"] = refusal.message
    except StoreError as error:
        faults["file"] = words_for(error.code, {})
    return None


def create(
    change: Change, upload: HeldUpload, claims: Mapping[str, Any], *, uploaded_by_id: uuid.UUID | None = None
) -> Evidence:
    """Write the row, for the actor unless somebody else answers for it.

    The same file twice as the same kind is refused with the way to the first.
    """
    row = Evidence(
        id=change.subject_id,
        digest=upload.digest,
        size=upload.size,
        media_type=upload.media_type,
        name=upload.name,
        facts={key: value for key, value in upload.facts.items() if key != "media_type"},
        uploaded_by_id=uploaded_by_id or change.actor.id,
        uploaded_at=timezone.now(),
        **claims,
    )
    try:
        with transaction.atomic():
            change.witness(row)
    except IntegrityError:
        twin = Evidence.objects.filter(digest=upload.digest, kind=row.kind, withdrawn_at=None).first()
        if twin is None:
            raise
        raise InvalidInputError(
            _("This very file is evidence already, added on %s. Use that one, or withdraw it first.")
            % twin.uploaded_at.date(),
            field="file",
        ) from None
    keep_again(row)
    change.details = {"digest": row.digest, "size": row.size, "kind": row.kind, "media_type": row.media_type}
    soon(CHECK, str(row.id), actor=change.actor)
    return row


def keep_again(row: Evidence) -> None:
    """Make sure of the bytes once the row is inserted.

    They may have lain there for long without a row (another file's change that rolled back), and the sweep of
    orphans may have removed them since; from here on it waits for this change, and sees the row.
    """
    try:
        evidence_store().keep(row.digest)
    except StoreError as error:
        raise InvalidInputError(words_for(error.code, {}), field="file") from error


def locked(evidence_id: uuid.UUID) -> Evidence:
    """The row, locked for this change; :class:`NotFoundError` when there is none."""
    row: Evidence | None = Evidence.objects.select_for_update().filter(pk=evidence_id).first()
    if row is None:
        raise NotFoundError(_("There is no such evidence."))
    return row


def review_redaction(
    *, actor: Actor, evidence_id: uuid.UUID, verdict: str, marks: Mapping[int, str] | None = None, reason: str = ""
) -> Evidence:
    """Say, after looking at the pages, whether parts of the evidence are redacted (L2-36).

    ``marks`` maps page numbers (from 1) to ``redacted`` or ``unredacted``; each page with a hint
    must be marked. Who uploaded it never reviews it, and who called it redacted does not undo that
    alone. What stands on evidence found redacted hears at once (I22). Raises
    :class:`InvalidInputError`, :class:`StateError`, :class:`SeparationOfDutiesError`.
    """
    marks = dict(marks or {})
    with audited(
        actor, "governance.evidence.redaction_reviewed", subject_kind=SUBJECT, subject_id=evidence_id
    ) as change:
        require(actor, Right.REVIEW_EVIDENCE)
        row = locked(evidence_id)
        refuse_reviewer(row, actor, verdict)
        refuse_marks(row, verdict, marks, reason.strip())
        row.redaction, row.redaction_reason = verdict, reason.strip()
        row.redaction_marks = {str(page): mark for page, mark in sorted(marks.items())}
        row.redaction_reviewer_id, row.redaction_reviewed_at = actor.id, timezone.now()
        change.witness(row)
        change.details = {"verdict": verdict, "pages": sorted(p for p, mark in marks.items() if mark == "redacted")}
        if verdict == Evidence.Redaction.REDACTED:
            tell_listeners(actor, row)
        return row


def why_not_review(row: Evidence, actor: Actor) -> str:
    """Why this actor may not review the pages of this evidence now; empty: may."""
    if not has_right(actor, Right.REVIEW_EVIDENCE):
        return _("Only a vendor analyst, security approver or privacy officer reviews pages.")
    if row.uploaded_by_id == actor.id:
        return _("You uploaded this, so somebody else looks through its pages.")
    if row.withdrawn_at:
        return _("It was withdrawn; there is nothing to review.")
    if row.scan_state != Evidence.Scan.CLEAN:
        return _("Its pages are shown once it has been checked and found clean.")
    return ""


def refuse_reviewer(row: Evidence, actor: Actor, verdict: str) -> None:
    """Refuse who may not review, and undoing one's own verdict."""
    why = why_not_review(row, actor)
    if why and row.uploaded_by_id == actor.id:
        raise SeparationOfDutiesError(why, clause="L2-36")
    if why:
        raise StateError(why, clause="L2-36")
    undone = row.redaction == Evidence.Redaction.REDACTED and verdict == Evidence.Redaction.UNREDACTED
    if undone and row.redaction_reviewer_id == actor.id:
        raise SeparationOfDutiesError(
            _("You called it redacted; another person must look before it counts as whole."), clause="L2-36"
        )


def refuse_marks(row: Evidence, verdict: str, marks: Mapping[int, str], reason: str) -> None:
    """Refuse a verdict that does not fit the pages' marks, or says nothing."""
    if verdict not in (Evidence.Redaction.UNREDACTED, Evidence.Redaction.REDACTED):
        raise InvalidInputError(_("Say whether anything is redacted."), field="verdict")
    if any(
        mark not in ("redacted", "unredacted") or not 1 <= page <= max(row.pages, 1) for page, mark in marks.items()
    ):
        raise InvalidInputError(_("Mark only pages that the file has."), field="marks")
    black = sorted(page for page, mark in marks.items() if mark == "redacted")
    unseen = [page for page in row.hinted_pages if page not in marks]
    if verdict == Evidence.Redaction.UNREDACTED and black:
        raise InvalidInputError(
            _("You marked page %s as redacted, so the whole cannot be unredacted.") % _and(black), field="verdict"
        )
    if verdict == Evidence.Redaction.UNREDACTED and unseen:
        raise InvalidInputError(
            _("Page %s shows signs of redaction. Look at it and mark it before you decide.") % _and(unseen),
            field="marks",
            clause="L2-36",
        )
    if verdict == Evidence.Redaction.REDACTED and not black and not reason:
        raise InvalidInputError(_("Mark the redacted pages, or say what is missing."), field="reason")


def _and(pages: list[int]) -> str:
    return ", ".join(map(str, pages[:12])) + (" …" if len(pages) > 12 else "")


def withdraw_evidence(*, actor: Actor, evidence_id: uuid.UUID, reason: str) -> Evidence:
    """Stop evidence from counting for good; its bytes and history stay (I24), and what stands on it hears (I22)."""
    with audited(actor, "governance.evidence.withdrawn", subject_kind=SUBJECT, subject_id=evidence_id) as change:
        require(actor, Right.ADD_EVIDENCE)
        row = locked(evidence_id)
        if row.withdrawn_at:
            raise StateError(_("It was withdrawn already."))
        if not reason.strip():
            raise InvalidInputError(_("Say why, for whoever reads this later."), field="reason")
        row.withdrawn_at, row.withdrawn_by_id, row.withdrawn_reason = timezone.now(), actor.id, reason.strip()[:2000]
        change.witness(row)
        tell_people(actor, row, _("%s was withdrawn") % row)
        tell_listeners(actor, row)
        return row


def why_not_withdraw(row: Evidence, actor: Actor) -> str:
    """Why this actor may not withdraw this evidence now; empty: may."""
    if not has_right(actor, Right.ADD_EVIDENCE):
        return _("Only who may add evidence withdraws it.")
    return _("It was withdrawn already.") if row.withdrawn_at else ""


def tell_people(actor: Actor, row: Evidence, text: str) -> None:
    """Tell who uploaded it and who reviewed it, if they are still here."""
    wanted = {row.uploaded_by_id, row.redaction_reviewer_id} - {None}
    people = Person.objects.filter(pk__in=wanted, is_active=True).values_list("pk", flat=True)
    url = reverse("governance:evidence_read", args=[row.id])
    notify(actor=actor, people=people, kind="governance.evidence", text=text, url=url)
