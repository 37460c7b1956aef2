"""A vendor with a service, and an assessment as far along as a test wants it."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from typing import Any

import pikepdf
from django.utils import timezone

from auditlog.actors import job_actor
from governance.models import Evidence
from governance.services.evidence import add_evidence, review_redaction
from governance.services.evidence_checks import check_evidence
from vendors.models import Agreement, Assessment, Authorisation, Questionnaire, Service, Vendor
from vendors.services.agreements import AgreementDetails, TermDetails, record_agreement
from vendors.services.answers import Given, save_answers
from vendors.services.assessments import Scope, choose_questionnaire, edit_conditions, edit_scope, start_assessment
from vendors.services.evidence_links import attach_evidence
from vendors.services.findings import FindingDetails, raise_finding
from vendors.services.isolation_reviews import ReviewDetails, record_isolation_review
from vendors.services.questionnaires import import_questionnaire, upload_questionnaire
from vendors.services.service_models import add_service_model
from vendors.services.services import ServiceDetails, add_service
from vendors.services.sub_processors import add_sub_processor
from vendors.services.submission import submit_assessment
from vendors.services.vendors import VendorDetails, add_vendor

SONNET = "anthropic.claude-sonnet-4-5"
FOUR = ("data", "queries", "procedures", "outputs")
NUMBERS = itertools.count(1)

YAML = b"""
format: countersign-questionnaire/1
title: Short baseline
sections:
  - key: privacy
    title: Privacy
    questions:
      - key: trains
        text: Do you train on what customers send?
        kind: single
        required: true
        choices:
          - {key: never, label: "Never", score: 100}
          - {key: always, label: "Always", score: 0}
"""


def today() -> dt.date:
    """The day, UTC."""
    return timezone.now().date()


def days(count: int) -> dt.date:
    """So many days from today."""
    return today() + dt.timedelta(days=count)


def pdf() -> bytes:
    """A file nobody has added yet."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(200 + next(NUMBERS), 200))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def add_proof(world: Any, *, reviewed: bool = True, **claims: Any) -> Evidence:
    """Evidence added by an analyst, checked, and (``reviewed``) read by the privacy officer."""
    file = io.BytesIO(pdf())
    file.name = f"proof-{next(NUMBERS)}.pdf"
    row = add_evidence(actor=world.actor("vendor_analyst"), file=file, **claims)
    row = check_evidence(actor=job_actor("governance.evidence_check"), evidence_id=row.id)
    if not reviewed:
        return row
    return review_redaction(
        actor=world.actor("privacy_officer"), evidence_id=row.id, verdict="unredacted", reason="All readable."
    )


def soc2(world: Any, *, valid_until: dt.date | None = None, **claims: Any) -> Evidence:
    """A SOC 2 Type II report that counts."""
    given = {
        "kind": "soc2_type2", "issuer": "Schellman", "period_start": days(-400), "period_end": days(-40),
        "valid_until": valid_until or days(200), "scope": "Claude on Bedrock", "segregation_pages": "12",
        "privacy_pages": "31",
    }  # fmt: skip
    return add_proof(world, **given | claims)


def add_claude(world: Any, name: str = "Claude on Bedrock", **changes: Any) -> Service:
    """Anthropic's Claude on Bedrock, enterprise, in Frankfurt."""
    actor = world.actor("vendor_analyst")
    vendor = Vendor.objects.filter(name="Anthropic").first() or add_vendor(
        actor=actor, details=VendorDetails(name="Anthropic", website="https://anthropic.com", country="US")
    )
    details = {
        "name": name, "summary": "Drafts and summarises text.", "plan_tier": "enterprise", "hosting": "bedrock",
        "account_id": "4410-0001", "billing_owner": "IT procurement", "regions": ("eu-central-1", "eu-west-1"),
        "retention_days": 0, "trains_on_data": False, "owner_id": world.person["system_owner"].id,
    }  # fmt: skip
    service = add_service(actor=actor, vendor_id=vendor.id, details=ServiceDetails(**details | changes))
    add_service_model(actor=actor, service_id=service.id, family="Claude Sonnet", name=SONNET, version="4.5")
    add_sub_processor(
        actor=actor, service_id=service.id, name="Amazon Web Services", purpose="Hosting", regions=("eu-central-1",)
    )
    return service


def details_of(service: Service, **changes: Any) -> ServiceDetails:
    """A service's details with some changed."""
    names = (
        "name", "plan_tier", "hosting", "owner_id", "summary", "licence_tier", "account_id", "billing_owner",
        "retention_days", "trains_on_data",
    )  # fmt: skip
    known = {name: getattr(service, name) for name in names}
    return ServiceDetails(**known | {"regions": tuple(service.regions), "endpoints": ()} | changes)


