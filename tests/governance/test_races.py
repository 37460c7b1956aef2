"""Two callers at once, on real PostgreSQL with real threads."""

from __future__ import annotations

import os
import threading

import pytest
from django.db import connection, connections

from auditlog.errors import GovernanceError
from auditlog.models import Event
from governance.canonical import digest
from governance.models import Approval, RoleAssignment, Signature
from governance.services.roles import request_role_change
from governance.services.signatures import SIGN, sign_approval, statement_of
from tests.world import World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

#: ``make races`` runs 1,000 rounds of 50 callers.
ROUNDS, CALLERS = int(os.environ.get("RACE_ROUNDS", "20")), int(os.environ.get("RACE_CALLERS", "16"))


def prepared(world, name, approval, count):
    """Ready-made calls: a step-up of its own for each."""
    actor = world.actor(name)
    statement = statement_of(approval=approval, person_id=actor.id, verdict="approve", reason="Fine.")
    return [
        {
            "actor": actor,
            "approval_id": approval.id,
            "seen_digest": approval.digest,
            "verdict": "approve",
            "reason": "Fine.",
            "step_up_id": world.step_up(actor, SIGN, digest(statement)).id,
        }
        for _n in range(count)
    ]


def rush(calls):
    """Make all calls at the same moment; gives how many were not refused."""
    gate, done = threading.Barrier(len(calls)), []

    def call(given):
        gate.wait()
        try:
            done.append(sign_approval(**given))
        except GovernanceError:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call, args=(given,)) for given in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done)


def test_i12_two_last_signatures_make_one_transition():
    assert connection.vendor == "postgresql"
    world = World()
    for number in range(ROUNDS):
        approval = request_role_change(
            actor=world.actor("administrator"), person_id=world.person["employee"].id,
            verb="give" if number % 2 == 0 else "end", role="access_approver", reason="Again.",
        ).approval  # fmt: skip
        half = CALLERS // 2
        calls = prepared(world, "security_approver", approval, half)
        calls += prepared(world, "second_security_approver", approval, half)
        assert rush(calls) == 1
        approval.refresh_from_db()
        assert approval.state == Approval.State.APPROVED
        assert Signature.objects.filter(approval=approval).count() == 1
    held = RoleAssignment.objects.filter(person=world.person["employee"], role="access_approver")
    assert held.count() == ROUNDS // 2
    given = Event.objects.filter(action="governance.role.given", subject_id=world.person["employee"].id).count()
    ended = Event.objects.filter(action="governance.role.ended", subject_id=world.person["employee"].id).count()
    assert (given, ended) == (ROUNDS // 2, ROUNDS // 2)
