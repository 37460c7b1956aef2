"""The second factor at sign-in: asked of everybody, enrolled at the first, spent once."""

from __future__ import annotations

import base64
import re

import pytest
from django.test import Client

from auditlog.models import Event
from governance.models import Authenticator, RecoveryCode
from governance.services.people import disable_person
from tests.console.signin.conftest import PASSWORD, code, give_password, hidden, is_in

pytestmark = pytest.mark.django_db

PAGES = ("/", "/vendors/", "/accounts/security/", "/accounts/security/keys/add/", "/accounts/sessions/", "/people/")


def enrol(client: Client) -> tuple[Client, str]:
    page = client.get("/accounts/enrol/").content.decode()
    secret = re.search(r'<code class="mono">([A-Z2-7 ]+)</code>', page).group(1).replace(" ", "")
    seed = base64.b32decode(secret + "=" * (-len(secret) % 8)).hex()
    return client.post("/accounts/enrol/", {"device": hidden(page, "device"), "code": code(seed=seed)}), seed


def test_i01_nobody_acts_with_a_password_alone(member):
    person, client = member("administrator"), Client()
    give_password(client, person.email)
    for path in PAGES:
        answer = client.get(path)
        assert answer.status_code == 302 and "/accounts/login/" in answer["Location"], path


def test_i01_even_without_the_stage_nobody_gets_in(member, monkeypatch):
    monkeypatch.setattr("console.signin.adapters.AccountAdapter.get_login_stages", lambda self: [])
    person, client = member("administrator"), Client()
    assert give_password(client, person.email).status_code == 403
    assert not is_in(client) and "_auth_user_id" not in client.session


def test_enrolment_is_forced_and_ends_in_recovery_codes_shown_once(member):
    person, client = member("vendor_analyst", enrolled=False), Client()
    assert give_password(client, person.email)["Location"] == "/accounts/enrol/"
    assert client.get("/accounts/second-factor/")["Location"] == "/accounts/enrol/"
    answer, _seed = enrol(client)
    codes = re.findall(r"<li>([0-9A-Z-]{30})</li>", answer.content.decode())
    assert len(codes) == 10 and RecoveryCode.objects.filter(person=person).count() == 10
    assert not is_in(client)  # the codes come first
    again = client.get("/accounts/enrol/", follow=True).content.decode()
    assert not any(one in again for one in codes)
    assert client.post("/accounts/enrol/finish/")["Location"] == "/"
    assert is_in(client)
    later = Client()
    give_password(later, person.email)
    assert later.post("/accounts/second-factor/", {"code": codes[3]}).status_code == 302
    assert is_in(later) and later.session["second_factor_method"] == "recovery_code"
    third = Client()
    give_password(third, person.email)
    assert third.post("/accounts/second-factor/", {"code": codes[3]}).status_code == 422


def test_a_wrong_first_code_keeps_the_same_seed(member):
    person, client = member("vendor_analyst", enrolled=False), Client()
    give_password(client, person.email)
    page = client.get("/accounts/enrol/").content.decode()
    answer = client.post("/accounts/enrol/", {"device": hidden(page, "device"), "code": "12345x", "name": "my phone"})
    assert answer.status_code == 422
    assert hidden(answer.content.decode(), "device") == hidden(page, "device")
    assert "my phone" in answer.content.decode()
    assert not Authenticator.objects.filter(user=person, confirmed=True).exists()


def test_enrolment_is_no_way_round_for_somebody_enrolled(member):
    person, client = member("vendor_analyst"), Client()
    give_password(client, person.email)
    assert client.get("/accounts/enrol/")["Location"] == "/accounts/second-factor/"
    assert client.get("/accounts/enrol/key/")["Location"] == "/accounts/second-factor/"
    assert client.post("/accounts/enrol/key/", {"assertion": "{}"})["Location"] == "/accounts/second-factor/"
    assert client.post("/accounts/enrol/finish/")["Location"] == "/accounts/enrol/"
    assert not is_in(client)


def test_without_a_password_first_there_is_no_stage(world):
    for path in ("second-factor/", "enrol/", "enrol/key/", "enrol/finish/"):
        assert Client().get(f"/accounts/{path}")["Location"] == "/accounts/login/"
    assert Client().post("/accounts/second-factor/ask/")["Location"] == "/accounts/login/"


def test_a_code_that_signed_in_signs_nobody_in_again(member):
    person, first, second = member("vendor_analyst"), Client(), Client()
    used = code()
    for client in (first, second):
        give_password(client, person.email)
        answer = client.post("/accounts/second-factor/", {"code": used})
    assert is_in(first) and answer.status_code == 422 and not is_in(second)
    assert "used already" in answer.content.decode()


def test_after_a_wrong_code_the_page_says_how_long_to_wait(member):
    person, client = member("vendor_analyst"), Client()
    give_password(client, person.email)
    client.post("/accounts/second-factor/", {"code": "zzzz"})
    answer = client.post("/accounts/second-factor/", {"code": code()})
    assert "After a wrong code the next one counts in 1 second" in answer.content.decode()


def test_somebody_disabled_between_password_and_code_is_not_let_in(member, world):
    person, client = member("vendor_analyst"), Client()
    give_password(client, person.email)
    disable_person(actor=world.actor("administrator"), person_id=person.id)
    assert client.post("/accounts/second-factor/", {"code": code()})["Location"] == "/accounts/login/"


def test_i05_a_disabled_person_has_no_session_from_then_on(member, world):
    person, client = member("vendor_analyst"), Client()
    give_password(client, person.email)
    client.post("/accounts/second-factor/", {"code": code()})
    assert is_in(client)
    disable_person(actor=world.actor("administrator"), person_id=person.id)
    assert not is_in(client)
    again = Client()
    assert give_password(again, person.email, PASSWORD).status_code == 422


def test_no_secret_is_in_any_event(member):
    person, client = member("vendor_analyst", enrolled=False), Client()
    give_password(client, person.email)
    answer, seed = enrol(client)
    codes = re.findall(r"<li>([0-9A-Z-]{30})</li>", answer.content.decode())
    client.post("/accounts/enrol/finish/")
    told = " ".join(str(row) for row in Event.objects.values())
    for secret in (seed, PASSWORD, *codes, *(one.replace("-", "") for one in codes)):
        assert secret not in told