def questionnaire(world: Any) -> Questionnaire:
    """One question that must be answered."""
    found = Questionnaire.objects.filter(name="Short baseline").first()
    if found:
        return found
    actor = world.actor("vendor_analyst")
    upload = upload_questionnaire(actor=actor, content=YAML, file_name="short.yaml")
    return import_questionnaire(actor=actor, upload_id=upload.id, name="Short baseline", required="marked")


def scope(**changes: Any) -> Scope:
    """A whole scope, with some of it changed."""
    given = {
        "intended_use": "Draft replies and summaries.", "data_classes": ("operational", "personal"),
        "environments": ("sandbox", "production"), "regions": ("eu-central-1",), "purposes": ("inference",),
        "models": (SONNET,), "criticality": 2, "requested_until": days(365),
    }  # fmt: skip
    return Scope(**given | changes)


def add_agreement(world: Any, service: Service, kind: str, terms: tuple[TermDetails, ...], **changes: Any) -> Agreement:
    """An agreement in force with its signed document."""
    if "evidence_id" not in changes:
        changes["evidence_id"] = add_proof(world, kind="zdr" if kind == "zdr" else "dpa", issuer="Anthropic").id
    given = {
        "kind": kind, "counterpart": "Anthropic PBC", "starts_on": days(-30), "ends_on": days(500),
        "service_id": service.id, "terms": terms,
    }  # fmt: skip
    details = AgreementDetails(**given | changes)
    return record_agreement(actor=world.actor("vendor_analyst"), vendor_id=service.vendor_id, details=details)


def zdr_terms() -> tuple[TermDetails, ...]:
    """What a zero retention agreement promises."""
    return TermDetails(kind="zero_retention"), TermDetails(kind="no_training", covers=FOUR)


REVIEW = ReviewDetails(
    method="configuration", verdict="adequate", network_path="VPC endpoint, no internet.",
    tenant_separation="An account of our own.", credentials_separation="One role for each environment.",
)  # fmt: skip


def complete(
    world: Any, service: Service | None = None, *, without: str = "", report_until: dt.date | None = None, **wanted: Any
) -> Assessment:
    """An assessment with everything in it, except what ``without`` names."""
    actor = world.actor("vendor_analyst")
    service = service or add_claude(world)
    row = start_assessment(actor=actor, service_id=service.id)
    edit_scope(actor=actor, assessment_id=row.id, scope=scope(**wanted))
    choose_questionnaire(actor=actor, assessment_id=row.id, questionnaire_id=questionnaire(world).id)
    if without != "answer":
        save_answers(actor=actor, assessment_id=row.id, answers={"trains": Given(raw=("never",))})
    if without != "report":
        attach_evidence(actor=actor, assessment_id=row.id, evidence_id=soc2(world, valid_until=report_until).id)
    if without != "zdr":
        add_agreement(world, service, "zdr", zdr_terms())
    if without != "dpa":
        add_agreement(world, service, "dpa", (TermDetails(kind="processor_only"),))
    if without != "isolation":
        record_isolation_review(actor=actor, assessment_id=row.id, details=REVIEW)
    edit_conditions(actor=actor, assessment_id=row.id, conditions="Only through the gateway.")
    return Assessment.objects.get(pk=row.id)


def approve(world: Any, service: Service | None = None, **wanted: Any) -> Authorisation:
    """A service assessed, submitted and countersigned."""
    row = complete(world, service, **wanted)
    approval = submit_assessment(actor=world.actor("vendor_analyst"), assessment_id=row.id)
    world.sign("security_approver", approval)
    return Authorisation.objects.get(assessment=row)


def finding_on(world: Any, assessment: Assessment, **changes: Any) -> Any:
    """A finding raised by the analyst, to be mended by the system owner."""
    given = {
        "title": "Logs keep prompts", "severity": 3, "owner_id": world.person["system_owner"].id, "due_on": days(30),
        "text": "Prompts lie in the provider's abuse logs.", "clause": "L2-12",
    }  # fmt: skip
    return raise_finding(
        actor=world.actor("vendor_analyst"), assessment_id=assessment.id, details=FindingDetails(**given | changes)
    )


def build(world: Any) -> None:
    """An approved service, one that waits for signatures, one being drafted with a finding."""
    world.authorisation = approve(world)
    world.vendor_service = world.authorisation.service
    world.vendor_row = world.vendor_service.vendor
    world.agreement = Agreement.objects.filter(service=world.vendor_service, kind="zdr").get()
    world.sub_processor = world.vendor_service.sub_processors.get()
    world.service_model = world.vendor_service.models.get()
    world.submitted = complete(world, add_claude(world, "Claude for Work"))
    submit_assessment(actor=world.actor("vendor_analyst"), assessment_id=world.submitted.id)
    world.draft_service = add_claude(world, "Claude API")
    world.draft = complete(world, world.draft_service, without="isolation")
    world.finding = finding_on(world, world.draft)
    world.questionnaire_row = questionnaire(world)
