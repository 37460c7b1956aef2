"""Asking twice: the same answer, one change; another request under the same key is refused."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
import time_machine
from django.db import connection, connections
from django.utils import timezone

from auditlog.errors import StateError
from auditlog.models import Event
from governance.models import KeptAnswer
from governance.services.answers import KEPT_FOR, Answer, KeyReusedError, answer_once, forget_answers
from governance.services.service_accounts import edit_service_account
from governance.vocabulary import Scope
from reviews.models import SourceRecord
from tests.calling import account_for, call, token_for
from tests.world import World

ADDRESS = "/api/v1/source-records/acme/WO-1"
BODY = {"content": {"text": "L/H BUCKET CYL LEAKING."}}


@pytest.fixture
def token(world):
    world.caller = account_for(world, "assistant", Scope.values)
    return token_for(world, world.caller)


def put(token, body=BODY, key="k-1", address=ADDRESS, **headers):
    return call("PUT", address, token=token, body=body, Idempotency_Key=key, **headers)


def changes():
    return Event.objects.filter(action__startswith="reviews.source").count()


def test_a_repeat_gets_the_same_answer_and_changes_nothing(token):
    first = put(token)
    assert first.status_code == 200, first.content
    assert "Idempotent-Replayed" not in first
    events = Event.objects.count()
    again = put(token)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert Event.objects.count() == events
    assert changes() == 1


@pytest.mark.parametrize(
    "other",
    [
        {"body": {"content": {"text": "Something else."}}},
        {"address": ADDRESS + "0"},
    ],
)
def test_another_request_under_the_same_key_is_refused(token, other):
    put(token)
    refused = put(token, **other)
    assert refused.status_code == 409
    assert refused.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert changes() == 1


def test_a_key_is_the_accounts_own(world, token):
    put(token)
    other = token_for(world, account_for(world, "another", Scope.values))
    assert "Idempotent-Replayed" not in put(other)


def test_another_token_of_the_same_account_is_the_same_caller(world, token):
    put(token)
    assert put(token_for(world, world.caller))["Idempotent-Replayed"] == "true"


def test_a_repeat_needs_the_scope_as_well(world, token):
    put(token)
    edit_service_account(
        actor=world.actor("administrator"), account_id=world.caller.id, name="x", scopes=[Scope.DECIDE]
    )
    assert put(token).status_code == 403


def test_what_was_refused_may_be_asked_again(token):
    refused = put(token, body={"content": None, "digest": "", "site": "nowhere"})
    assert refused.status_code in (404, 422)
    assert not KeptAnswer.objects.exists()
    assert put(token).status_code == 200


def test_a_refusal_is_recorded_as_of_the_service_that_refused(world, token):
    """The outer change gives way: its transaction is gone, the refusal's own event stays."""

    def refuse():
        from auditlog.change import audited
        from auditlog.errors import AuthorityError

        with audited(world.actor("employee"), "governance.person.added", subject_kind="governance.person"):
            raise AuthorityError("No.")

    from auditlog.errors import AuthorityError
    from governance.authority import actor_for_account

    actor = actor_for_account(world.caller, source="api", request_id="test-refusal")
    with pytest.raises(AuthorityError):
        answer_once(actor=actor, key="k", request_digest="d", answer=refuse)
    refused = Event.objects.filter(outcome="refused")
    assert [event.action for event in refused] == ["governance.person.added"]
    assert not KeptAnswer.objects.exists()


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 256, "\x7f"])
def test_a_key_nobody_could_keep_apart_is_refused(token, key):
    answer = put(token, key=key)
    assert answer.status_code == 400
    assert answer.json()["code"] == "IDEMPOTENCY_KEY_SHAPE"


def test_without_a_key_nothing_is_kept(token):
    assert call("PUT", ADDRESS, token=token, body=BODY).status_code == 200
    assert not KeptAnswer.objects.exists()


def test_answers_are_forgotten_after_a_week(token):
    put(token)
    assert forget_answers() == 0
    with time_machine.travel(timezone.now() + KEPT_FOR + dt.timedelta(seconds=1), tick=False):
        assert forget_answers() == 1
        assert forget_answers() == 0
    assert not KeptAnswer.objects.exists()


def test_the_key_itself_is_not_kept(token):
    put(token, key="order-4711")
    assert "order-4711" not in str(KeptAnswer.objects.values().get())
    assert all("order-4711" not in event.body for event in Event.objects.all())


def test_a_crash_leaves_neither_change_nor_answer(world, token):
    """The answer and the change are one transaction: whoever is killed between leaves nothing to trip over."""
    from governance.authority import actor_for_account

    actor = actor_for_account(world.caller, source="api", request_id="test-crash")

    def crash() -> Answer:
        edit_service_account(
            actor=world.actor("administrator"), account_id=world.caller.id, name="Half", scopes=["decide"]
        )
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        answer_once(actor=actor, key="k", request_digest="d", answer=crash)
    world.caller.refresh_from_db()
    assert world.caller.name == "assistant"
    assert not KeptAnswer.objects.exists()
    assert issubclass(KeyReusedError, StateError)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_change():
    assert connection.vendor == "postgresql"
    world = World()
    token = token_for(world, account_for(world, "assistant", Scope.values))
    for number in range(10):
        gate, answers = threading.Barrier(8), []

        def ask(number=number, gate=gate, answers=answers):
            gate.wait()
            try:
                answers.append(put(token, key=f"k-{number}", address=f"{ADDRESS}-{number}"))
            finally:
                connections.close_all()

        threads = [threading.Thread(target=ask) for _n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {answer.status_code for answer in answers} == {200}, [answer.content for answer in answers]
        assert len({answer.content for answer in answers}) == 1
        assert sum("Idempotent-Replayed" not in answer for answer in answers) == 1
    assert SourceRecord.objects.count() == 10
    assert changes() == 10
