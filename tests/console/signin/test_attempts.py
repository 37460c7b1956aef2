"""The process's log tells of every try to sign in: with what, from where, how it ended, and no secret."""

from __future__ import annotations

import json
import logging

import pytest
from django.test import Client, RequestFactory

from auditlog.models import Event
from console.signin.attempts import client_address, digest_of_typed
from governance.models import SecurityKey
from governance.services.ceremonies import open_challenge
from governance.services.people import disable_person
from tests.console.signin.conftest import PASSWORD, code, give_password

pytestmark = pytest.mark.django_db
FROM = {"REMOTE_ADDR": "192.0.2.7"}


@pytest.fixture
def lines(caplog):
    """What was logged about sign-in so far, as dictionaries."""
    caplog.set_level(logging.INFO)
    return lambda: [
        record.msg for record in caplog.records
        if isinstance(record.msg, dict) and str(record.msg.get("event", "")).startswith(("signin.", "step_up."))
    ]  # fmt: skip


def test_a_sign_in_and_each_kind_of_failure_leave_a_line(member, world, lines):
    person, gone = member("vendor_analyst"), member("auditor")
    disable_person(actor=world.actor("administrator"), person_id=gone.id)
    give_password(Client(), person.email, "not the password", **FROM)
    give_password(Client(), gone.email, **FROM)
    give_password(Client(), "stranger@example.com", **FROM)
    client = Client(**FROM)
    give_password(client, person.email)
    client.post("/accounts/second-factor/", {"code": "000000"})
    told = lines()
    assert [(line["event"], line["factor"], line["why"]) for line in told] == [
        ("signin.failed", "password", "wrong"),
        ("signin.failed", "password", "disabled"),
        ("signin.failed", "password", "nobody"),
        ("signin.failed", "one_time", "invalid"),
    ]
    assert {line["address"] for line in told} == {"192.0.2.7"}
    assert [line.get("person_id") for line in told] == [str(person.id), str(gone.id), None, str(person.id)]


def test_a_success_names_both_factors_and_the_address(member, lines):
    person, client = member("vendor_analyst"), Client(**FROM)
    give_password(client, person.email)
    client.post("/accounts/second-factor/", {"code": code()})
    [line] = lines()
    assert line["event"] == "signin.succeeded" and line["address"] == "192.0.2.7"
    assert (line["first_factor"], line["second_factor"]) == ("password", "totp")
    assert line["person_id"] == str(person.id)


def test_no_line_holds_a_secret_or_what_a_stranger_typed(member, lines, caplog):
    person, client = member("vendor_analyst"), Client()
    give_password(client, "my-Secret.Passw0rd@example.com", "typed in the wrong field")
    give_password(client, person.email, "almost the password")
    give_password(client, person.email)
    client.post("/accounts/second-factor/", {"code": "123456"})
    client.post("/accounts/second-factor/", {"code": person.codes[0]})
    told = json.dumps(lines()) + caplog.text
    for secret in (
        "Passw0rd",
        "passw0rd",
        "wrong field",
        "almost the",
        PASSWORD,
        "123456",
        person.codes[0],
        person.email,
    ):
        assert secret not in told
    strange = next(line for line in lines() if line["why"] == "nobody")
    assert strange["typed_digest"] == digest_of_typed(" MY-secret.passw0rd@example.com ")


def test_too_many_tries_are_told_of(member, lines):
    person = member("vendor_analyst")
    for _n in range(11):
        give_password(Client(), person.email, "wrong", **FROM)
    assert lines()[-1]["event"] == "signin.throttled" and lines()[-1]["address"] == "192.0.2.7"


def test_the_address_cannot_be_forged_behind_a_proxy(settings):
    forged = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.9, 192.0.2.7")
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # ours added 192.0.2.7; what stands before it the client wrote
    assert client_address(forged) == "192.0.2.7"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0  # nobody of ours in front: the header is worth nothing
    assert client_address(forged) == "10.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 3  # fewer than there should be: not through our proxies
    assert client_address(forged) == "unknown"


def test_a_keys_wrong_answer_is_a_line_and_an_event(member, world, lines):
    person, client = member("vendor_analyst"), Client(**FROM)
    give_password(client, person.email)
    from governance.authority import session_digest

    actor = world.actor("vendor_analyst", session_id=session_digest(client.session.session_key))
    open_challenge(actor=actor, purpose="governance.sign_in")
    assert not SecurityKey.objects.filter(user=person).exists()
    client.post("/accounts/second-factor/", {"assertion": '{"id": "x"}'})
    assert lines()[-1]["factor"] == "security_key" and lines()[-1]["address"] == "192.0.2.7"
    kept = Event.objects.get(action="governance.security_key.refused")
    assert kept.content["details"]["purpose"] == "governance.sign_in"


def test_a_wrong_step_up_leaves_a_line(member, lines):
    person, client = member("vendor_analyst"), Client(**FROM)
    give_password(client, person.email)
    client.post("/accounts/second-factor/", {"code": code()})
    client.post("/step-up/?for=governance.devices.change", {"code": "000000", "password": PASSWORD})
    assert (lines()[-1]["event"], lines()[-1]["address"]) == ("step_up.failed", "192.0.2.7")
