"""After a reset: a password or a provider alone enrols nothing, it takes the link that was handed over."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from auditlog.errors import AuthorityError, NotFoundError
from governance.models import Authenticator, FactorReset, RecoveryCode
from governance.services.devices import begin_authenticator, confirm_authenticator, issue_recovery_codes
from governance.services.factor_resets import make_enrolment_link, request_factor_reset
from governance.services.identities import link_by_invitation
from governance.services.invitations import accept_invitation
from governance.services.links import LIFETIMES, Purpose
from outbox.models import Message
from tests.console.signin.conftest import code, give_password, hidden, is_in

pytestmark = pytest.mark.django_db
NEW = "a new password of some length"


@pytest.fixture
def lost(member, world):
    """Somebody whose second factors were reset, and a way to make links for them."""
    person = member("vendor_analyst")
    row = request_factor_reset(
        actor=world.actor("administrator"), person_id=person.id, reason="Lost.", identity_check="Seen."
    )
    world.sign("security_approver", row.approval)
    person.link = lambda: path_of(make_enrolment_link(actor=world.actor("administrator"), person_id=person.id))
    return person


def path_of(url: str) -> str:
    return url[url.index("/accounts") :]


def token_of(path: str) -> str:
    return path.split("/")[-2]


def enrol(client: Client):
    page = client.get("/accounts/enrol/")
    assert page.status_code == 200, page.content.decode()
    device = Authenticator.objects.get(pk=hidden(page.content.decode(), "device"))
    return client.post("/accounts/enrol/", {"device": str(device.pk), "code": code(seed=device.seed.hex())})


def test_a_stolen_password_alone_enrols_nothing(lost):
    thief = Client()
    assert give_password(thief, lost.email)["Location"] == "/accounts/enrol/"
    for path in ("/accounts/enrol/", "/accounts/enrol/key/"):
        answer = thief.get(path)
        assert answer.status_code == 403 and "Open your link first" in answer.content.decode()
    assert thief.post("/accounts/enrol/key/ask/").status_code == 403
    assert thief.post("/accounts/enrol/", {"device": "x", "code": "1"}).status_code == 403
    assert thief.post("/accounts/enrol/finish/")["Location"] == "/accounts/enrol/"
    assert not is_in(thief) and not Authenticator.objects.filter(user=lost).exists()


def test_the_service_refuses_without_the_link_too(lost, world):
    actor = world.actor("vendor_analyst")
    device = begin_authenticator(actor=actor)
    for link in ("", "wrong"):
        with pytest.raises(AuthorityError):
            confirm_authenticator(actor=actor, device_id=device.id, code=code(seed=device.seed.hex()), link=link)
    with pytest.raises(Exception, match="Enrol a new one first"):
        issue_recovery_codes(actor=actor)
    assert not Authenticator.objects.filter(user=lost, confirmed=True).exists()


def test_the_link_alone_is_nothing_either(lost, world):
    path, holder = lost.link(), Client()
    assert holder.get(path)["Location"] == "/accounts/welcome/"
    page = holder.get("/accounts/welcome/")
    assert page.status_code == 200 and "Enrol a new second factor" in page.content.decode()
    assert holder.get("/accounts/enrol/")["Location"] == "/accounts/login/"
    assert holder.post("/accounts/welcome/", {"password1": NEW, "password2": NEW}).status_code == 200
    assert give_password(Client(), lost.email, NEW).status_code == 422  # it set no password
    actor = world.actor("vendor_analyst")
    with pytest.raises(NotFoundError):
        accept_invitation(actor=actor, token=token_of(path), password=NEW)
    with pytest.raises(NotFoundError):
        link_by_invitation(actor=actor, token=token_of(path), issuer="https://idp.example", subject="me")
    stranger = Client()
    stranger.get(path)
    stranger.get("/accounts/welcome/")
    give_password(stranger, world.person["auditor"].email)
    assert not is_in(stranger)


def test_password_and_link_enrol_a_new_factor_once(lost):
    path, browser = lost.link(), Client()
    browser.get(path)
    browser.get("/accounts/welcome/")
    assert give_password(browser, lost.email)["Location"] == "/accounts/enrol/"
    answer = enrol(browser)
    assert answer.status_code == 200 and RecoveryCode.objects.filter(person=lost).count() == 10
    assert browser.post("/accounts/enrol/finish/")["Location"] == "/"
    assert is_in(browser)
    assert FactorReset.objects.get().enrolled_at
    assert "A new second factor was enrolled for you" in Message.objects.values_list("subject", flat=True)
    late = Client()
    late.get(path)
    assert late.get("/accounts/welcome/").status_code == 404
    assert give_password(late, lost.email)["Location"] == "/accounts/second-factor/"


def test_who_gave_the_password_first_opens_the_link_and_goes_on(lost):
    browser = Client()
    give_password(browser, lost.email)
    assert browser.get("/accounts/enrol/").status_code == 403
    browser.get(lost.link())
    assert "/accounts/enrol/" in browser.get("/accounts/welcome/").content.decode()
    assert enrol(browser).status_code == 200


def test_the_link_ends_after_four_hours(lost):
    browser, path = Client(), lost.link()
    browser.get(path)
    browser.get("/accounts/welcome/")
    with time_machine.travel(timezone.now() + LIFETIMES[Purpose.FACTOR], tick=True):
        give_password(browser, lost.email)
        assert browser.get("/accounts/enrol/").status_code == 403


def test_a_forgotten_password_does_not_lose_the_link(lost):
    browser = Client()
    browser.get(lost.link())
    browser.get("/accounts/welcome/")
    browser.post("/accounts/password/reset/", {"email": lost.email})
    told = Message.objects.get(template="password_reset").text
    browser.get(path_of(next(word for word in told.split() if "/accounts/welcome/" in word)))
    browser.post("/accounts/welcome/", {"password1": NEW, "password2": NEW})
    assert give_password(browser, lost.email, NEW)["Location"] == "/accounts/enrol/"
    assert enrol(browser).status_code == 200


def test_somebody_whose_provider_vouched_for_them_needs_the_link_to_enrol_too(lost, world):
    browser = world.client("vendor_analyst")
    assert is_in(browser)
    for path in ("authenticators/add/", "keys/add/"):
        assert browser.get(f"/accounts/security/{path}").status_code == 403
    assert browser.post("/accounts/security/keys/add/ask/").status_code == 403
    browser.get(lost.link())
    assert "/accounts/security/authenticators/add/" in browser.get("/accounts/welcome/").content.decode()
    page = browser.get("/accounts/security/authenticators/add/").content.decode()
    device = Authenticator.objects.get(pk=hidden(page, "device"))
    browser.post(
        "/accounts/security/authenticators/add/", {"device": str(device.pk), "code": code(seed=device.seed.hex())}
    )
    assert Authenticator.objects.filter(user=lost, confirmed=True).exists()


def test_an_enrolment_that_a_reset_overtook_signs_nobody_in(member, world):
    person, browser = member("vendor_analyst", enrolled=False), Client()
    give_password(browser, person.email)
    enrol(browser)  # the recovery codes are on the screen, the sign-in has not ended
    row = request_factor_reset(
        actor=world.actor("administrator"), person_id=person.id, reason="Not me.", identity_check="Seen."
    )
    world.sign("security_approver", row.approval)
    assert browser.post("/accounts/enrol/finish/")["Location"] == "/accounts/enrol/"
    assert browser.get("/accounts/enrol/").status_code == 403
    assert not is_in(browser)


def test_a_link_for_a_new_password_links_no_identity(member, world):
    """Whoever reads somebody's mail must not come in by a provider instead of the second factor."""
    person = member("vendor_analyst")
    Client().post("/accounts/password/reset/", {"email": person.email})
    told = Message.objects.get(template="password_reset").text
    token = token_of(path_of(next(word for word in told.split() if "/accounts/welcome/" in word)))
    with pytest.raises(NotFoundError):
        link_by_invitation(
            actor=world.actor("vendor_analyst"), token=token, issuer="https://idp.example", subject="thief"
        )
