"""Certificates: asked for by whoever is at hand, signed by somebody who did not execute it (I54)."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import StateError
from auditlog.jobs import soon
from governance.approval_kinds import ApprovalKind
from governance.authority import Right, require
from governance.models import Approval
from governance.services.approvals import request_approval
from governance.vocabulary import Role
from retention.certificate.content import content_of, is_final
from retention.models import Certificate, DeletionCase, Receipt, Step
from retention.services.cases import case_path
from retention.services.entry import CASE, locked_case, move_case
from retention.services.settling import stores_without_step
from retention.vocabulary import SETTLED, CaseState

KIND = "retention.certificate"
FINISH_JOB = "retention.certificate_finish"
READY = (CaseState.VERIFYING, CaseState.AWAITING_BACKUP_EXPIRY)


def ask_certificate(*, actor: Actor, case_id: uuid.UUID) -> Approval:
    """Ask for the certificate's signature, on its whole content. Who executed the deletion cannot sign (I54)."""
    with audited(actor, "retention.case.certificate_asked", subject_kind=CASE, subject_id=case_id) as change:
        require(actor, Right.DELETE_DATA)
        case = locked_case(case_id)
        change.tenant_id = case.tenant_id
        if reason := why_not_certify(case):
            raise StateError(reason)
        title = _("Certify the deletion of %s?") % case.tenant.name
        case.certification = request_approval(
            actor=actor, kind=KIND, subject_id=case.id, title=title, drafters=executors_of(case),
            tenant_id=case.tenant_id,
        )  # fmt: skip
        change.details = {"approval": case.certification.id, "digest": case.certification.digest}
        change.witness(case)
        return case.certification


def executors_of(case: DeletionCase) -> set[uuid.UUID]:
    """Who asked for a part of what was erased: with a late store, or data that came back, there is more than one."""
    return set(case.plans.exclude(approval=None).values_list("approval__requested_by_id", flat=True))


def why_not_certify(case: DeletionCase, steps: list[Step] | None = None) -> str:
    """Why no certificate can be asked for now; empty: it can. For the page and for the service alike (I53).

    ``steps``: those of the case that were not replaced, with their receipts, where they are at hand.
    """
    if case.state not in READY:
        return _("There is a certificate once every store is verified.")
    if case.certification is not None and case.certification.state == Approval.State.PENDING:
        return _("It waits for its signature already.")
    if stores_without_step(case).exists():
        return _("A data store was registered meanwhile. Count it and ask for its deletion first.")
    for step in case.steps.filter(replaced_at=None).prefetch_related("receipts"):
        if reason := _why_unproved(step):
            return reason
    if case.state == CaseState.AWAITING_BACKUP_EXPIRY and case.certificates.exists():
        return _("It is certified as far as it can be until the backups have expired.")
    return ""


def _why_unproved(step: Step) -> str:
    """Why a store is not proved empty: it needs a receipt taken after its last deletion (I53)."""
    receipt: Receipt | None = next(iter(step.receipts.all()), None)
    if step.state not in SETTLED or receipt is None:
        return str(_("%s is not verified.") % step)
    if step.last_deleted_at and receipt.taken_at < step.last_deleted_at:
        return str(_("%s was verified before its last deletion.") % step)
    return ""


def snapshot_of(case_id: uuid.UUID) -> dict[str, Any]:
    """The certificate, word for word."""
    return content_of(case_id)


def issue(actor: Actor, approval: Approval) -> None:
    """Signed: the certificate is issued as it was signed, in the same transaction; its PDF and seal follow."""
    with audited(actor, "retention.case.certified", subject_kind=CASE, subject_id=approval.subject_id) as change:
        case = locked_case(approval.subject_id)
        change.tenant_id = case.tenant_id
        final = is_final(case)
        certificate = _certificate(change, case, approval, final=final)
        move_case(change, case, CaseState.CERTIFIED if final else CaseState.CERTIFIED_WITH_RESIDUE)
        change.details |= {
            "certificate": certificate.id, "number": certificate.number, "digest": approval.digest, "final": final,
        }  # fmt: skip
        soon(FINISH_JOB, str(certificate.id), actor=actor)


def _certificate(change: Change, case: DeletionCase, approval: Approval, *, final: bool) -> Certificate:
    row = Certificate(
        case=case, number=case.certificates.count() + 1, is_final=final, body=approval.snapshot, digest=approval.digest,
        root=json.loads(approval.snapshot)["merkle"]["root"], approval=approval, issued_at=timezone.now(),
    )  # fmt: skip
    with audited(
        change.actor, "retention.certificate.issued", subject_kind="retention.certificate", subject_id=row.id,
        tenant_id=case.tenant_id,
    ) as issuing:  # fmt: skip
        issuing.details = {"case": case.id, "number": row.number, "digest": row.digest, "root": row.root}
        issuing.witness(row)
    return row


def close_certification(actor: Actor, approval: Approval) -> None:
    """Rejected, withdrawn, timed out or superseded: the case stays verified, and it can be asked for again."""
    case = locked_case(approval.subject_id)
    if case.certification_id != approval.id or case.state not in READY:
        return
    with audited(
        actor, "retention.case.certificate_returned", subject_kind=CASE, subject_id=case.id, tenant_id=case.tenant_id
    ) as change:
        case.certification = None
        change.details = {"approval": approval.id, "outcome": approval.state}
        change.witness(case)


CERTIFICATE_KIND = ApprovalKind(
    kind=KIND,
    name="Deletion certificate",
    snapshot=snapshot_of,
    on_approved=issue,
    on_closed=close_certification,
    url=case_path,
    template="retention/certificates/_asked.html",
    groups={Role.PRIVACY_OFFICER.value: 1},
)
