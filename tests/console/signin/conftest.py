"""Shared by the sign-in tests: a browser that signs in through the pages, and a known seed."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django_otp.oath import totp

from governance.services.devices import enrol_authenticator, issue_recovery_codes
from governance.services.people import end_sessions

SEED = "3132333435363738393031323334353637383930"
PASSWORD = "correct horse battery staple"


def code(windows: int = 0, seed: str = SEED) -> str:
    """The authenticator's code, now or some windows later."""
    return f"{totp(bytes.fromhex(seed), t0=-30 * windows):06d}"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def member(world):
    """Give somebody a password, an authenticator and recovery codes."""

    def make(name: str, *, enrolled: bool = True):
        from auditlog.change import audited

        person, actor = world.person[name], world.actor(name)
        with audited(actor, "governance.person.password_set", subject_kind="governance.person", subject_id=person.id):
            person.set_password(PASSWORD)
            person.save(update_fields=["password"])
        person.codes = []
        if enrolled:
            enrol_authenticator(actor=actor, secret_hex=SEED)
            person.codes = issue_recovery_codes(actor=actor)
        return person

    return make


class ClickingClient(Client):
    """A browser whose person clicks on our own pages, as browsers say of it."""

    def __init__(self, **defaults):
        super().__init__(headers={"Sec-Fetch-Site": "same-origin"}, **defaults)


def give_password(client: Client, email: str, password: str = PASSWORD, **extra):
    return client.post("/accounts/login/", {"email": email, "password": password}, **extra)


def is_in(client: Client) -> bool:
    return client.get("/accounts/security/").status_code == 200


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, name
    return found.group(1)


__all__ = ["PASSWORD", "SEED", "code", "end_sessions", "give_password", "hidden", "is_in"]
