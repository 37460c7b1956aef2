"""Passwords at the entrance: right ones, wrong ones, and what nobody learns from either."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from auditlog.change import audited
from governance.models import Person
from tests.console.signin.conftest import PASSWORD, code, give_password, is_in

pytestmark = pytest.mark.django_db


def words(response) -> str:
    page = response.content.decode()
    page = re.sub(r'value="[^"]*"|nonce="[^"]*"', "", page)
    return re.sub(r"\s+", " ", page)


def test_password_then_code_signs_in(member):
    person, client = member("vendor_analyst"), Client()
    answer = give_password(client, person.email.upper())
    assert answer.status_code == 302 and answer["Location"] == "/accounts/second-factor/"
    assert not is_in(client)
    answer = client.post("/accounts/second-factor/", {"code": code()})
    assert answer.status_code == 302 and answer["Location"] == "/"
    assert is_in(client)
    assert client.session["second_factor_method"] == "totp"
    assert Person.objects.get(pk=person.pk).last_signed_in_at


def test_it_goes_where_they_wanted_but_never_elsewhere(member):
    person, client = member("vendor_analyst"), Client()
    client.post("/accounts/login/?next=/accounts/sessions/", {"email": person.email, "password": PASSWORD})
    assert client.post("/accounts/second-factor/", {"code": code()})["Location"] == "/accounts/sessions/"
    other = Client()
    other.post("/accounts/login/?next=https://evil.example/", {"email": person.email, "password": PASSWORD})
    assert other.post("/accounts/second-factor/", {"code": code(1)})["Location"] == "/"


def test_every_kind_of_wrong_looks_the_same(member, world):
    person = member("vendor_analyst")
    nobody = words(give_password(Client(), "nobody@example.com"))
    wrong = words(give_password(Client(), person.email, "wrong password here"))
    unset = words(give_password(Client(), world.person["auditor"].email))
    with audited(world.actor("administrator"), "governance.person.disabled", subject_kind="x", subject_id=person.id):
        Person.objects.filter(pk=person.pk).update(is_active=False)
    disabled = words(give_password(Client(), person.email))
    assert nobody == wrong == unset == disabled


def test_every_kind_of_wrong_takes_as_long(member, monkeypatch):
    """The hash is what takes time, so it is counted; a clock would only measure this machine's mood."""
    person, hashed = member("vendor_analyst"), []
    plain = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *given: hashed.append(1) or plain(*given))

    def hashes(email: str) -> int:
        hashed.clear()
        give_password(Client(), email, "wrong password here")
        return len(hashed)

    assert hashes(person.email) == hashes("nobody@example.com") == 1


def test_guessing_is_throttled_from_there_and_locks_nobody_else_out(member):
    person = member("vendor_analyst")
    answers = [give_password(Client(), person.email, "wrong password here").status_code for _n in range(12)]
    assert answers[:10] == [422] * 10 and answers[10:] == [429, 429]
    assert give_password(Client(), person.email).status_code == 429
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert give_password(elsewhere, person.email).status_code == 302


def test_a_session_planted_before_sign_in_is_worth_nothing(member):
    person, client = member("vendor_analyst"), Client()
    client.get("/accounts/login/")
    give_password(client, person.email)
    planted = client.session.session_key
    client.post("/accounts/second-factor/", {"code": code()})
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies["session"] = planted
    assert not is_in(thief)


def test_sign_out_ends_the_session(world):
    client = world.client("vendor_analyst")
    key = client.session.session_key
    assert client.get("/accounts/logout/").status_code == 200
    client.post("/accounts/logout/")
    thief = Client()
    thief.cookies["session"] = key
    assert not is_in(client) and not is_in(thief)


def test_what_allauth_has_and_we_do_not_is_not_there():
    client = Client()
    for path in ("signup/", "email/", "confirm-email/", "3rdparty/", "3rdparty/signup/", "reauthenticate/",
                 "login/code/confirm/", "inactive/", "social/signup/", "password/set/"):  # fmt: skip
        assert client.get(f"/accounts/{path}").status_code == 404, path
    assert client.post("/webauthn/authentication/begin/").status_code == 404
