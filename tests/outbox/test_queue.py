"""Queueing: with the change or not at all."""

from __future__ import annotations

import pytest

from auditlog.change import audited
from auditlog.errors import InvalidInputError, UnauditedWriteError
from auditlog.jobs import JOBS
from auditlog.models import Event
from outbox.models import Message
from outbox.services import queue_email
from tests.outbox.posting import ACTOR, post

pytestmark = pytest.mark.django_db


def test_message_holds_the_words_it_was_queued_with():
    message = post(title="Two\nlines & <more>")
    assert message.subject == "Two"
    assert post(title="A & <b>").subject == "A & <b>"
    assert "Please sign." in message.text
    assert message.state == "waiting"


def test_message_and_change_commit_together():
    class Refused(Exception):
        pass

    with pytest.raises(Refused), audited(ACTOR, "outbox.message.queued", subject_kind="tests.thing"):
        post()
        raise Refused
    assert not Message.objects.exists()
    assert not Event.objects.filter(action="outbox.message.queued").exists()


def test_event_holds_no_address_and_no_words():
    post("secret.person@example.com", text="Confidential")
    bodies = " ".join(body for body in Event.objects.values_list("body", flat=True))
    assert "outbox.message.queued" in bodies
    assert "secret.person" not in bodies
    assert "Confidential" not in bodies


@pytest.mark.parametrize("address", ["", "ana", "ana@", "a b@example.com", "ana@example.com\nBcc: x@example.com"])
def test_refuses_what_is_no_address(address):
    with pytest.raises(InvalidInputError) as refusal:
        post(address)
    assert refusal.value.field == "address"


def test_refuses_an_unknown_template():
    with pytest.raises(InvalidInputError) as refusal:
        queue_email(actor=ACTOR, address="ana@example.com", template="../../base", words={})
    assert refusal.value.field == "template"


def test_no_message_outside_a_change():
    with pytest.raises(UnauditedWriteError):
        Message(address="ana@example.com").save()


def test_fast_path_starts_only_after_commit(django_capture_on_commit_callbacks, monkeypatch):
    seen = []
    monkeypatch.setitem(JOBS, "outbox.message_deliver", lambda message_id, actor: seen.append((message_id, actor)))
    with django_capture_on_commit_callbacks() as callbacks:
        message = post()
        assert not seen
    assert len(callbacks) == 1
    assert message.attempts == 0
