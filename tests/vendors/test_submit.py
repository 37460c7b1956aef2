"""Submitting an assessment: complete or not at all (I20, I21), and never signed by who drafted it (I08, I25)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from auditlog.errors import AuthorityError, GovernanceError, InvalidInputError, SeparationOfDutiesError, StateError
from governance.models import Approval
from governance.services.evidence import review_redaction, withdraw_evidence
from tests.vendors import world as company
from vendors.models import Assessment, AssessmentDrafter, Authorisation
from vendors.queries.completeness import missing_for_submission
from vendors.queries.snapshot import snapshot_of
from vendors.services.agreements import TermDetails
from vendors.services.assessments import edit_conditions, edit_scope
from vendors.services.evidence_links import attach_evidence
from vendors.services.findings import remediate_finding
from vendors.services.isolation_reviews import ReviewDetails, record_isolation_review
from vendors.services.services import edit_service
from vendors.services.submission import submit_assessment, withdraw_submission


def submit(world, row, name="vendor_analyst"):
    return submit_assessment(actor=world.actor(name), assessment_id=row.id)


def codes(row):
    return [missing.code for missing in missing_for_submission(Assessment.objects.get(pk=row.id))]


def test_works(world):
    row = company.complete(world)
    assert codes(row) == []
    approval = submit(world, row)
    row.refresh_from_db()
    assert (row.state, row.approval_id) == ("submitted", approval.id)
    assert approval.state == Approval.State.PENDING
    assert row.residual_risk is not None


@pytest.mark.parametrize(
    ("without", "code"),
    [("answer", "answer"), ("report", "report"), ("zdr", "zero_retention"), ("dpa", "dpa"), ("isolation", "isolation")],
)
def test_i20_not_submitted_while_something_is_missing(world, without, code):
    row = company.complete(world, without=without)
    assert code in codes(row)
    with pytest.raises(InvalidInputError):
        submit(world, row)
    row.refresh_from_db()
    assert row.state == "draft"


@pytest.mark.parametrize(
    "name",
    ["intended_use", "data_classes", "environments", "regions", "purposes", "models", "criticality", "requested_until"],
)
def test_i20_not_submitted_without_a_whole_scope(world, name):
    empty = {"intended_use": "", "criticality": None, "requested_until": None}.get(name, ())
    row = company.complete(world, **{name: empty})
    assert codes(row) == [name]


def bad_report(world, kind):
    made = {
        "expired": lambda: company.soc2(world, valid_until=company.days(0)),
        "type_one": lambda: company.soc2(world, kind="soc2_type1"),
        "marketing": lambda: company.add_proof(world, kind="marketing", issuer="Anthropic"),
        "own_auditor": lambda: company.soc2(world, issuer="Anthropic PBC"),
        "unreviewed": lambda: company.soc2(world, reviewed=False),
    }
    return made[kind]()


@pytest.mark.parametrize("kind", ["expired", "type_one", "marketing", "own_auditor", "unreviewed"])
def test_i20_a_report_that_does_not_count_is_no_report(world, kind):
    row = company.complete(world, without="report")
    report = bad_report(world, kind)
    attach_evidence(actor=world.actor("vendor_analyst"), assessment_id=row.id, evidence_id=report.id)
    with time_machine.travel(timezone.now().replace(hour=12) + dt.timedelta(days=kind == "expired"), tick=False):
        assert codes(row) == ["report"]


def test_i20_a_redacted_report_does_not_count(world):
    row = company.complete(world, without="report")
    report = company.soc2(world, reviewed=False)
    review_redaction(
        actor=world.actor("privacy_officer"), evidence_id=report.id, verdict="redacted", reason="Page 1.",
        marks={1: "redacted"},
    )  # fmt: skip
    attach_evidence(actor=world.actor("vendor_analyst"), assessment_id=row.id, evidence_id=report.id)
    assert codes(row) == ["report"]


@pytest.mark.parametrize("covers", [company.FOUR[:3], ("data",)])
def test_i20_no_training_must_name_all_four(world, covers):
    service = company.add_claude(world)
    row = company.complete(world, service, without="zdr")
    terms = (TermDetails(kind="zero_retention"), TermDetails(kind="no_training", covers=covers))
    company.add_agreement(world, service, "zdr", terms)
    assert codes(row) == ["no_training"]


def test_i20_an_agreement_without_its_document_does_not_count(world):
    service = company.add_claude(world)
    row = company.complete(world, service, without="zdr")
    company.add_agreement(world, service, "zdr", company.zdr_terms(), evidence_id=None)
    assert codes(row) == ["zero_retention", "no_training"]


def test_i20_an_inadequate_isolation_review_does_not_do(world):
    row = company.complete(world, without="isolation")
    details = ReviewDetails(
        method="test", verdict="inadequate", network_path="Open internet.", tenant_separation="None.",
        credentials_separation="One key for all.",
    )  # fmt: skip
    record_isolation_review(actor=world.actor("vendor_analyst"), assessment_id=row.id, details=details)
    assert codes(row) == ["isolation"]


def test_an_open_high_finding_blocks_until_it_is_remediated(world):
    row = company.complete(world)
    finding = company.finding_on(world, row, severity=3)
    company.finding_on(world, row, severity=2, title="Small")
    assert codes(row) == ["finding"]
    remediate_finding(actor=world.actor("system_owner"), finding_id=finding.id, resolution="Switched off.")
    assert codes(row) == []


@pytest.mark.parametrize("tier", ["free", "consumer"])
@pytest.mark.parametrize("purpose", ["inference", "evaluation"])
def test_i21_free_and_consumer_plans_never_see_customer_data(world, tier, purpose):
    row = company.complete(world, company.add_claude(world, plan_tier=tier), purposes=(purpose, "internal"))
    assert codes(row) == ["plan"]
    with pytest.raises(InvalidInputError) as refusal:
        submit(world, row)
    assert refusal.value.clause == "L2-4"


def test_i21_internal_work_needs_no_company_plan(world):
    row = company.complete(world, company.add_claude(world, plan_tier="free"), purposes=("internal",))
    assert codes(row) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"account_id": ""}, "account"), ({"retention_days": None}, "retention"), ({"retention_days": 30}, "retention"),
        ({"trains_on_data": None}, "training"), ({"trains_on_data": True}, "training"),
    ],
)  # fmt: skip
def test_what_is_unknown_or_bad_of_the_service_is_missing(world, changes, code):
    assert codes(company.complete(world, company.add_claude(world, **changes))) == [code]


def test_i25_the_drafter_never_signs(world):
    row = company.complete(world)
    world.give("vendor_analyst", "security_approver")
    approval = submit(world, row)
    with pytest.raises(SeparationOfDutiesError):
        world.sign("vendor_analyst", approval)


def test_i08_who_only_edited_never_signs(world):
    row = company.complete(world)
    world.give("second_vendor_analyst", "security_approver")
    edit_conditions(actor=world.actor("second_vendor_analyst"), assessment_id=row.id, conditions="Another word.")
    approval = submit(world, row)
    assert AssessmentDrafter.objects.filter(assessment=row).count() == 2
    with pytest.raises(SeparationOfDutiesError):
        world.sign("second_vendor_analyst", approval)


@pytest.mark.parametrize("name", ["administrator", "auditor", "employee", "privacy_officer", "security_approver"])
def test_requires_right(world, name):
    row = company.complete(world)
    with pytest.raises(AuthorityError):
        submit(world, row, name)


def test_twice_is_refused(world):
    row = company.complete(world)
    submit(world, row)
    with pytest.raises(StateError):
        submit(world, row)


def test_nothing_changes_while_it_waits(world):
    row = company.complete(world)
    submit(world, row)
    with pytest.raises(StateError):
        edit_scope(actor=world.actor("vendor_analyst"), assessment_id=row.id, scope=company.scope())


def test_withdrawing_brings_it_back(world):
    row = company.complete(world)
    approval = submit(world, row)
    withdraw_submission(actor=world.actor("vendor_analyst"), assessment_id=row.id)
    row.refresh_from_db()
    approval.refresh_from_db()
    assert (row.state, approval.state) == ("in_review", "withdrawn")
    assert submit(world, row).id != approval.id


def test_rejection_ends_it(world):
    row = company.complete(world)
    world.sign("security_approver", submit(world, row), verdict="reject", reason="The report is thin.")
    row.refresh_from_db()
    assert row.state == "rejected"
    assert not Authorisation.objects.exists()


def test_i10_a_change_of_the_service_voids_what_waits(world):
    service = company.add_claude(world)
    row = company.complete(world, service)
    approval = submit(world, row)
    edit_service(
        actor=world.actor("vendor_analyst"),
        service_id=service.id,
        details=company.details_of(service, hosting="direct"),
    )
    approval.refresh_from_db()
    row.refresh_from_db()
    assert (approval.state, row.state) == ("superseded", "in_review")


def test_i10_a_change_nobody_announced_stops_the_signature(world):
    service = company.add_claude(world)
    row = company.complete(world, service)
    approval = submit(world, row)
    edit_service(
        actor=world.actor("vendor_analyst"),
        service_id=service.id,
        details=company.details_of(service, account_id="x-1"),
    )
    assert world.sign("security_approver", approval) is None
    row.refresh_from_db()
    assert row.state == "in_review"


def test_i20_evidence_lost_while_it_waits_stops_the_approval(world):
    row = company.complete(world)
    approval = submit(world, row)
    report = row.evidence_links.get().evidence
    withdraw_evidence(actor=world.actor("vendor_analyst"), evidence_id=report.id, reason="Wrong file.")
    approval.refresh_from_db()
    row.refresh_from_db()
    assert (approval.state, row.state) == ("superseded", "in_review")


def test_i20_evidence_that_expires_while_it_waits_stops_the_last_signature(world):
    row = company.complete(world, report_until=company.days(2))
    approval = submit(world, row)
    with time_machine.travel(timezone.now() + dt.timedelta(days=4), tick=False):
        with pytest.raises(GovernanceError):
            world.sign("security_approver", approval)
        approval.refresh_from_db()
        assert approval.state == "pending"
    assert not Authorisation.objects.exists()


def test_the_snapshot_holds_what_is_approved(world):
    row = company.complete(world)
    company.finding_on(world, row, severity=1)
    found = snapshot_of(row.id)
    assert found["evidence"][0]["digest"] == row.evidence_links.get().evidence.digest
    assert found["scope"]["models"] == [company.SONNET]
    assert {term["kind"] for one in found["agreements"] for term in one["terms"]} == {
        "zero_retention", "no_training", "processor_only",
    }  # fmt: skip
    assert found["isolation_review"]["verdict"] == "adequate"
    assert len(found["findings"]) == 1
    assert found["conditions"]
