"""Evidence put forward for an assessment."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, NotFoundError
from governance.models import Evidence
from vendors.models import AssessmentEvidence, Authorisation, Service
from vendors.queries.bases import label_of
from vendors.services.authorisations import end_authorisation, lock_authorisation
from vendors.services.drafting import lock_draft
from vendors.services.reassessments import void_pending_approval
from vendors.services.validation import check_fields


def attach_evidence(
    *, actor: Actor, assessment_id: uuid.UUID, evidence_id: uuid.UUID, proves: str = ""
) -> AssessmentEvidence:
    """Put evidence forward; whether it counts is asked at submission, approval and use (I20, I22)."""
    with audited(
        actor, "vendors.assessment.evidence_attached", subject_kind="vendors.assessment", subject_id=assessment_id
    ) as change:
        assessment = lock_draft(actor=actor, assessment_id=assessment_id)
        evidence = Evidence.objects.filter(pk=evidence_id, withdrawn_at=None).first()
        if evidence is None:
            raise InvalidInputError(_("Choose evidence that is on file."), field="evidence")
        if assessment.evidence_links.filter(evidence=evidence).exists():
            raise InvalidInputError(_("This evidence is already attached."), field="evidence")
        link = AssessmentEvidence(
            assessment=assessment, evidence=evidence, proves=proves.strip(), attached_by_id=actor.id
        )
        check_fields(link, ("proves",))
        link.save()
        change.details = {"evidence": str(evidence_id), "digest": evidence.digest}
        return link


def detach_evidence(*, actor: Actor, assessment_id: uuid.UUID, evidence_id: uuid.UUID) -> None:
    """Take evidence off the assessment; the evidence itself stays on file (I24)."""
    with audited(
        actor, "vendors.assessment.evidence_detached", subject_kind="vendors.assessment", subject_id=assessment_id
    ) as change:
        assessment = lock_draft(actor=actor, assessment_id=assessment_id)
        gone, _rows = assessment.evidence_links.filter(evidence_id=evidence_id).delete()
        if not gone:
            raise NotFoundError(_("This evidence is not attached."))
        change.details = {"evidence": str(evidence_id)}


def react_to_lost_evidence(actor: Actor, evidence: Evidence) -> None:
    """Evidence stopped counting: what is approved on it is suspended at once, what waits on it is void (I22).

    Called by the evidence room inside the change that withdrew it or found it redacted or infected.
    """
    reason = _("%(what)s no longer counts.") % {"what": label_of(evidence)}
    live = Authorisation.objects.filter(state=Authorisation.State.LIVE, bases__evidence=evidence)
    for row_id in set(live.values_list("pk", flat=True)):
        end_authorisation(
            actor=actor, authorisation=lock_authorisation(row_id), state=Authorisation.State.SUSPENDED,
            code="evidence_lost", reason=reason,
        )  # fmt: skip
    for service in Service.objects.filter(assessments__evidence_links__evidence=evidence).distinct():
        void_pending_approval(actor=actor, service=service, reason=reason)
