"""Every address of the vendors room (questionnaires have their own), and who gets through."""

from __future__ import annotations

from typing import Any

from tests.matrix import EVERYBODY, Route
from tests.vendors import world as company
from vendors.services.vendors import VendorDetails, add_vendor

READERS = {"vendor_analyst", "security_approver", "privacy_officer", "auditor", "administrator"}
ANALYST = {"vendor_analyst"}
RECORDERS = {"vendor_analyst", "privacy_officer"}
SIGNERS = {"security_approver"}


def _vendor(world: Any) -> dict[str, Any]:
    return {"vendor_id": world.vendor_row.id}


def _service(world: Any) -> dict[str, Any]:
    return {"service_id": world.vendor_service.id}


def _draft_service(world: Any) -> dict[str, Any]:
    return {"service_id": world.draft_service.id}


def _agreement(world: Any) -> dict[str, Any]:
    return {"agreement_id": world.agreement.id}


def _draft(world: Any) -> dict[str, Any]:
    return {"assessment_id": world.draft.id}


def _submitted(world: Any) -> dict[str, Any]:
    return {"assessment_id": world.submitted.id}


def _finding(world: Any) -> dict[str, Any]:
    return {"finding_id": world.finding.id}


def _sub_processor(world: Any) -> dict[str, Any]:
    return {"sub_processor_id": world.sub_processor.id}


def _attached(world: Any) -> dict[str, Any]:
    return {"assessment_id": world.draft.id, "evidence_id": world.draft.evidence_links.get().evidence_id}


def _model(world: Any) -> dict[str, Any]:
    return {"service_id": world.vendor_service.id, "model_id": world.service_model.id}


def grow_services(world: Any) -> None:
    """Twenty services, each with an approval."""
    for number in range(20):
        service = company.add_claude(world, f"Service {number:02}")
        if number % 5 == 0:
            company.approve(world, service)


def grow_vendors(world: Any) -> None:
    """Twenty vendors without a service."""
    for number in range(20):
        add_vendor(actor=world.actor("vendor_analyst"), details=VendorDetails(name=f"Vendor {number:02}"))


def grow_findings(world: Any) -> None:
    """Twenty findings on one service."""
    for number in range(20):
        company.finding_on(world, world.draft, title=f"Finding {number:02}")


def grow_agreements(world: Any) -> None:
    """Ten agreements with the vendor, and services of it."""
    for _number in range(10):
        company.add_agreement(world, world.vendor_service, "other", company.zdr_terms())
    for number in range(10):
        company.add_claude(world, f"Service {number:02}")


ROUTES = [
    Route("vendors:vendor_list", READERS, grow=grow_services),
    Route("vendors:vendor_export", READERS, args=lambda w: {"form": "csv"}, grow=grow_services),
    Route("vendors:vendor_add", ANALYST, grow=None),
    Route("vendors:vendor_add", ANALYST, method="POST", data=lambda w: {"name": "Mistral AI"}),
    Route("vendors:vendor_read", READERS, args=_vendor, grow=grow_agreements),
    Route("vendors:vendor_edit", ANALYST, args=_vendor),
    Route("vendors:vendor_edit", ANALYST, method="POST", args=_vendor, data=lambda w: {"name": "Anthropic PBC"}),
    Route("vendors:register", EVERYBODY, grow=grow_services),
    Route("vendors:register_read", EVERYBODY, args=_service),
    Route("vendors:service_read", READERS, args=_service, grow=grow_agreements),
    Route("vendors:service_add", ANALYST, args=_vendor),
    Route("vendors:service_add", ANALYST, method="POST", args=_vendor),
    Route("vendors:service_edit", ANALYST, args=_service),
    Route("vendors:service_edit", ANALYST, method="POST", args=_service),
    Route("vendors:service_assess", ANALYST, method="POST", args=_service),
    Route("vendors:service_revoke", SIGNERS, args=_service),
    Route("vendors:service_revoke", SIGNERS, method="POST", args=_service, data=lambda w: {"reason": "x", "code": "1"}),
    Route("vendors:service_revoke_begin", SIGNERS, method="POST", args=_service, data=lambda w: {"reason": "x"}),
    Route("vendors:service_model_add", ANALYST, args=_service),
    Route("vendors:service_model_add", ANALYST, method="POST", args=_service),
    Route("vendors:service_model_remove", ANALYST, method="POST", args=_model),
    Route("vendors:sub_processor_add", ANALYST, args=_service),
    Route("vendors:sub_processor_add", ANALYST, method="POST", args=_service),
    Route("vendors:sub_processor_edit", ANALYST, args=_sub_processor),
    Route("vendors:sub_processor_edit", ANALYST, method="POST", args=_sub_processor),
    Route("vendors:sub_processor_remove", ANALYST, method="POST", args=_sub_processor),
    Route("vendors:agreement_add", RECORDERS, args=_vendor),
    Route("vendors:agreement_add", RECORDERS, method="POST", args=_vendor),
    Route("vendors:agreement_read", READERS, args=_agreement),
    Route("vendors:agreement_replace", RECORDERS, args=_agreement),
    Route("vendors:agreement_replace", RECORDERS, method="POST", args=_agreement),
    Route("vendors:agreement_withdraw", RECORDERS, args=_agreement),
    Route("vendors:agreement_withdraw", RECORDERS, method="POST", args=_agreement, data=lambda w: {"reason": "Ended."}),
    Route("vendors:assessment_read", READERS, args=_submitted),
    Route("vendors:assessment_scope", READERS, args=_draft),
    Route("vendors:assessment_scope", ANALYST, method="POST", args=_draft),
    Route("vendors:assessment_questionnaire", READERS, args=_draft),
    Route("vendors:assessment_questionnaire", ANALYST, method="POST", args=_draft),
    Route("vendors:assessment_evidence", READERS, args=_draft),
    Route("vendors:assessment_evidence", ANALYST, method="POST", args=_draft),
    Route("vendors:assessment_evidence_detach", ANALYST, method="POST", args=_attached),
    Route("vendors:assessment_agreements", READERS, args=_draft),
    Route("vendors:assessment_isolation", READERS, args=_draft),
    Route("vendors:assessment_isolation", ANALYST, method="POST", args=_draft),
    Route("vendors:assessment_findings", READERS, args=_draft, grow=grow_findings),
    Route("vendors:assessment_findings", ANALYST, method="POST", args=_draft),
    Route("vendors:assessment_conditions", ANALYST, method="POST", args=_draft),
    Route("vendors:assessment_submit", ANALYST, method="POST", args=_draft),
    Route("vendors:assessment_withdraw", ANALYST, method="POST", args=_submitted),
    Route("vendors:assessment_take_back", ANALYST, method="POST", args=_draft),
    Route("vendors:finding_list", READERS, grow=grow_findings),
    Route("vendors:finding_read", READERS | {"system_owner"}, args=_finding),
    Route(
        "vendors:finding_remediate", ANALYST | {"system_owner"}, method="POST", args=_finding,
        data=lambda w: {"remediation-resolution": "Switched off."},
    ),
    Route("vendors:finding_reopen", ANALYST, method="POST", args=_finding),
    Route("vendors:finding_accept", SIGNERS, method="POST", args=_finding),
    Route("vendors:finding_accept_begin", SIGNERS, method="POST", args=_finding),
    Route("vendors:finding_close", ANALYST | SIGNERS, method="POST", args=_finding),
]  # fmt: skip
