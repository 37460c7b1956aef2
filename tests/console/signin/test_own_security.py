"""One's own devices, password and sessions; links to set a password."""

from __future__ import annotations

import re
import time
import uuid

import pytest
import time_machine
from django.core import mail
from django.test import Client

from auditlog.errors import AuthorityError, StateError
from auditlog.models import Event
from governance.models import Authenticator, Invitation, Person
from governance.services.invitations import invite_person
from outbox.models import Message
from tests.console.signin.conftest import PASSWORD, SEED, code, give_password, hidden, is_in

pytestmark = pytest.mark.django_db
NEW = "a new password of some length"


@pytest.fixture
def inside(member):
    """Somebody signed in through the pages."""

    def make(name: str = "vendor_analyst", windows: int = 0, client: Client | None = None):
        person = Person.objects.filter(email=f"{name}@example.com", authenticators__isnull=False).first() or member(
            name
        )
        client = client or Client()
        give_password(client, person.email)
        answer = client.post("/accounts/second-factor/", {"code": code(windows)})
        assert answer.status_code == 302, answer.content.decode()
        return person, client

    return make


def test_changing_devices_asks_for_a_step_up_and_comes_back(inside):
    person, client = inside()
    answer = client.get("/accounts/security/authenticators/add/")
    assert answer["Location"].startswith("/step-up/?for=governance.devices.change&next=%2Faccounts%2Fsecurity")
    both = lambda: {"password": PASSWORD, "code": code()}  # noqa: E731
    assert client.post(answer["Location"], both()).status_code == 422  # it signed them in
    with time_machine.travel(time.time() + 40):
        back = client.post(answer["Location"], both())
        assert back["Location"] == "/accounts/security/authenticators/add/"
        page = client.get(back["Location"]).content.decode()
        device = Authenticator.objects.get(pk=hidden(page, "device"))
        given = {"device": str(device.pk), "code": code(seed=device.seed.hex()), "name": "second phone"}
        assert client.post(back["Location"], given)["Location"] == "/accounts/security/"
    assert Authenticator.objects.filter(user=person, confirmed=True).count() == 2
    assert "/step-up/" in client.get("/accounts/security/keys/add/")["Location"]  # it was spent


def test_a_step_up_page_confirms_only_what_is_listed(inside):
    _person, client = inside()
    assert client.get("/step-up/?for=governance.approval.sign").status_code == 404
    assert client.get("/step-up/").status_code == 404


def test_the_last_device_cannot_be_removed_and_nobody_touches_anothers(inside, world):
    person, client = inside()
    only = Authenticator.objects.get(user=person)
    stranger = world.client("auditor")
    assert stranger.post(f"/accounts/security/devices/{only.id}/rename/", {"name": "mine"}).status_code == 404
    step_up = client.get(f"/accounts/security/devices/{only.id}/remove/")["Location"]
    with time_machine.travel(time.time() + 40):
        client.post(step_up, {"password": PASSWORD, "code": code()})
        answer = client.post(f"/accounts/security/devices/{only.id}/remove/")
    assert answer.status_code == 409 and Authenticator.objects.filter(pk=only.pk).exists()
    client.post(f"/accounts/security/devices/{only.id}/rename/", {"name": "blue phone"})
    assert "blue phone" in client.get("/accounts/security/").content.decode()


def test_sessions_are_listed_and_end_one_by_one_and_all(inside):
    _person, here = inside()
    _same, there = inside(
        windows=1, client=Client(HTTP_USER_AGENT="Mozilla/5.0 (iPhone) Safari/605", REMOTE_ADDR="192.0.2.7")
    )
    page = here.get("/accounts/sessions/").content.decode()
    assert "192.0.2.7" in page and "Safari on iPhone" in page and "This one" in page
    other = re.search(r"/accounts/sessions/(\d+)/end/", page).group(0)
    assert here.post("/accounts/sessions/999999/end/").status_code == 404
    for minute, path in ((1, other), (2, "/accounts/sessions/end/")):
        ask = here.post(path)["Location"]
        assert ask.startswith("/step-up/?for=governance.sessions.end") and is_in(there) == (minute == 1)
        with time_machine.travel(time.time() + 60 * minute):
            assert here.post(ask, {"code": code()})["Location"] == path
            assert "now</button>" in here.get(path).content.decode()
            here.post(path)
            assert is_in(here) == (minute == 1) and not is_in(there)


def test_a_stranger_cannot_end_my_session(inside, world):
    _person, here = inside()
    page = here.get("/accounts/sessions/").content.decode()
    assert "This one" in page
    from allauth.usersessions.models import UserSession

    mine = UserSession.objects.get(session_key=here.session.session_key)
    assert world.client("auditor").post(f"/accounts/sessions/{mine.pk}/end/").status_code == 404
    assert is_in(here)


def test_changing_the_password_ends_the_other_sessions(inside):
    person, here = inside()
    _same, there = inside(windows=1)
    wrong = {"old": "not it at all", "password1": NEW, "password2": NEW}
    assert here.post("/accounts/password/change/", wrong).status_code == 422
    weak = {"old": PASSWORD, "password1": "password1234", "password2": "password1234"}
    assert "too common" in here.post("/accounts/password/change/", weak).content.decode()
    right = {"old": PASSWORD, "password1": NEW, "password2": NEW}
    assert here.post("/accounts/password/change/", right).status_code == 302
    assert is_in(here) and not is_in(there)
    assert give_password(Client(), person.email).status_code == 422
    assert give_password(Client(), person.email, NEW).status_code == 302


