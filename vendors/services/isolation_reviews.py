"""Isolation reviews: how the service keeps us apart from its other customers (L2-39)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError
from governance.models import Evidence
from vendors.models import IsolationReview
from vendors.services.drafting import lock_draft
from vendors.services.validation import check_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDetails:
    """What was examined, and the verdict."""

    method: str
    network_path: str
    tenant_separation: str
    credentials_separation: str
    verdict: str
    conditions: str = ""
    evidence_id: uuid.UUID | None = None


FIELDS = ("method", "network_path", "tenant_separation", "credentials_separation", "verdict", "conditions")


def record_isolation_review(*, actor: Actor, assessment_id: uuid.UUID, details: ReviewDetails) -> IsolationReview:
    """Record a review; the newest counts. Adequate under conditions must name them."""
    with audited(
        actor, "vendors.isolation_review.recorded", subject_kind="vendors.assessment", subject_id=assessment_id
    ) as change:
        assessment = lock_draft(actor=actor, assessment_id=assessment_id)
        review = IsolationReview(assessment=assessment, reviewer_id=actor.id, evidence=_evidence(details.evidence_id))
        for name in FIELDS:
            setattr(review, name, getattr(details, name).strip())
        check_fields(review, FIELDS)
        if review.verdict == IsolationReview.Verdict.CONDITIONS and not review.conditions:
            raise InvalidInputError(_("Name the conditions."), field="conditions")
        review.save()
        change.details = {"review": str(review.id), "method": review.method, "verdict": review.verdict}
        return review


def _evidence(evidence_id: uuid.UUID | None) -> Evidence | None:
    if evidence_id is None:
        return None
    row: Evidence | None = Evidence.objects.filter(pk=evidence_id, withdrawn_at=None).first()
    if row is None:
        raise InvalidInputError(_("Choose evidence that is on file."), field="evidence")
    return row
