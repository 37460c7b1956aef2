"""The approval: who may sign, on what, how many, once."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import time_machine

from auditlog.actors import job_actor
from auditlog.change import audited
from auditlog.errors import (
    AuthorityError,
    InvalidInputError,
    SeparationOfDutiesError,
    StateError,
    StepUpRequiredError,
)
from governance.canonical import digest
from governance.models import Approval, RoleAssignment, RoleChange
from governance.services import signatures
from governance.services.approvals import time_out_approvals, withdraw_approval
from governance.services.people import rename_person
from governance.services.policies import propose_policy
from governance.services.roles import request_role_change
from governance.services.signatures import SIGN, sign_approval, statement_of
from governance.services.stepups import use_step_up

STATES = Approval.State


@pytest.fixture
def asked(world):
    """An administrator asks to make an employee an access approver."""
    change = request_role_change(
        actor=world.actor("administrator"), person_id=world.person["employee"].id, verb="give",
        role="access_approver", reason="Covers for parental leave.",
    )  # fmt: skip
    return change.approval


def holds(world, name: str, role: str) -> bool:
    return RoleAssignment.objects.live().filter(person=world.person[name], role=role).exists()


def test_signature_of_the_right_person_takes_effect(world, asked):
    signature = world.sign("security_approver", asked)
    asked.refresh_from_db()
    assert asked.state == STATES.APPROVED
    assert signature.digest == asked.digest
    assert holds(world, "employee", "access_approver")


def test_i08_requester_cannot_sign(world, asked):
    with pytest.raises(SeparationOfDutiesError):
        world.sign("administrator", asked)


def test_i08_beneficiary_cannot_sign_even_with_the_role(world):
    change = request_role_change(
        actor=world.actor("administrator"), person_id=world.person["security_approver"].id, verb="give",
        role="release_approver", reason="Joins the oversight team.",
    )  # fmt: skip
    with pytest.raises(SeparationOfDutiesError, match="benefits"):
        world.sign("security_approver", change.approval)
    assert world.sign("second_security_approver", change.approval)


def test_i13_administrator_signs_nothing(world, asked):
    with pytest.raises(SeparationOfDutiesError, match="sign nothing"):
        world.sign("second_administrator", asked)


def test_i13_auditor_signs_nothing(world, asked):
    with pytest.raises(SeparationOfDutiesError, match="sign nothing"):
        world.sign("auditor", asked)


def test_i13_nobody_changes_their_own_roles(world):
    with pytest.raises(SeparationOfDutiesError):
        request_role_change(
            actor=world.actor("administrator"), person_id=world.person["administrator"].id, verb="give",
            role="auditor", reason="Curious.",
        )  # fmt: skip


def test_wrong_role_is_refused(world, asked):
    with pytest.raises(AuthorityError, match="security approver"):
        world.sign("vendor_analyst", asked)


def test_i11_job_never_signs(world, asked):
    job = dataclasses.replace(job_actor("sweep"), roles=world.actor("security_approver").roles)
    with pytest.raises(AuthorityError, match="Only a person"):
        sign_approval(
            actor=job, approval_id=asked.id, seen_digest=asked.digest, verdict="approve", reason="x",
            step_up_id=None,
        )  # fmt: skip


def test_i01_no_signature_without_step_up(world, asked):
    with pytest.raises(StepUpRequiredError):
        sign_approval(
            actor=world.actor("security_approver"), approval_id=asked.id, seen_digest=asked.digest, verdict="approve",
            reason="Fine.", step_up_id=None,
        )  # fmt: skip


def bound(world, name, approval, **changes):
    actor = world.actor(name)
    statement = statement_of(approval=approval, person_id=actor.id, verdict="approve", reason="Fine.")
    given = {
        "actor": actor,
        "approval_id": approval.id,
        "seen_digest": approval.digest,
        "verdict": "approve",
        "reason": "Fine.",
    }
    given["step_up_id"] = world.step_up(actor, SIGN, digest(statement)).id
    return given | changes


def test_i01_step_up_is_for_this_verdict_only(world, asked):
    with pytest.raises(StepUpRequiredError):
        sign_approval(**bound(world, "security_approver", asked, verdict="reject"))


def test_i01_step_up_is_for_this_session_only(world, asked):
    with pytest.raises(StepUpRequiredError):
        sign_approval(
            **bound(world, "security_approver", asked, actor=world.actor("security_approver", session_id="other"))
        )


def test_i01_step_up_grows_old(world, asked):
    given = bound(world, "security_approver", asked)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=16)), pytest.raises(StepUpRequiredError):
        sign_approval(**given)


def test_i01_step_up_is_used_once(world):
    actor = world.actor("security_approver")
    step_up = world.step_up(actor, "test", "a" * 64)
    with audited(actor, "governance.approval.signed", subject_kind="governance.approval"):
        use_step_up(actor=actor, step_up_id=step_up.id, purpose="test", digest="a" * 64)
    with (
        pytest.raises(StepUpRequiredError),
        audited(actor, "governance.approval.signed", subject_kind="governance.approval"),
    ):
        use_step_up(actor=actor, step_up_id=step_up.id, purpose="test", digest="a" * 64)


def test_wrong_digest_seen_is_refused(world, asked):
    with pytest.raises(StateError, match="not what is asked"):
        sign_approval(**bound(world, "security_approver", asked, seen_digest="0" * 64))


def test_i10_changed_subject_supersedes_and_takes_no_effect(world, asked):
    rename_person(actor=world.actor("administrator"), person_id=world.person["employee"].id, name="Somebody Else")
    assert world.sign("security_approver", asked) is None
    asked.refresh_from_db()
    assert asked.state == STATES.SUPERSEDED
    assert not holds(world, "employee", "access_approver")


def require_two(world):
    """From now on role changes need two security approvers."""
    world.give("second_vendor_analyst", "security_approver")
    proposal = propose_policy(
        actor=world.actor("security_approver"), kind="governance.role_change", groups={"security_approver": 2},
        step_up_minutes=15, security_key_only=False, decide_within_days=7, reason="Two pairs of eyes.",
    )  # fmt: skip
    world.sign("second_security_approver", proposal.approval)


def ask(world, name="system_owner", role="access_approver"):
    return request_role_change(
        actor=world.actor("administrator"), person_id=world.person[name].id, verb="give", role=role, reason="Needed.",
    ).approval  # fmt: skip


def test_i09_quorum_counts_distinct_people(world):
    require_two(world)
    asked = ask(world)
    world.sign("security_approver", asked)
    asked.refresh_from_db()
    assert asked.state == STATES.PENDING
    with pytest.raises(StateError, match="already signed"):
        world.sign("security_approver", asked)
    world.sign("second_vendor_analyst", asked)
    asked.refresh_from_db()
    assert asked.state == STATES.APPROVED


def test_i10_withdrawing_voids_signatures(world):
    require_two(world)
    asked = ask(world)
    signature = world.sign("security_approver", asked)
    withdraw_approval(actor=world.actor("administrator"), approval_id=asked.id, reason="Wrong person.")
    signature.refresh_from_db()
    assert signature.voided_at is not None


def test_i06_role_lost_since_no_longer_counts(world):
    require_two(world)
    asked = ask(world)
    world.sign("security_approver", asked)
    proposal = request_role_change(
        actor=world.actor("second_administrator"), person_id=world.person["security_approver"].id, verb="end",
        role="security_approver", reason="Moves on.",
    )  # fmt: skip
    for name in ("second_security_approver", "second_vendor_analyst"):
        world.sign(name, proposal.approval)
    world.sign("second_vendor_analyst", asked)
    asked.refresh_from_db()
    assert asked.state == STATES.PENDING
    world.sign("second_security_approver", asked)
    asked.refresh_from_db()
    assert asked.state == STATES.APPROVED


def test_policy_is_pinned_when_filed(world, asked):
    require_two(world)
    world.sign("second_security_approver", asked)
    asked.refresh_from_db()
    assert asked.state == STATES.APPROVED


def test_one_rejection_rejects(world, asked):
    world.sign("security_approver", asked, verdict="reject", reason="Not needed.")
    asked.refresh_from_db()
    assert asked.state == STATES.REJECTED
    assert not holds(world, "employee", "access_approver")
    with pytest.raises(StateError):
        world.sign("second_security_approver", asked)


def test_unsatisfiable_policy_is_refused_at_filing(world):
    change = request_role_change(
        actor=world.actor("administrator"), person_id=world.person["second_security_approver"].id, verb="end",
        role="security_approver", reason="Leaves.",
    )  # fmt: skip
    world.sign("security_approver", change.approval)
    with pytest.raises(InvalidInputError, match="Nobody could decide"):
        request_role_change(
            actor=world.actor("administrator"), person_id=world.person["security_approver"].id, verb="give",
            role="access_approver", reason="x",
        )  # fmt: skip
    assert not RoleChange.objects.filter(person=world.person["security_approver"], role="access_approver").exists()


def test_unsatisfiable_policy_is_refused_when_proposed(world):
    with pytest.raises(InvalidInputError, match="Nobody could decide") as refusal:
        propose_policy(
            actor=world.actor("security_approver"), kind="governance.role_change", groups={"security_approver": 9},
            step_up_minutes=15, security_key_only=False, decide_within_days=7, reason="Many eyes.",
        )  # fmt: skip
    assert refusal.value.field == "groups"


def test_i11_time_closes_and_never_approves(world, asked):
    later = asked.decide_by + dt.timedelta(seconds=1)
    with time_machine.travel(later):
        with pytest.raises(StateError, match="run out"):
            world.sign("security_approver", asked)
        time_out_approvals(actor=job_actor("sweep"))
        time_out_approvals(actor=job_actor("sweep"))
    asked.refresh_from_db()
    assert asked.state == STATES.TIMED_OUT


def test_only_the_requester_withdraws(world, asked):
    with pytest.raises(AuthorityError):
        withdraw_approval(actor=world.actor("security_approver"), approval_id=asked.id, reason="")


def test_weak_factor_is_refused_where_a_key_is_asked(world):
    proposal = propose_policy(
        actor=world.actor("security_approver"), kind="governance.role_change", groups={"security_approver": 1},
        step_up_minutes=5, security_key_only=True, decide_within_days=7, reason="Keys.",
    )  # fmt: skip
    world.sign("second_security_approver", proposal.approval)
    asked = ask(world)
    with pytest.raises(AuthorityError, match="security key"):
        world.sign("security_approver", asked)


def test_empty_reason_is_refused_at_its_field(world, asked):
    with pytest.raises(InvalidInputError) as refusal:
        sign_approval(**bound(world, "security_approver", asked, reason="  "))
    assert refusal.value.field == "reason"


def test_i12_who_comes_second_never_undoes_the_last_signature(world, asked, monkeypatch):
    """The last signature itself changes what a role change shows; the loser of the race must not take it for news."""
    real = signatures.has_changed

    def overtaken(approval):
        monkeypatch.setattr(signatures, "has_changed", real)
        world.sign("second_security_approver", asked)
        return real(approval)

    monkeypatch.setattr(signatures, "has_changed", overtaken)
    with pytest.raises(StateError, match="closed"):
        world.sign("security_approver", asked)
    asked.refresh_from_db()
    assert (asked.state, asked.signatures.get().voided_at) == (STATES.APPROVED, None)
    assert holds(world, "employee", "access_approver")
