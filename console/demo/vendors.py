"""Vendors the demo company has assessed, in different states, so that every page shows something real.

Everything goes through the services by the people who would do it: two analysts draft, another
person reads the pages, a security approver signs with a code of their own.
"""

from __future__ import annotations

import datetime as dt
import io
import time
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from django.utils import timezone
from django_otp.oath import TOTP

from auditlog.actors import Actor, job_actor
from auditlog.change import audited
from console.demo.company import MEMBERS, actor_of, command_actor
from governance.models import Approval, Evidence, Person
from governance.services.evidence import add_evidence, review_redaction
from governance.services.evidence_checks import check_evidence
from governance.services.signing import sign_with_factor
from vendors.models import Assessment, Questionnaire, Service, Vendor
from vendors.services.agreements import AgreementDetails, TermDetails, record_agreement
from vendors.services.answers import Given, save_answers
from vendors.services.assessments import (
    Scope,
    choose_questionnaire,
    edit_conditions,
    edit_scope,
    start_assessment,
)
from vendors.services.evidence_links import attach_evidence
from vendors.services.isolation_reviews import ReviewDetails, record_isolation_review
from vendors.services.questionnaires import import_questionnaire, upload_questionnaire
from vendors.services.service_models import add_service_model
from vendors.services.services import ServiceDetails, add_service
from vendors.services.sub_processors import add_sub_processor
from vendors.services.submission import submit_assessment
from vendors.services.vendors import VendorDetails, add_vendor

BASELINE = Path(__file__).parent / "files" / "vendor-baseline.yaml"
NAME = "AI vendor baseline"

