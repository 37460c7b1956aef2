"""A session ends by itself: so long after signing in, and so long without use; the sign-in page says why."""

from __future__ import annotations

import time
import uuid

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.urls import reverse

from governance.authority import SessionEnd, actor_for_request, session_end
from tests.console.signin.conftest import code, give_password, is_in

pytestmark = pytest.mark.django_db
MINUTE, HOUR = 60, 3600


@pytest.fixture
def inside(member):
    """Somebody who signed in through the pages just now."""
    person, client = member("vendor_analyst"), Client()
    give_password(client, person.email)
    assert client.post("/accounts/second-factor/", {"code": code()}).status_code == 302
    return client


def test_use_moves_the_idle_end_on_but_never_the_end_by_age(inside):
    start = time.time()
    for quarters in range(1, 16):  # a look each 45 minutes, for more than eleven hours
        with time_machine.travel(start + quarters * 45 * MINUTE, tick=False):
            assert is_in(inside), quarters
    with time_machine.travel(start + 12 * HOUR - 10 * MINUTE, tick=False):
        assert is_in(inside)
    with time_machine.travel(start + 12 * HOUR + 1, tick=False):
        answer = inside.get("/people/?q=ada")
        assert answer["Location"] == "/accounts/login/?next=/people/%3Fq%3Dada"
        page = inside.get(answer["Location"]).content.decode()
        assert "A session ends 12 hours after signing in" in page
        assert "Then you go on where you wanted to." in page


def test_an_hour_without_use_ends_it_for_good(inside):
    old = inside.cookies["session"].value
    with time_machine.travel(time.time() + HOUR + 2 * MINUTE, tick=False):
        answer = inside.get("/accounts/security/")
        assert answer["Location"].startswith("/accounts/login/?next=")
        assert "Nothing was done here for 60 minutes" in inside.get(answer["Location"]).content.decode()
        assert "What you typed is kept" in inside.get(answer["Location"]).content.decode()
    assert not Session.objects.filter(pk=old).exists() and not UserSession.objects.filter(session_key=old).exists()
    assert not is_in(inside)


def test_who_signs_in_again_goes_on_where_they_wanted_and_is_told_no_more(inside, member):
    with time_machine.travel(time.time() + 2 * HOUR, tick=False):
        onward = inside.get("/accounts/sessions/")["Location"]
        inside.post(onward, {"email": "vendor_analyst@example.com", "password": "correct horse battery staple"})
        assert inside.post("/accounts/second-factor/", {"code": code()})["Location"] == "/accounts/sessions/"
        assert "signin_ended" not in inside.session


def test_what_a_page_asks_by_itself_is_no_use(inside, world):
    start = time.time()
    address = reverse("retention:case_progress", args=[uuid.uuid4()])
    for minutes in range(2, 64, 2):
        with time_machine.travel(start + minutes * MINUTE, tick=False):
            answer = inside.get(address)
            assert answer.status_code == (302 if minutes >= 60 else 403), minutes


def test_the_rule_stands_where_the_actor_is_made_too(world):
    """Whatever stands before it: an old session makes nobody an actor."""
    request = RequestFactory().get("/")
    request.user = world.person["auditor"]
    now = time.time()
    for at, seen, end in (
        (now, 0, None),
        (now - 59 * MINUTE, 0, None),
        (now - 61 * MINUTE, 0, SessionEnd.IDLE),
        (now - 61 * MINUTE, now - 5 * MINUTE, None),
        (now - 13 * HOUR, now, SessionEnd.AGE),
    ):
        session = Session.get_session_store_class()()
        session.update({"second_factor_at": at, "seen_at": seen})
        request.session = session
        assert session_end(session) == end
        assert (actor_for_request(request) is None) == (end is not None)


def test_a_providers_older_sign_in_does_not_shorten_ours(world):
    session = {"second_factor_at": time.time() - 11 * HOUR, "signed_in_at": time.time()}
    assert session_end(session) is None


def test_a_stranger_has_no_such_end(db):
    client = Client()
    client.get("/accounts/welcome/x/")
    with time_machine.travel(time.time() + 11 * HOUR, tick=False):
        assert "You were signed out" not in client.get("/accounts/login/").content.decode()
