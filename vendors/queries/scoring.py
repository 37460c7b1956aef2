"""The risk of an assessment as its records stand."""

from __future__ import annotations

import json
from dataclasses import dataclass

from vendors.models import Assessment, Finding, IsolationReview
from vendors.queries.dossier import Dossier
from vendors.risk import inherent_risk, residual_risk
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
    return scores_in(Dossier(assessment))


def scores_in(dossier: Dossier) -> Scores:
    """The same, from records already read."""
    assessment, review = dossier.assessment, dossier.review
    inherent = inherent_risk(assessment.data_classes, assessment.criticality, dossier.service.hosting)
    total = dossier.book.score().total if assessment.questionnaire_id else None
    score = None if total is None else round(total)
    is_isolated = None if review is None else review.verdict != IsolationReview.Verdict.INADEQUATE
    weights = [row.severity for row in dossier.findings if row.state in WEIGHING]
    return Scores(inherent, score, residual_risk(inherent, score, is_isolated, weights))


def scores_signed(assessment: Assessment) -> Scores:
    """As they were when the assessment was submitted: those a signature is bound to."""
    if assessment.approval is None:
        return scores_of(assessment)
    risk = json.loads(assessment.approval.snapshot)["risk"]
    levels = {name: Risk(risk[name]) if risk[name] else None for name in ("inherent", "residual")}
    return Scores(levels["inherent"], risk["score"], levels["residual"])
