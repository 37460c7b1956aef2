"""What products send about deletion: signed receipts, and requests about one person."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.utils import timezone
from standardwebhooks import Webhook

from auditlog.models import Event
from outbox import guard
from retention.models import Receipt, SubjectRequest
from retention.services.connections import make_signing_secret
from retention.vocabulary import CaseState, StepState
from tests.calling import account_for, call, token_for
from tests.outbox.receiver import Receiver
from tests.retention import world_holds as made
from tests.tenants.world import day

pytestmark = pytest.mark.django_db
RECEIPTS, REQUESTS = "/api/v1/deletion-receipts", "/api/v1/subject-requests"


@pytest.fixture
def token(world):
    return token_for(world, account_for(world, "assistant", ["retention:receipt"]))


@pytest.fixture
def asked(world):
    """A step whose product was asked, and the secret."""
    return made.asked_product(world)


@pytest.fixture
def send(token, asked):
    """Sends a receipt, signed as the product would."""
    step, secret = asked

    def sent(secret: str = secret, at=None, token: str = token, headers=None, **changes):
        body = made.body_of_receipt(step, **changes)
        signed = made.signed(secret, body, at) if headers is None else headers
        return call("POST", RECEIPTS, token=token, body=body, **signed)

    return sent


def test_i53_a_signed_receipt_verifies_the_store(asked, send):
    step, _secret = asked
    answer = send()
    assert answer.status_code == 200, answer.content
    row = Receipt.objects.get(step=step)
    assert answer.json() == {
        "request": str(step.id), "verified": True, "receipt": str(row.id),
        "taken_at": answer.json()["taken_at"],
    }  # fmt: skip
    step.refresh_from_db()
    assert (step.state, step.destroyed) == (StepState.VERIFIED, 12)
    assert row.attested_by == "assistant"
    step.case.refresh_from_db()
    assert step.case.state == CaseState.VERIFYING


def test_what_the_product_was_asked_is_signed_and_leads_back(world, settings, token):
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    receiver = Receiver().start()
    try:
        step, secret = made.asked_product(world, lambda _url, body, headers: guard.post(receiver.url, body, headers))
    finally:
        receiver.stop()
    ((_path, headers, body),) = receiver.requests
    told = Webhook(secret).verify(body, headers)
    assert told == {
        "type": "erasure.requested", "request": str(step.id), "case": str(step.case), "tenant": step.case.tenant.key,
        "store": "vault", "due_on": step.case.due_on.isoformat(), "subject": "",
        "receipt_url": f"{settings.PUBLIC_URL}{RECEIPTS}",
    }  # fmt: skip
    receipt = {"request": told["request"], "deleted": 0, "failed": 0, "verified_empty_at": timezone.now().isoformat()}
    answer = call("POST", RECEIPTS, token=token, body=receipt, **made.signed(secret, receipt))
    assert answer.json()["verified"] is True


def test_the_same_receipt_again_changes_nothing(asked, send):
    first = send()
    before = Event.objects.exclude(action="retention.step.receipt_taken").count()
    assert send().json() == first.json()
    assert Event.objects.exclude(action="retention.step.receipt_taken").count() == before
    assert Receipt.objects.filter(step=asked[0]).count() == 1


def test_a_receipt_with_failures_blocks_the_store(asked, send):
    answer = send(failed=3)
    assert answer.json() == {"request": str(asked[0].id), "verified": False, "receipt": None, "taken_at": None}
    asked[0].refresh_from_db()
    assert (asked[0].state, asked[0].trouble) == (StepState.FAILED, "failed")
    assert not Receipt.objects.exists()


def late() -> dt.datetime:
    return timezone.now() - dt.timedelta(minutes=6)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda world: {"secret": "whsec_" + "A" * 44},
        lambda world: {"at": late()},
        lambda world: {"headers": {"webhook_timestamp": "1", "webhook_signature": "v1,AAAA"}},
        lambda world: {"headers": {"webhook_timestamp": "99999999999999999999", "webhook_signature": "nonsense"}},
        lambda world: {"verified_empty_at": (timezone.now() - dt.timedelta(days=1)).isoformat()},
        lambda world: {"verified_empty_at": (timezone.now() + dt.timedelta(hours=1)).isoformat()},
        lambda world: {"verified_empty_at": timezone.now().replace(tzinfo=None).isoformat()},
    ],
)
def test_i53_what_is_not_signed_or_not_after_the_request_proves_nothing(world, asked, send, wrong):
    answer = send(**wrong(world))
    assert (answer.status_code, answer.json()["field"]) == (422, "receipt")
    assert not Receipt.objects.exists()


def test_another_body_than_was_signed_is_refused(asked, token):
    step, secret = asked
    body = made.body_of_receipt(step, failed=1)
    headers = made.signed(secret, body)
    assert call("POST", RECEIPTS, token=token, body=body | {"failed": 0}, **headers).status_code == 422
    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"deleted": -1}, "deleted"), ({"failed": "0"}, "failed"), ({"deleted": 2**53}, "deleted"), ({"failed": 1.5}, "failed")],
)  # fmt: skip
def test_counts_are_counts(send, change, field):
    answer = send(**change)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_the_headers_are_asked_for(send):
    answer = send(headers={})
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"webhook-timestamp", "webhook-signature"}


def test_a_secret_that_was_replaced_counts_no_more(world, asked, send):
    step, _old = asked
    new = make_signing_secret(actor=world.actor("administrator"), store_id=step.item.store_id)
    assert send().status_code == 422
    assert send(secret=new).status_code == 200


def test_another_tenants_request_does_not_exist(world, asked, send):
    bound = token_for(world, account_for(world, "bound", ["retention:receipt"], world.other_tenant))
    assert send(token=bound).status_code == 404
    assert not Receipt.objects.exists()


def test_the_secret_comes_back_in_no_answer_and_no_event(asked, send):
    _step, secret = asked
    answers = [send(), send(), send(at=late())]
    assert all(secret not in answer.content.decode() for answer in answers)
    assert not Event.objects.filter(body__contains=secret).exists()


def body(world, **changes):
    return {
        "tenant": world.tenant.key, "subject": made.SUBJECT, "reference": "DSR-1", "asked_by": "Their office",
        "identity_check": "Signed letter.", "received_on": day(-1).isoformat(),
    } | changes  # fmt: skip


def test_a_request_is_taken_in_once_and_read_without_the_person(world, token):
    made_by_api = call("POST", REQUESTS, token=token, body=body(world), Idempotency_Key="k1")
    again = call("POST", REQUESTS, token=token, body=body(world), Idempotency_Key="k1")
    assert (made_by_api.status_code, again["Idempotent-Replayed"]) == (201, "true")
    row = SubjectRequest.objects.get()
    told = call("GET", f"{REQUESTS}/{row.id}", token=token)
    assert told.json() == made_by_api.json() == {
        "id": str(row.id), "case": str(row.case), "tenant": "acme", "reference": "DSR-1", "state": "open",
        "received_on": day(-1).isoformat(), "due_on": day(27).isoformat(),
    }  # fmt: skip
    other = call("POST", REQUESTS, token=token, body=body(world))
    assert (other.status_code, other.json()["code"]) == (409, "STATE")
    assert str(row.case) in other.json()["detail"]
    everything = [made_by_api, again, told, other]
    assert all(made.SUBJECT not in answer.content.decode() for answer in everything)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "  "}, "subject"),
        ({"asked_by": ""}, "asked_by"),
        ({"received_on": "9999-12-31"}, "received_on"),
        ({"received_on": "yesterday"}, "received_on"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(world, token, change, field):
    answer = call("POST", REQUESTS, token=token, body=body(world, **change))
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert made.SUBJECT not in answer.content.decode()
    assert not SubjectRequest.objects.exists()


def test_requests_exist_for_their_own_tenants_account_alone(world, token):
    row = made.taken(world)
    bound = token_for(world, account_for(world, "bound", ["retention:receipt"], world.other_tenant))
    assert call("GET", f"{REQUESTS}/{row.id}", token=bound).status_code == 404
    assert call("POST", REQUESTS, token=bound, body=body(world, subject="w-2")).status_code == 404
    assert call("POST", REQUESTS, token=token, body=body(world, tenant="nobody")).status_code == 404


def test_the_operations_are_described(client):
    paths = json.loads(client.get("/api/v1/openapi.json").content)["paths"]
    described = paths[RECEIPTS]["post"]
    assert described["x-scope"] == "retention:receipt"
    assert {"webhook-signature", "webhook-timestamp"} <= {one["name"] for one in described["parameters"]}
