"""An approval allows what was asked, no longer than what it stands on (I22)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from auditlog.errors import AuthorityError, InvalidInputError, StepUpRequiredError
from governance.models import Notification
from governance.services.evidence import withdraw_evidence
from tests.vendors import world as company
from vendors.models import Assessment, Authorisation
from vendors.queries.register import services_standing
from vendors.queries.standing import may_use, standing
from vendors.services.agreements import AgreementDetails, TermDetails, replace_agreement, withdraw_agreement
from vendors.services.authorisations import REVOKE, revocation_digest, revoke_authorisation, sweep_authorisations


def ask(authorisation, **changes):
    question = {
        "service_id": authorisation.service_id, "data_class": "personal", "environment": "production",
        "region": "eu-central-1", "purpose": "inference", "model": company.SONNET,
    }  # fmt: skip
    return [ground.code for ground in may_use(**question | changes)]


def stands(authorisation):
    return standing(Authorisation.objects.get(pk=authorisation.pk)).state


def test_works(world):
    authorisation = company.approve(world)
    assert authorisation.assessment.state == Assessment.State.APPROVED
    assert stands(authorisation) == "live"
    assert ask(authorisation) == []


def test_i22_ends_with_the_earliest_evidence(world):
    authorisation = company.approve(world, report_until=company.days(90))
    assert authorisation.until == dt.datetime.combine(company.days(91), dt.time(), tzinfo=dt.UTC)
    assert "SOC 2" in authorisation.until_because


def test_i22_ends_with_the_earliest_term(world):
    service = company.add_claude(world)
    row = company.complete(world, service, without="zdr", requested_until=company.days(300))
    company.add_agreement(world, service, "zdr", company.zdr_terms(), ends_on=company.days(20))
    approval = company.submit_assessment(actor=world.actor("vendor_analyst"), assessment_id=row.id)
    world.sign("security_approver", approval)
    assert Authorisation.objects.get().until.date() == company.days(21)


def test_ends_when_asked_for_at_the_latest(world):
    assert company.approve(world, requested_until=company.days(10)).until.date() == company.days(11)


@pytest.mark.parametrize("with_job", [False, True])
def test_i22_a_lapse_of_evidence_acts_by_itself(world, with_job):
    authorisation = company.approve(world, report_until=company.days(30))
    with time_machine.travel(dt.datetime.combine(company.days(30), dt.time(23, 59), tzinfo=dt.UTC), tick=False):
        assert stands(authorisation) == "live"
        assert sweep_authorisations() == 0
    with time_machine.travel(dt.datetime.combine(company.days(31), dt.time(), tzinfo=dt.UTC), tick=False):
        if with_job:
            assert sweep_authorisations() == 1
            assert sweep_authorisations() == 0
        assert stands(authorisation) == "suspended"
        assert "evidence_lost" in ask(authorisation)
        assert services_standing().get(pk=authorisation.service_id).standing_now in ("suspended", "lapsed")


def test_i22_the_sweep_closes_the_approval_and_tells_people(world):
    authorisation = company.approve(world, report_until=company.days(30))
    with time_machine.travel(dt.datetime.combine(company.days(31), dt.time(1), tzinfo=dt.UTC), tick=False):
        sweep_authorisations()
    authorisation.refresh_from_db()
    assert (authorisation.state, authorisation.reason_code) == ("suspended", "evidence_lost")
    assert authorisation.assessment.approval.state == "lapsed"
    assert Assessment.objects.get(pk=authorisation.assessment_id).state == "suspended"
    told = set(
        Notification.objects.filter(kind="vendors.authorisation.suspended").values_list("person__email", flat=True)
    )
    assert told == {f"{name}@example.com" for name in ("vendor_analyst", "system_owner", "security_approver")}


def test_time_running_out_lapses(world):
    authorisation = company.approve(world, requested_until=company.days(10))
    with time_machine.travel(timezone.now() + dt.timedelta(days=12), tick=False):
        assert stands(authorisation) == "lapsed"
        assert ask(authorisation) == ["time_ended"]
        sweep_authorisations()
    authorisation.refresh_from_db()
    assert authorisation.state == "lapsed"


def test_i22_withdrawn_evidence_suspends_at_once(world):
    authorisation = company.approve(world)
    report = authorisation.assessment.evidence_links.get().evidence
    withdraw_evidence(actor=world.actor("vendor_analyst"), evidence_id=report.id, reason="Superseded.")
    authorisation.refresh_from_db()
    assert authorisation.state == "suspended"
    assert "evidence_lost" in ask(authorisation)


def zdr_of(authorisation):
    return authorisation.service.agreements.get(kind="zdr")


def test_i22_a_withdrawn_agreement_suspends_at_once(world):
    authorisation = company.approve(world)
    withdraw_agreement(
        actor=world.actor("privacy_officer"), agreement_id=zdr_of(authorisation).id, reason="Terminated."
    )
    authorisation.refresh_from_db()
    assert (authorisation.state, authorisation.reason_code) == ("suspended", "term_withdrawn")
    assert ask(authorisation) == ["term_withdrawn"]


def replacement(world, authorisation, **changes):
    given = {
        "kind": "zdr", "counterpart": "Anthropic PBC", "starts_on": company.days(-1), "ends_on": company.days(700),
        "service_id": authorisation.service_id, "terms": company.zdr_terms(),
        "evidence_id": company.add_proof(world, kind="zdr", issuer="Anthropic").id,
    }  # fmt: skip
    return replace_agreement(
        actor=world.actor("vendor_analyst"), agreement_id=zdr_of(authorisation).id,
        details=AgreementDetails(**given | changes),
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"terms": (TermDetails(kind="zero_retention"),)},
        {"terms": (TermDetails(kind="zero_retention"), TermDetails(kind="no_training", covers=("data",)))},
        {"ends_on": company.days(400)},
        {"starts_on": company.days(5)},
        {"evidence_id": None},
    ],
    ids=["term left out", "covers less", "ends earlier", "begins later", "no document"],
)
def test_i22_a_worse_agreement_suspends_at_once(world, changes):
    authorisation = company.approve(world)
    replacement(world, authorisation, **changes)
    authorisation.refresh_from_db()
    assert (authorisation.state, authorisation.reason_code) == ("suspended", "term_worse")


def test_an_agreement_as_good_carries_the_approval_on(world):
    authorisation = company.approve(world)
    new = replacement(world, authorisation)
    authorisation.refresh_from_db()
    assert authorisation.state == "live"
    assert stands(authorisation) == "live"
    assert authorisation.bases.filter(term__agreement=new).count() == 2
    withdraw_agreement(actor=world.actor("vendor_analyst"), agreement_id=new.id, reason="Ended.")
    assert stands(authorisation) == "suspended"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"data_class": "sensitive"}, "data_class"), ({"data_class": ""}, "data_class"),
        ({"environment": "staging"}, "environment"), ({"region": "eu-west-1"}, "region"), ({"region": ""}, "region"),
        ({"purpose": "train"}, "purpose"), ({"purpose": "internal"}, "purpose"), ({"model": "gpt-4o"}, "model"),
    ],
)  # fmt: skip
def test_i90_what_was_not_approved_is_denied(world, changes, code):
    assert ask(company.approve(world), **changes) == [code]


def test_i90_an_unknown_service_is_denied(world):
    unknown = company.add_claude(world)
    question = dict.fromkeys(("data_class", "environment", "region", "purpose", "model"), "")
    assert [ground.code for ground in may_use(service_id=unknown.id, **question)] == ["not_approved"]


def test_a_newer_approval_takes_the_place_of_the_older(world):
    service = company.add_claude(world)
    older = company.approve(world, service)
    newer = company.approve(world, service)
    older.refresh_from_db()
    assert (older.state, older.reason_code) == ("lapsed", "replaced")
    assert stands(newer) == "live"
    assert ask(newer) == []


def revoke(world, authorisation, name="security_approver", reason="The vendor was breached.", bound_to=None):
    actor = world.actor(name)
    digest = bound_to or revocation_digest(authorisation.id, reason)
    step_up = world.step_up(actor, REVOKE, digest)
    return revoke_authorisation(actor=actor, authorisation_id=authorisation.id, reason=reason, step_up_id=step_up.id)


def test_revoking_denies_at_once(world):
    authorisation = company.approve(world)
    revoke(world, authorisation)
    authorisation.refresh_from_db()
    assert (authorisation.state, authorisation.assessment.approval.state) == ("revoked", "revoked")
    assert ask(authorisation) == ["revoked"]


@pytest.mark.parametrize("name", ["vendor_analyst", "administrator", "auditor", "employee"])
def test_revoking_requires_right(world, name):
    with pytest.raises(AuthorityError):
        revoke(world, company.approve(world), name)


def test_i01_revoking_needs_a_second_factor_for_exactly_this(world):
    authorisation = company.approve(world)
    with pytest.raises(StepUpRequiredError):
        revoke(world, authorisation, bound_to="0" * 64)
    assert stands(authorisation) == "live"


def test_revoking_needs_a_reason(world):
    with pytest.raises(InvalidInputError):
        revoke(world, company.approve(world), reason=" ")
