"""Findings: mended by one, closed by another; a risk accepted by somebody who has no part in it."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from auditlog.errors import AuthorityError, InvalidInputError, SeparationOfDutiesError, StateError, StepUpRequiredError
from auditlog.models import Event
from tests.vendors import world as company
from vendors.queries.completeness import missing_for_submission
from vendors.services.findings import (
    ACCEPT,
    accept_finding,
    acceptance_digest,
    close_finding,
    remediate_finding,
    reopen_finding,
)

REASON = "The gateway strips names before anything is sent."


def accept(world, finding, name="security_approver", until=None, bound_to=None):
    actor, until = world.actor(name), until or company.days(30)
    digest = bound_to or acceptance_digest(finding=finding, person_id=actor.id, reason=REASON, until=until)
    step_up = world.step_up(actor, ACCEPT, digest)
    return accept_finding(actor=actor, finding_id=finding.id, reason=REASON, until=until, step_up_id=step_up.id)


def remediate(world, finding, name="system_owner"):
    return remediate_finding(actor=world.actor(name), finding_id=finding.id, resolution="Switched off.")


@pytest.fixture
def draft(world):
    return company.complete(world)


def test_works(world, draft):
    finding = company.finding_on(world, draft)
    assert remediate(world, finding).state == "remediated"
    assert close_finding(actor=world.actor("vendor_analyst"), finding_id=finding.id).state == "closed"


def test_accepting_takes_it_off_the_list_until_its_day(world, draft):
    finding = accept(world, company.finding_on(world, draft))
    assert (finding.state, finding.accepted_by) == ("accepted", world.person["security_approver"])
    assert missing_for_submission(draft) == []
    assert [row.code for row in missing_for_submission(draft, company.days(31))] == ["finding"]


def test_i08_who_raised_it_never_accepts_it(world, draft):
    world.give("vendor_analyst", "security_approver")
    with pytest.raises(SeparationOfDutiesError) as refusal:
        accept(world, company.finding_on(world, draft), "vendor_analyst")
    assert "raised" in refusal.value.message


def test_i08_who_drafted_never_accepts(world, draft):
    world.give("second_vendor_analyst", "security_approver")
    finding = company.finding_on(world, draft)
    company.edit_conditions(actor=world.actor("second_vendor_analyst"), assessment_id=draft.id, conditions="x")
    with pytest.raises(SeparationOfDutiesError):
        accept(world, finding, "second_vendor_analyst")


def test_i08_who_is_to_mend_it_never_accepts(world, draft):
    finding = company.finding_on(world, draft, owner_id=world.person["second_security_approver"].id)
    with pytest.raises(SeparationOfDutiesError):
        accept(world, finding, "second_security_approver")


@pytest.mark.parametrize("name", ["second_vendor_analyst", "administrator", "auditor", "employee"])
def test_accepting_requires_right(world, draft, name):
    with pytest.raises(AuthorityError):
        accept(world, company.finding_on(world, draft), name)


def test_i01_accepting_needs_a_second_factor_for_exactly_this(world, draft):
    with pytest.raises(StepUpRequiredError):
        accept(world, company.finding_on(world, draft), bound_to="0" * 64)


def test_accepting_needs_a_day_to_come(world, draft):
    with pytest.raises(InvalidInputError):
        accept(world, company.finding_on(world, draft), until=company.days(0))


def test_who_mended_it_does_not_close_it(world, draft):
    finding = company.finding_on(world, draft)
    remediate(world, finding, "vendor_analyst")
    with pytest.raises(SeparationOfDutiesError):
        close_finding(actor=world.actor("vendor_analyst"), finding_id=finding.id)


def test_an_open_one_is_not_closed(world, draft):
    with pytest.raises(StateError):
        close_finding(actor=world.actor("vendor_analyst"), finding_id=company.finding_on(world, draft).id)


def test_reopening_forgets_the_acceptance(world, draft):
    finding = accept(world, company.finding_on(world, draft))
    finding = reopen_finding(actor=world.actor("vendor_analyst"), finding_id=finding.id, reason="It happened again.")
    assert (finding.state, finding.accepted_by_id, finding.step_up_id) == ("open", None, None)


def test_strangers_mend_nothing(world, draft):
    with pytest.raises(AuthorityError):
        remediate(world, company.finding_on(world, draft), "employee")


def test_a_due_day_lies_ahead(world, draft):
    with pytest.raises(InvalidInputError), time_machine.travel(timezone.now() + dt.timedelta(days=40), tick=False):
        company.finding_on(world, draft, due_on=(timezone.now() - dt.timedelta(days=1)).date())


def test_i01_the_page_takes_a_code_or_a_key_and_spends_neither_on_a_refusal(world, draft):
    finding = company.finding_on(world, draft)
    client, address = world.client("security_approver"), f"/vendors/findings/{finding.id}/accept/"
    given = {"acceptance-reason": REASON, "acceptance-until": company.days(30).isoformat()}
    begun = client.post(f"{address}begin/", given)
    assert (begun.status_code, begun.json()["error"][:28]) == (422, "You have no security key. Ad")
    for factor in ({}, {"acceptance-assertion": "{"}, {"acceptance-assertion": "[]"}, {"acceptance-code": "000000"}):
        answer = client.post(address, given | factor)
        assert answer.status_code == 422
        assert REASON in answer.content.decode()
    finding.refresh_from_db()
    assert finding.state == "open"
    assert world.client("second_security_approver").post(f"{address}begin/", {}).status_code == 422


def test_begin_tells_who_may_not_and_keeps_the_attempt(world, draft):
    finding = company.finding_on(world, draft, owner_id=world.person["security_approver"].id)
    given = {"acceptance-reason": REASON, "acceptance-until": company.days(30).isoformat()}
    begun = world.client("security_approver").post(f"/vendors/findings/{finding.id}/accept/begin/", given)
    assert begun.status_code == 422
    assert "somebody else decides" in begun.json()["error"]
    assert Event.objects.filter(action="vendors.finding.accepted", outcome="refused").count() == 1