GOOD = {
    "no_training": ("never",),
    "retention": ("none",),
    "human_review": ("none",),
    "private_endpoint": ("yes",),
    "regions_pinned": ("yes",),
    "encryption": ("own_keys",),
    "exceptions": ("None noted.",),
    "incident_notice": ("24",),
    "sub_processors": ("yes",),
    "assurance": ("soc2", "iso27001"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One vendor with one service and how far its assessment has come."""

    vendor: VendorDetails
    service: str
    summary: str
    plan: str
    hosting: str
    regions: tuple[str, ...]
    models: tuple[tuple[str, str], ...]
    analyst: str
    reader: str
    auditor: str
    days_left: int
    stage: str  # added | drafted | submitted | approved
    sub_processor: str = ""


CASES = (
    Case(
        VendorDetails(name="Google", website="https://cloud.google.com", country="US"),
        "Gemini on Vertex AI", "Drafts summaries of shift notes for supervisors.", "enterprise", "vertex",
        ("europe-west3", "europe-west4"), (("Gemini", "Gemini 2.5 Pro"), ("Gemini", "Gemini 2.5 Flash")),
        "Ana Lindqvist", "Chiara Moreau", "Coalfire Controls", 240, "approved", "Google Cloud EMEA",
    ),
    Case(
        VendorDetails(name="Microsoft", website="https://azure.microsoft.com", country="US"),
        "Azure OpenAI", "Classifies maintenance codes.", "enterprise", "azure", ("swedencentral", "westeurope"),
        (("GPT", "GPT-4.1"), ("GPT", "GPT-4.1 mini")), "Bruno Okafor", "David Kim", "Deloitte & Touche", 19, "approved",
        "Microsoft Ireland Operations",
    ),
    Case(
        VendorDetails(name="Mistral AI", website="https://mistral.ai", country="FR"),
        "Mistral Large on Bedrock", "Translates work instructions.", "enterprise", "bedrock", ("eu-west-3",),
        (("Mistral", "Mistral Large 2"),), "Bruno Okafor", "Ana Lindqvist", "Schellman", 300, "submitted",
    ),
    Case(
        VendorDetails(name="OpenAI", website="https://openai.com", country="US"),
        "ChatGPT Free", "Reported by three teams; never for customer data.", "free", "direct", ("us-east-1",),
        (("GPT", "GPT-4o mini"),), "Ana Lindqvist", "Bruno Okafor", "", 0, "drafted",
    ),
)  # fmt: skip


def seed_vendors() -> None:
    """Add what is not there yet, one vendor at a time: each wholly or not at all."""
    analyst = actor_of("Ana Lindqvist")
    if not Questionnaire.objects.filter(name=NAME).exists():
        upload = upload_questionnaire(actor=analyst, content=BASELINE.read_bytes(), file_name=BASELINE.name)
        import_questionnaire(actor=analyst, upload_id=upload.id, name=NAME, required="marked")
    for case in CASES:
        if not Vendor.objects.filter(name=case.vendor.name).exists():
            with audited(command_actor(), "console.demo.vendor_added", subject_kind="console.demo"):
                seed_case(case)
        if case.stage == "approved":
            sign_pending(case)


def seed_case(case: Case) -> None:
    """One vendor, as far as its stage says."""
    actor = actor_of(case.analyst)
    service = seed_service(actor, case)
    assessment = seed_assessment(actor, service, case)
    if case.stage == "drafted":
        return
    seed_proofs(actor, service, assessment, case)
    submit_assessment(actor=actor, assessment_id=assessment.id)


def seed_service(actor: Actor, case: Case) -> Service:
    """The vendor, its service, models and sub-processor."""
    vendor = add_vendor(actor=actor, details=case.vendor)
    safe = case.plan == "enterprise"
    owner = Person.objects.get(email=next(m.email for m in MEMBERS if m.name == "Jonas Berg"))
    details = ServiceDetails(
        name=case.service, summary=case.summary, plan_tier=case.plan, hosting=case.hosting, owner_id=owner.id,
        licence_tier="Enterprise" if safe else "", account_id="4410-demo" if safe else "",
        billing_owner="IT procurement" if safe else "", regions=case.regions,
        retention_days=0 if safe else None, trains_on_data=not safe,
    )  # fmt: skip
    service = add_service(actor=actor, vendor_id=vendor.id, details=details)
    for family, name in case.models:
        add_service_model(actor=actor, service_id=service.id, family=family, name=name)
    if case.sub_processor:
        add_sub_processor(
            actor=actor, service_id=service.id, name=case.sub_processor, purpose="Operates the regions",
            regions=case.regions,
        )  # fmt: skip
    return service


def seed_assessment(actor: Actor, service: Service, case: Case) -> Assessment:
    """Scope and answers."""
    assessment = start_assessment(actor=actor, service_id=service.id)
    today = timezone.now().date()
    scope = Scope(
        intended_use=case.summary, data_classes=("operational", "personal"), environments=("sandbox", "production"),
        regions=case.regions, purposes=("inference",), models=tuple(name for _family, name in case.models),
        criticality=2, requested_until=today + dt.timedelta(days=365),
    )  # fmt: skip
    edit_scope(actor=actor, assessment_id=assessment.id, scope=scope)
    baseline = Questionnaire.objects.filter(name=NAME).order_by("-version")[0]
    choose_questionnaire(actor=actor, assessment_id=assessment.id, questionnaire_id=baseline.id)
    given = GOOD if case.stage != "drafted" else {"no_training": ("opt_out",), "retention": ("thirty",)}
    save_answers(actor=actor, assessment_id=assessment.id, answers={key: Given(raw=raw) for key, raw in given.items()})
    return assessment


def seed_proofs(actor: Actor, service: Service, assessment: Assessment, case: Case) -> None:
    """Report, agreements with their terms, isolation review, conditions."""
    today = timezone.now().date()
    end = today - dt.timedelta(days=60)
    until = today + dt.timedelta(days=case.days_left)
    report = seed_document(
        actor, case, f"{case.vendor.name} SOC 2 Type II report", kind="soc2_type2", issuer=case.auditor,
        period_start=end - dt.timedelta(days=364), period_end=end, valid_until=until,
        scope=f"{case.service} and the regions it runs in", segregation_pages="12-14", privacy_pages="31",
    )  # fmt: skip
    attach_evidence(actor=actor, assessment_id=assessment.id, evidence_id=report.id)
    paper = seed_document(
        actor, case, f"{case.vendor.name} zero retention addendum", kind="zdr", issuer=case.vendor.name,
        valid_until=today + dt.timedelta(days=400),
    )  # fmt: skip
    terms = (
        TermDetails(kind="zero_retention"),
        TermDetails(kind="no_training", covers=("data", "queries", "procedures", "outputs")),
        TermDetails(kind="processor_only"),
        TermDetails(kind="residency", regions=case.regions),
        TermDetails(kind="sub_processor_notice", notice_days=30),
    )
    for kind, promised in (("zdr", terms[:2]), ("dpa", terms[2:])):
        record_agreement(
            actor=actor, vendor_id=service.vendor_id,
            details=AgreementDetails(
                kind=kind, counterpart=case.vendor.name, starts_on=today - dt.timedelta(days=30),
                ends_on=today + dt.timedelta(days=400), service_id=service.id, evidence_id=paper.id, terms=promised,
            ),
        )  # fmt: skip
    review = ReviewDetails(
        method="configuration", verdict="adequate",
        network_path="Private endpoint from our production network; public access is switched off.",
        tenant_separation="A project of our own; no state is shared between customers.",
        credentials_separation="A workload identity for each environment; no long-lived keys.",
    )  # fmt: skip
    record_isolation_review(actor=actor, assessment_id=assessment.id, details=review)
    edit_conditions(
        actor=actor, assessment_id=assessment.id, conditions="Only through the gateway; prompts carry no names."
    )


def seed_document(actor: Actor, case: Case, title: str, **claims: object) -> Evidence:
    """A document added by the analyst, checked, and read by somebody else."""
    file = io.BytesIO(pdf(title, f"Issued for {case.service}. A sample made for the demo company."))
    file.name = f"{title}.pdf"
    row = add_evidence(actor=actor, file=file, **claims)  # type: ignore[arg-type]
    check_evidence(actor=job_actor("governance.evidence_check"), evidence_id=row.id)
    return review_redaction(
        actor=actor_of(case.reader), evidence_id=row.id, verdict="unredacted", reason="Every page is readable."
    )


def pdf(title: str, text: str) -> bytes:
    """A one-page PDF that says what it is."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    lines = f"BT /F1 22 Tf 56 740 Td ({title}) Tj ET BT /F1 12 Tf 56 700 Td ({text}) Tj ET"
    page.Contents = document.make_stream(lines.encode("latin-1", "replace"))
    out = io.BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()


def sign_pending(case: Case) -> None:
    """Sign the case's assessment unless that is done: a change of its own, since a code is spent in one."""
    assessment = Assessment.objects.filter(service__vendor__name=case.vendor.name, state="submitted").first()
    if assessment is not None and assessment.approval is not None:
        sign_as(case.reader, assessment.approval)


def sign_as(name: str, approval: Approval) -> None:
    """Sign with the code before the current one, so that the current one is still good for signing in."""
    member = next(member for member in MEMBERS if member.name == name)
    totp = TOTP(member.seed)
    totp.time = time.time() - 30
    given = {
        "seen_digest": approval.digest,
        "verdict": "approve",
        "reason": "Evidence is current, isolation was inspected, terms exclude training and retention.",
        "code": f"{totp.token():06d}",
    }
    sign_with_factor(actor=actor_of(name), approval_id=approval.id, given=given)
