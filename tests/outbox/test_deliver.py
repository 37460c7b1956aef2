"""Delivery to a real SMTP server."""

from __future__ import annotations

import datetime as dt
import smtplib

import pytest
import time_machine
from django.utils import timezone

from auditlog.errors import AuthorityError, NotFoundError, StateError
from auditlog.models import Event
from outbox.models import Message
from outbox.services import deliver_due_messages, deliver_message, replay_message
from outbox.services.delivery import claim_message
from outbox.services.waits import LEASE, WAITS
from tests.outbox.posting import ACTOR, post

pytestmark = pytest.mark.django_db


def deliver(message: Message) -> Message:
    deliver_message(actor=ACTOR, message_id=message.id)
    message.refresh_from_db()
    return message


def test_delivers_to_the_server(mailbox):
    message = deliver(post(title="Grüße aus Zürich"))
    [mail] = mailbox.messages
    assert mail["Subject"] == "Grüße aus Zürich"
    assert mail["To"] == "ana@example.com"
    assert mail["Message-ID"] == f"<{message.id}@localhost>"
    assert "Please sign." in mail.get_content()
    assert (message.state, message.attempts) == ("sent", 1)


def test_forgets_the_text_once_sent(mailbox):
    assert deliver(post(text="https://example.com/reset/abc")).text == ""


def test_second_delivery_of_the_same_task_sends_nothing(mailbox):
    message = post()
    assert deliver_message(actor=ACTOR, message_id=message.id)
    events = Event.objects.count()
    assert not deliver_message(actor=ACTOR, message_id=message.id)
    assert deliver_due_messages() == 0
    assert len(mailbox.messages) == 1
    assert Event.objects.count() == events


def test_somebody_else_delivers_it(mailbox):
    message = post()
    claim_message(actor=ACTOR, message_id=message.id)
    with pytest.raises(StateError):
        claim_message(actor=ACTOR, message_id=message.id)
    assert not deliver_message(actor=ACTOR, message_id=message.id)
    assert not mailbox.messages


def test_deliverer_that_died_leaves_it_due_again(mailbox):
    message = post()
    claim_message(actor=ACTOR, message_id=message.id)
    with time_machine.travel(timezone.now() + LEASE + dt.timedelta(seconds=1)):
        assert deliver_due_messages() == 1
    assert len(mailbox.messages) == 1


def test_waits_longer_after_each_failure_then_gives_up(mailbox):
    mailbox.answer = "451 try later"
    message = post()
    now = timezone.now()
    for attempt, wait in enumerate(WAITS, start=1):
        with time_machine.travel(now, tick=False):
            deliver(message)
        assert (message.state, message.attempts) == ("waiting", attempt)
        assert message.next_at == now + wait
        assert message.error.startswith("451")
        now = message.next_at
    assert now - message.queued_at > dt.timedelta(days=2, hours=12)
    with time_machine.travel(now):
        deliver(message)
    assert message.state == "dead"
    assert message.text
    assert Event.objects.filter(action="outbox.message.died", subject_id=message.id).count() == 1


def test_gives_up_at_once_when_the_server_says_never(mailbox):
    mailbox.answer = "550 no such mailbox"
    message = deliver(post())
    assert (message.state, message.error) == ("dead", "550 no such mailbox")


def test_a_server_that_is_away_is_waited_for(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    message = deliver(post())
    assert (message.state, message.attempts) == ("waiting", 1)
    assert "ConnectionRefusedError" in message.error


def test_a_wrong_password_of_ours_does_not_kill_messages(settings, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise smtplib.SMTPAuthenticationError(535, b"bad credentials")

    monkeypatch.setattr("outbox.services.delivery.EmailMessage.send", refuse)
    assert deliver(post()).state == "waiting"


def test_sweep_delivers_what_is_due_only(mailbox):
    due, later = post(), post("later@example.com")
    mailbox.answer = "451 later"
    deliver(later)
    mailbox.answer = ""
    assert deliver_due_messages() == 1
    due.refresh_from_db()
    assert due.state == "sent"


class TestReplay:
    def dead(self, mailbox) -> Message:
        mailbox.answer = "550 never"
        message = deliver(post())
        mailbox.answer = ""
        return message

    def test_sends_again(self, world, mailbox):
        message = self.dead(mailbox)
        replay_message(actor=world.actor("administrator"), message_id=message.id)
        assert deliver(message).state == "sent"
        assert len(mailbox.messages) == 1

    def test_only_administrators(self, world, mailbox):
        message = self.dead(mailbox)
        with pytest.raises(AuthorityError):
            replay_message(actor=world.actor("auditor"), message_id=message.id)
        message.refresh_from_db()
        assert message.state == "dead"

    def test_only_what_was_given_up(self, world, mailbox):
        with pytest.raises(StateError):
            replay_message(actor=world.actor("administrator"), message_id=deliver(post()).id)

    def test_unknown_message(self, world):
        with pytest.raises(NotFoundError):
            replay_message(actor=world.actor("administrator"), message_id=world.tenant.id)
