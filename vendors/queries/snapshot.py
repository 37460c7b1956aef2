"""Everything that is approved with an assessment, in one canonical form: what a signature is bound to."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _

from auditlog.errors import NotFoundError
from governance.models import Evidence
from vendors.models import Agreement, Assessment, Finding, IsolationReview, Service, SubProcessor
from vendors.queries.dossier import Dossier
from vendors.queries.scoring import WEIGHING, Scores, scores_in
from vendors.services.answers import answers_snapshot


def snapshot_of(assessment_id: uuid.UUID) -> dict[str, Any]:
    """The assessment as it is now, with all that speaks for and against it (I10)."""
    assessment = (
        Assessment.objects.select_related("service__vendor", "service__owner", "questionnaire")
        .filter(pk=assessment_id)
        .first()
    )
    if assessment is None:
        raise NotFoundError(_("There is no such assessment."))
    dossier = Dossier(assessment)
    return {
        "assessment": str(assessment.id),
        "vendor": assessment.service.vendor.name,
        "service": _service(assessment.service),
        "scope": _scope(assessment),
        "conditions": assessment.conditions,
        "risk": _risk(scores_in(dossier)),
        "evidence": [_evidence(link.evidence) for link in dossier.links],
        "agreements": [_agreement(row) for row, why in dossier.agreement_problems.items() if not why],
        "isolation_review": _isolation(dossier.review),
        "findings": [_finding(row) for row in _remaining(dossier)],
        "answers": answers_snapshot(assessment),
    }


def _service(service: Service) -> dict[str, Any]:
    models = service.models.order_by("family", "name")
    return {
        "id": str(service.id),
        "name": service.name,
        "plan": service.plan_tier,
        "hosting": service.hosting,
        "account": service.account_id,
        "billing_owner": service.billing_owner,
        "endpoints": service.endpoints,
        "regions": service.regions,
        "retention_days": service.retention_days,
        "trains_on_data": service.trains_on_data,
        "models": [{"family": row.family, "name": row.name, "version": row.version} for row in models],
        "sub_processors": [_sub_processor(row) for row in service.sub_processors.filter(removed_at=None)],
    }


def _sub_processor(row: SubProcessor) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "purpose": row.purpose,
        "regions": row.regions,
        "parent": str(row.parent_id) if row.parent_id else None,
    }


def _scope(assessment: Assessment) -> dict[str, Any]:
    until = assessment.requested_until
    return {
        "intended_use": assessment.intended_use,
        "data_classes": assessment.data_classes,
        "environments": assessment.environments,
        "regions": assessment.regions,
        "purposes": assessment.purposes,
        "models": assessment.models,
        "criticality": assessment.criticality,
        "until": until.isoformat() if until else None,
    }


def _risk(scores: Scores) -> dict[str, Any]:
    return {"inherent": scores.inherent, "score": scores.score, "residual": scores.residual}


def _evidence(evidence: Evidence) -> dict[str, Any]:
    last_day = evidence.counts_until
    return {
        "id": str(evidence.id),
        "kind": evidence.kind,
        "digest": evidence.digest,
        "issuer": evidence.issuer,
        "until": last_day.isoformat() if last_day else None,
    }


def _agreement(agreement: Agreement) -> dict[str, Any]:
    return {
        "id": str(agreement.id),
        "kind": agreement.kind,
        "document": agreement.evidence.digest if agreement.evidence else None,
        "from": agreement.starts_on.isoformat(),
        "until": agreement.ends_on.isoformat() if agreement.ends_on else None,
        "terms": [
            {"kind": term.kind, "covers": term.covers, "regions": term.regions, "notice_days": term.notice_days}
            for term in agreement.terms.all()
        ],
    }


def _isolation(review: IsolationReview | None) -> dict[str, Any] | None:
    if review is None:
        return None
    return {
        "id": str(review.id),
        "method": review.method,
        "verdict": review.verdict,
        "network_path": review.network_path,
        "tenant_separation": review.tenant_separation,
        "credentials_separation": review.credentials_separation,
        "conditions": review.conditions,
        "reviewer": str(review.reviewer_id),
    }


def _remaining(dossier: Dossier) -> list[Finding]:
    """Findings that weigh: open ones and accepted risks, in an order that never changes by itself."""
    return sorted((row for row in dossier.findings if row.state in WEIGHING), key=lambda row: row.id)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": str(finding.id),
        "severity": finding.severity,
        "title": finding.title,
        "state": finding.state,
        "due": finding.due_on.isoformat(),
    }
