"""Webhooks to a real HTTP server: signed, retried for three days, once each by id."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import uuid

import pytest
import time_machine
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from auditlog.errors import InvalidInputError
from auditlog.models import Event
from outbox import guard
from outbox.models import Attempt, Endpoint, Message
from outbox.registry import DELIVERED, GONE, on_delivered
from outbox.services import add_endpoint, deliver_due_messages, deliver_message, replay_dead_messages, rotate_secret
from outbox.services.delivery import claim_message, send
from outbox.services.waits import LEASE, RESTS, WEBHOOK_WAITS, jittered
from tests.outbox.hooking import ABOUT, ACCOUNT, ADMIN, EVENT, endpoint_at, hook
from tests.outbox.posting import ACTOR, post
from tests.outbox.receiver import Receiver, trickle

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def deliver(message: Message | None) -> Message:
    assert message is not None
    deliver_message(actor=ACTOR, message_id=message.id)
    message.refresh_from_db()
    return message


def wake(endpoint_id: uuid.UUID) -> None:
    from auditlog.change import audited

    with audited(ACTOR, "outbox.endpoint.edited", subject_kind="outbox.endpoint", subject_id=endpoint_id):
        Endpoint.objects.filter(pk=endpoint_id).update(resting_until=None)


class TestDelivery:
    def test_product_gets_what_happened_signed(self, receiver):
        endpoint_at(receiver)
        message = deliver(hook(item="7", verdict="approve", note="größer"))
        [(path, headers, body)] = receiver.requests
        assert path == "/hooks"
        assert headers["webhook-id"] == str(message.id)
        assert headers["content-type"].startswith("application/json")
        told = Webhook(receiver.secret).verify(body, headers)
        assert told["type"] == EVENT
        assert told["data"] == {"item": "7", "verdict": "approve", "note": "größer"}
        assert dt.datetime.fromisoformat(told["timestamp"]).tzinfo
        assert (message.state, message.attempts) == ("sent", 1)

    def test_only_the_digest_stays_once_sent(self, receiver):
        endpoint_at(receiver)
        message = hook(customer="words")
        assert message is not None
        assert "words" in message.text
        message = deliver(message)
        assert message.text == ""
        assert message.digest == hashlib.sha256(receiver.requests[0][2]).hexdigest()

    def test_wrong_secret_or_changed_body_is_noticed(self, receiver):
        endpoint_at(receiver)
        deliver(hook(item="7"))
        [(_path, headers, body)] = receiver.requests
        for secret, sent in (("whsec_" + "A" * 44, body), (receiver.secret, body.replace(b"7", b"8"))):
            with pytest.raises(WebhookVerificationError):
                Webhook(secret).verify(sent, headers)
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=6)), pytest.raises(WebhookVerificationError):
            Webhook(receiver.secret).verify(body, headers)

    def test_receiver_that_knows_another_secret_refuses(self, receiver):
        endpoint_at(receiver)
        receiver.secret = "whsec_" + "A" * 44
        message = deliver(hook())
        assert (message.state, message.error) == ("waiting", "The receiver answered 401.")

    @pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
    def test_any_2xx_acknowledges(self, receiver, status):
        receiver.answer, receiver.body = status, b""
        endpoint_at(receiver)
        assert deliver(hook()).state == "sent"

    @pytest.mark.parametrize("status", [300, 302, 400, 404, 429, 500, 503])
    def test_nothing_else_does(self, receiver, status):
        receiver.answer = status
        endpoint_at(receiver)
        message = deliver(hook())
        assert message.state == "waiting"
        assert str(status) in message.error
        attempt = Attempt.objects.get(message=message)
        assert attempt.status == status
        assert attempt.ended_at

    def test_event_holds_no_content(self, receiver):
        endpoint_at(receiver)
        deliver(hook(customer="Confidential words"))
        bodies = " ".join(Event.objects.values_list("body", flat=True))
        assert "Confidential" not in bodies
        assert receiver.secret not in bodies
        assert receiver.url not in bodies


class TestQueue:
    def test_nothing_without_an_endpoint(self):
        assert hook() is None

    def test_nothing_the_product_did_not_ask_for(self, receiver):
        endpoint_at(receiver, events=("tests.thing.lost",))
        assert hook() is None
        assert hook(event="tests.thing.lost") is not None

    def test_unknown_event_is_a_defect(self):
        with pytest.raises(LookupError):
            hook(event="tests.never")

    def test_too_large_is_refused(self, receiver):
        endpoint_at(receiver)
        with pytest.raises(InvalidInputError):
            hook(text="x" * (1024 * 1024))

    def test_delivered_as_a_job_whoever_caused_it(self, receiver, django_capture_on_commit_callbacks):
        """A product's own call may queue one, and products run no jobs."""
        endpoint_at(receiver)
        product = dataclasses.replace(ACTOR, kind="service_account")
        with django_capture_on_commit_callbacks(execute=True):
            message = hook(actor=product)
        assert message is not None
        message.refresh_from_db()
        assert message.state in ("waiting", "sent")


