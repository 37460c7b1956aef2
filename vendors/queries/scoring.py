"""The risk of an assessment as its records stand."""

from __future__ import annotations

from dataclasses import dataclass

from vendors.models import Assessment, Finding, IsolationReview
from vendors.risk import inherent_risk, residual_risk
from vendors.services.answers import score_assessment
from vendors.vocabulary import Risk

#: Findings that still weigh: not mended, or lived with.
WEIGHING = (Finding.State.OPEN, Finding.State.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Scores:
    """Inherent risk, the questionnaire's score (0–100), and what risk is left; ``None``: not known yet."""

    inherent: Risk | None
    score: int | None
    residual: Risk | None


def scores_of(assessment: Assessment) -> Scores:
    """Computed from scope, answers, isolation review and findings, each time."""
    inherent = inherent_risk(assessment.data_classes, assessment.criticality, assessment.service.hosting)
    total = score_assessment(assessment).total if assessment.questionnaire_id else None
    score = None if total is None else round(total)
    latest = assessment.isolation_reviews.order_by("-at").first()
    is_isolated = None if latest is None else latest.verdict != IsolationReview.Verdict.INADEQUATE
    findings = Finding.objects.filter(assessment__service_id=assessment.service_id, state__in=WEIGHING)
    weights = list(findings.values_list("severity", flat=True))
    return Scores(inherent, score, residual_risk(inherent, score, is_isolated, weights))