def test_a_reset_answers_everybody_alike_and_mails_only_whom_it_may(member, world, monkeypatch):
    person = member("vendor_analyst")
    unenrolled = member("auditor", enrolled=False)
    pages, waits = [], []
    monkeypatch.setattr("console.signin.views.entrance.time.sleep", waits.append)
    for email in (person.email, "nobody@example.com", unenrolled.email):
        answer = Client().post("/accounts/password/reset/", {"email": email})
        pages.append(answer.content.decode().replace(email, "X"))
    assert answer.status_code == 200
    strip = [re.sub(r'nonce="[^"]*"', "", page) for page in pages]
    assert strip[0] == strip[1] == strip[2]
    assert len(waits) == 3 and all(0 < wait <= 0.25 for wait in waits)  # each answer is rounded up alike
    told = Message.objects.filter(template="password_reset")
    assert [one.address for one in told] == [person.email]
    path = re.search(r"/accounts/welcome/\S+/", told.get().text).group(0)
    client = Client()
    assert client.get(path)["Location"] == "/accounts/welcome/"
    assert client.post("/accounts/welcome/", {"password1": NEW, "password2": NEW})["Location"] == "/accounts/login/"
    assert give_password(client, person.email, NEW)["Location"] == "/accounts/second-factor/"
    late = Client()
    late.get(path)
    assert late.get("/accounts/welcome/").status_code == 404
    assert mail.outbox is not None


def test_an_invitation_works_once_and_for_three_days(world):
    admin, person = world.actor("administrator"), world.person["employee"]
    first, second = (invite_person(actor=admin, person_id=person.id) for _n in range(2))
    client = Client()
    client.get(first[first.index("/accounts") :])
    assert client.get("/accounts/welcome/").status_code == 404  # the newer one voided it
    client.get(second[second.index("/accounts") :])
    page = client.get("/accounts/welcome/")
    assert page.status_code == 200 and person.name in page.content.decode()
    assert client.post("/accounts/welcome/", {"password1": "short", "password2": "short"}).status_code == 422
    assert client.post("/accounts/welcome/", {"password1": NEW, "password2": NEW + "!"}).status_code == 422
    assert client.post("/accounts/welcome/", {"password1": NEW, "password2": NEW}).status_code == 302
    assert give_password(client, person.email, NEW)["Location"] == "/accounts/enrol/"
    third = invite_person(actor=admin, person_id=person.id)
    with time_machine.travel(time.time() + 3 * 86400 + 60):
        late = Client()
        late.get(third[third.index("/accounts") :])
        assert late.get("/accounts/welcome/").status_code == 404
    assert third.rsplit("/", 2)[1] not in str(list(Invitation.objects.values()))


def test_only_an_administrator_invites_and_nobody_who_is_in_already(member, world):
    enrolled = member("vendor_analyst")
    with pytest.raises(AuthorityError):
        invite_person(actor=world.actor("vendor_analyst"), person_id=world.person["employee"].id)
    with pytest.raises(StateError):
        invite_person(actor=world.actor("administrator"), person_id=enrolled.id)
    answer = world.client("administrator").post(f"/people/{world.person['employee'].id}/invite/")
    assert answer.status_code == 200 and "/accounts/welcome/" in answer.content.decode()
    assert world.client("administrator").post(f"/people/{uuid.uuid4()}/invite/").status_code == 404


def test_a_seed_under_an_older_key_still_opens(world, settings):
    from cryptography.fernet import Fernet

    from governance.services.second_factors import check_code

    actor = world.actor("vendor_analyst")
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [old]
    from governance.services.devices import enrol_authenticator, issue_recovery_codes

    enrol_authenticator(actor=actor, secret_hex=SEED)
    codes = issue_recovery_codes(actor=actor)
    settings.ENCRYPTION_KEYS = [new, old]
    assert check_code(actor=actor, code=code()) == "totp"
    assert check_code(actor=actor, code=codes[0]) == "recovery_code"


def test_sessions_are_not_ended_without_confirming_by_the_service_either(inside, world):
    from auditlog.errors import StepUpRequiredError
    from governance.services.sign_ins import end_other_sessions, end_session

    _person, here = inside()
    here.get("/accounts/sessions/")
    from allauth.usersessions.models import UserSession

    mine = UserSession.objects.get(session_key=here.session.session_key)
    for end in (
        lambda: end_session(actor=world.actor("vendor_analyst"), user_session_id=mine.pk),
        lambda: end_other_sessions(actor=world.actor("vendor_analyst")),
    ):
        with pytest.raises(StepUpRequiredError):
            end()
    assert is_in(here)


def test_changing_devices_takes_the_password_too(inside):
    """Whoever borrowed an open session and the phone changes nothing (ASVS 7.5.1)."""
    person, client = inside()
    ask = client.get("/accounts/security/authenticators/add/")["Location"]
    assert "Your password" in client.get(ask).content.decode()
    with time_machine.travel(time.time() + 40):
        for given in ({}, {"password": ""}, {"password": "not it at all"}):
            assert client.post(ask, {**given, "code": code()}).status_code == 422
        assert client.post(ask, {"password": PASSWORD, "code": code()}).status_code == 302  # the code was not spent
    assert Event.objects.filter(action="governance.person.password_refused", subject_id=person.id).count() == 1
    with time_machine.travel(time.time() + 120):
        for _n in range(5):
            answer = client.post("/step-up/?for=governance.devices.change", {"password": "guess", "code": "000000"})
        assert answer.status_code == 422
        answer = client.post("/step-up/?for=governance.devices.change", {"password": "guess", "code": "000000"})
        assert answer.status_code == 429


def test_who_signs_in_by_a_provider_only_is_not_asked_for_a_password(world, member):
    member("vendor_analyst")
    person = world.person["auditor"]  # has no password here
    browser = world.client("auditor")
    assert not person.has_usable_password()
    assert "Your password" not in browser.get("/step-up/?for=governance.devices.change").content.decode()