class TestDown:
    def test_down_for_a_day_then_all_once_each_by_id(self, settings):
        settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
        receiver = Receiver().start()
        endpoint = endpoint_at(receiver)
        port = receiver.server.server_address[1]
        receiver.stop()
        messages = [hook(number=n) for n in range(20)]
        start = timezone.now()
        for quarter in range(24 * 4):
            with time_machine.travel(start + quarter * dt.timedelta(minutes=15)):
                deliver_due_messages()
        assert not Message.objects.filter(state="sent").exists()
        endpoint.refresh_from_db()
        assert endpoint.failing_since
        assert Attempt.objects.count() < 24 * 4 + 20, "it rests, so one dead receiver does not hold up the others"
        again = Receiver(secret=receiver.secret)
        again.start_at(port)
        try:
            for hour in range(24, 28):
                with time_machine.travel(start + hour * dt.timedelta(hours=1) + dt.timedelta(minutes=16)):
                    deliver_due_messages()
        finally:
            again.stop()
        assert again.seen == {str(message.id): 1 for message in messages if message}
        assert not Message.objects.exclude(state="sent").exists()
        endpoint.refresh_from_db()
        assert (endpoint.failures, endpoint.failing_since, endpoint.resting_until) == (0, None, None)

    def test_waits_longer_after_each_failure_for_three_days(self, receiver, no_jitter):
        receiver.answer = 500
        endpoint = endpoint_at(receiver)
        message = hook()
        assert message is not None
        now = timezone.now()
        waits = []
        while message.state == "waiting":
            with time_machine.travel(now, tick=False):
                wake(endpoint.id)
                deliver(message)
            waits.append(message.next_at - now)
            now = message.next_at
        assert tuple(waits[: len(WEBHOOK_WAITS)]) == WEBHOOK_WAITS
        assert message.closed_at is not None
        assert dt.timedelta(days=3) <= message.closed_at - message.waiting_since < dt.timedelta(days=3, minutes=1)
        assert message.state == "dead"
        assert message.text, "kept, so that it can be replayed"
        assert len(receiver.requests) == message.attempts

    def test_those_that_waited_behind_a_dead_endpoint_are_given_up_too(self, receiver):
        receiver.answer = 500
        endpoint_at(receiver)
        messages = [hook(number=n) for n in range(5)]
        deliver(messages[0])
        with time_machine.travel(timezone.now() + 3 * DAY + dt.timedelta(minutes=1)):
            for _sweep in range(2):
                deliver_due_messages()
        assert Message.objects.filter(state="dead").count() == 5
        assert len(receiver.requests) == 2

    def test_jitter_is_a_fifth(self):
        waits = {jittered(dt.timedelta(seconds=100)).total_seconds() for _n in range(200)}
        assert 80 <= min(waits) < 90 < 110 < max(waits) <= 120

    def test_rests_after_a_failure_and_leaves_the_others_alone(self, receiver, mailbox, no_jitter):
        receiver.answer = 500
        endpoint = endpoint_at(receiver)
        first, second = hook(), hook()
        mail = post()
        deliver(first)
        endpoint.refresh_from_db()
        assert endpoint.resting_until - endpoint.failing_since == RESTS[0]
        assert deliver(second).attempts == 0
        assert deliver_due_messages() == 1
        mail.refresh_from_db()
        assert mail.state == "sent"

    def test_one_poisoned_message_does_not_stop_the_rest(self, receiver):
        endpoint_at(receiver)
        poison, *others = [hook(number=n) for n in range(4)]
        receiver.act = lambda handler: refuse(handler, str(poison.id) in handler.headers["webhook-id"])
        start = timezone.now()
        for second in range(0, 60, 10):
            with time_machine.travel(start + dt.timedelta(seconds=second)):
                deliver_due_messages()
        assert receiver.seen == {str(message.id): 1 for message in others}


def refuse(handler, really: bool) -> bool:
    if really:
        handler.send_response(500)
        handler.end_headers()
    return really


class TestKilled:
    def test_between_answer_and_note_the_same_id_comes_again(self, receiver):
        endpoint_at(receiver)
        message = hook()
        assert message is not None
        attempt = claim_message(actor=ACTOR, message_id=message.id)
        send(attempt.message)  # and here the worker dies
        assert deliver_due_messages() == 0
        with time_machine.travel(timezone.now() + LEASE + dt.timedelta(seconds=1)):
            assert deliver_due_messages() == 1
        assert receiver.seen == {str(message.id): 2}
        assert len({body for _path, _headers, body in receiver.requests}) == 1
        message.refresh_from_db()
        assert message.state == "sent"
        assert Attempt.objects.filter(message=message, ended_at=None).count() == 1


class TestOnDelivered:
    @pytest.fixture
    def told(self, monkeypatch):
        heard: list = []
        monkeypatch.setitem(DELIVERED, ABOUT, None)
        on_delivered(ABOUT, lambda actor, about_id, message: heard.append((about_id, message.id)))
        return heard

    def test_tells_whoever_waits_for_it_once(self, receiver, told):
        endpoint_at(receiver)
        message = deliver(hook())
        deliver(message)
        assert told == [(message.about_id, message.id)]

    def test_tells_nobody_of_a_failure(self, receiver, told):
        receiver.answer = 500
        endpoint_at(receiver)
        deliver(hook())
        assert not told

    def test_second_acknowledgement_of_the_same_message_tells_nobody(self, receiver, told):
        endpoint_at(receiver)
        message = hook()
        assert message is not None
        first = claim_message(actor=ACTOR, message_id=message.id)
        with time_machine.travel(timezone.now() + LEASE + dt.timedelta(seconds=1)):
            deliver(message)
        from outbox.services.outcomes import note_sent

        note_sent(actor=ACTOR, attempt=first, status=200, milliseconds=1)
        assert len(told) == 1


class TestGone:
    def test_410_disables_the_endpoint(self, receiver, monkeypatch):
        heard: list = []
        monkeypatch.setattr("outbox.services.outcomes.GONE", [lambda actor, endpoint: heard.append(endpoint.id)])
        receiver.answer = 410
        endpoint = endpoint_at(receiver)
        assert deliver(hook()).state == "dead"
        endpoint.refresh_from_db()
        assert endpoint.disabled_at
        assert heard == [endpoint.id]
        assert hook() is None
        assert GONE is not None

    def test_what_waits_dies_at_once_and_goes_to_the_successor(self, receiver):
        endpoint = endpoint_at(receiver)
        message = hook()
        receiver.answer = 410
        deliver(hook())
        assert deliver(message).error == "The endpoint is disabled."
        receiver.answer = 200
        endpoint_at(receiver)
        assert replay_dead_messages(actor=ADMIN, endpoint_id=endpoint.id).count == 2
        assert deliver(message).state == "sent"
        assert message is not None
        assert message.endpoint_id != endpoint.id


class TestSecrets:
    def test_both_secrets_sign_for_a_day(self, receiver):
        endpoint = endpoint_at(receiver)
        old = receiver.secret
        _endpoint, new = rotate_secret(actor=ADMIN, endpoint_id=endpoint.id)
        assert old != new
        deliver(hook())
        assert receiver.seen
        [(_path, headers, body)] = receiver.requests
        assert Webhook(old).verify(body, headers) == Webhook(new).verify(body, headers)
        with time_machine.travel(timezone.now() + DAY):
            receiver.secret = new
            message = deliver(hook())
            _path, headers, body = receiver.requests[-1]
            assert message.state == "sent"
            assert " " not in headers["webhook-signature"]
            with pytest.raises(WebhookVerificationError):
                Webhook(old).verify(body, headers)

    def test_secret_is_not_in_the_database(self, receiver):
        endpoint = endpoint_at(receiver)
        row = json.dumps(Endpoint.objects.filter(pk=endpoint.pk).values().get(), default=str)
        assert receiver.secret not in row
        assert receiver.secret.removeprefix("whsec_") not in row


class TestSlow:
    def test_a_receiver_that_trickles_is_cut(self, receiver, monkeypatch):
        monkeypatch.setattr(guard, "DEADLINE_SECONDS", 0.5)
        receiver.act = trickle
        endpoint_at(receiver)
        message = deliver(hook())
        assert message.state == "waiting"
        assert "was not done within" in message.error

    def test_a_receiver_that_says_nothing_is_not_waited_for(self, receiver, monkeypatch):
        monkeypatch.setattr(guard, "READ_SECONDS", 0.2)
        receiver.act = lambda handler: not __import__("time").sleep(1)
        endpoint_at(receiver)
        assert "did not answer within" in deliver(hook()).error

    def test_an_endless_answer_is_not_read(self, receiver):
        receiver.body, receiver.headers = b"x" * 100_000, {"Content-Length": "100000000000"}
        endpoint_at(receiver)
        assert deliver(hook()).state == "sent"

    def test_a_compressed_bomb_is_not_opened(self, receiver):
        receiver.headers, receiver.body = {"Content-Encoding": "gzip"}, b"no gzip at all"
        endpoint_at(receiver)
        assert deliver(hook()).state == "sent"


def test_one_live_endpoint_for_each_account(receiver):
    endpoint_at(receiver)
    with pytest.raises(Exception, match="has an endpoint"):
        add_endpoint(actor=ADMIN, account_id=ACCOUNT, url=receiver.url)
