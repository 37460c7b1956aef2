"""Signing in with a real browser: enrolment by QR page, and a security key made by Chromium itself."""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_otp.oath import totp
from playwright.sync_api import Page, expect

from auditlog.change import audited
from auditlog.errors import InvalidInputError
from governance.assertions import verify_kept_assertion
from governance.models import FactorReset, Person, SecurityKey, StepUp
from governance.services.devices import CHANGE_DEVICES, enrol_authenticator
from governance.services.stepups import begin_key_step_up, finish_key_step_up
from tests.browser.harness import THEMES, WIDTHS, overflow, picture, violations
from tests.browser.people import enrol_key, key_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery staple"


@pytest.fixture
def entrance(keyed: Any) -> Any:
    """A person with a password, before a console that takes keys."""
    person, actor = keyed.world.person["security_approver"], keyed.world.actor("security_approver")
    with audited(actor, "governance.person.password_set", subject_kind="governance.person", subject_id=person.id):
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    return keyed


def give_password(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def test_an_app_is_enrolled_at_the_first_sign_in(entrance):
    page: Page = entrance("", "/accounts/login/")
    give_password(page, entrance.world.person["security_approver"].email)
    expect(page.get_by_role("heading", name="Set up your second factor")).to_be_visible()
    assert page.locator(".seed__qr svg").bounding_box()["width"] > 120
    secret = page.locator(".seed__key code").inner_text().replace(" ", "")
    seed = base64.b32decode(secret + "=" * (-len(secret) % 8))
    assert violations(page) == []
    page.get_by_role("textbox", name="Code").fill(f"{totp(seed):06d}")
    page.get_by_role("button", name="Enrol app").click()
    expect(page.locator(".codes li")).to_have_count(10)
    assert violations(page) == []
    with page.expect_download() as kept:
        page.get_by_role("link", name="Download").click()
    assert len(kept.value.path().read_text().split()) == 10
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()


def test_a_security_key_enrols_signs_in_and_steps_up(entrance):
    page: Page = entrance("", "/accounts/login/")
    key_for(page)
    person = entrance.world.person["security_approver"]
    give_password(page, person.email)
    enrol_key(page)
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    assert SecurityKey.objects.get(user=person).name == "blue key"
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    give_password(page, person.email)
    page.get_by_role("button", name="Use security key").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    page.goto("/accounts/security/recovery-codes/renew/")
    expect(page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Use security key").click()
    expect(page.get_by_role("heading", name="Make new recovery codes?")).to_be_visible()
    step_up = StepUp.objects.get(person=person, purpose=CHANGE_DEVICES)
    assert step_up.method == "security_key" and step_up.user_verified
    assert verify_kept_assertion(step_up, origins=[entrance.origin]) == []


def test_a_key_that_does_not_verify_its_user_is_not_enrolled(entrance):
    page: Page = entrance("", "/accounts/login/")
    key_for(page, verifies=False)
    give_password(page, entrance.world.person["security_approver"].email)
    page.get_by_role("link", name="Use a security key or passkey instead").click()
    page.get_by_role("button", name="Enrol security key").click()
    expect(page.locator("[data-key-status]")).not_to_be_empty()
    assert not SecurityKey.objects.exists()


ANSWER = """async (options) => {
  const bytes = (t) => Uint8Array.from(atob(t.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const one = await navigator.credentials.get({publicKey: {...options, challenge: bytes(options.challenge),
    allowCredentials: options.allowCredentials.map((c) => ({...c, id: bytes(c.id)}))}});
  const r = one.response;
  return {id: one.id, rawId: text(one.rawId), type: one.type, clientExtensionResults: {}, response: {
    clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData), signature: text(r.signature),
    userHandle: null}};
}"""


@pytest.fixture
def signer(entrance):
    """Somebody with a key, and a way to have it answer what the services ask."""
    page: Page = entrance("", "/accounts/login/")
    devtools, authenticator = key_for(page)
    person = entrance.world.person["security_approver"]
    give_password(page, person.email)
    enrol_key(page)
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    actor = entrance.world.actor("security_approver")
    return page, devtools, authenticator, actor


def test_i01_the_challenge_is_the_digest_and_the_kept_assertion_proves_it(signer):
    page, _devtools, _authenticator, actor = signer
    bound_to = "5e" * 32
    options = begin_key_step_up(actor=actor, purpose="t.sign", digest=bound_to, challenge=bytes.fromhex(bound_to))
    answer = page.evaluate(ANSWER, options)
    client = json.loads(base64.urlsafe_b64decode(answer["response"]["clientDataJSON"] + "=="))
    assert base64.urlsafe_b64decode(client["challenge"] + "=") == bytes.fromhex(bound_to)
    step_up = finish_key_step_up(actor=actor, purpose="t.sign", digest=bound_to, response=answer)
    assert verify_kept_assertion(step_up) == []
    for change, problem in (
        ({"public_key": other_key()}, "the signature does not hold"),
        ({"rp_id": "evil.example"}, "it was made for another relying party"),
        ({"sign_count_before": 2**31}, "the key's counter did not grow"),
        ({"client_data_json": "%%"}, "cannot be read"),
    ):
        forged = StepUp(digest=bound_to, assertion={**step_up.assertion, **change})
        assert any(problem in one for one in verify_kept_assertion(forged)), change
    assert "its challenge is not the digest" in verify_kept_assertion(
        StepUp(digest="00" * 32, assertion=step_up.assertion)
    )
    assert "it was made at another origin" in verify_kept_assertion(step_up, origins=["https://evil.example"])
    assert verify_kept_assertion(StepUp(digest=bound_to)) == ["no assertion was kept"]


def other_key() -> str:
    """Another key pair's public half, as COSE."""
    import cbor2
    from cryptography.hazmat.primitives.asymmetric import ec

    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
    return base64.urlsafe_b64encode(cbor2.dumps(cose)).decode().rstrip("=")


def refused(actor: Any, answer: dict[str, Any], purpose: str = "t.sign", bound_to: str = "") -> None:
    before = StepUp.objects.count()
    with pytest.raises(InvalidInputError):
        finish_key_step_up(actor=actor, purpose=purpose, digest=bound_to, response=answer)
    assert StepUp.objects.count() == before


def test_what_a_key_answers_is_taken_once_for_its_challenge_by_its_owner(signer, entrance, settings):
    page, devtools, authenticator, actor = signer
    ask = lambda: begin_key_step_up(actor=actor, purpose="t.sign")  # noqa: E731
    answer = page.evaluate(ANSWER, ask())
    assert finish_key_step_up(actor=actor, purpose="t.sign", response=answer)
    refused(actor, answer)  # nothing was asked since
    ask()
    refused(actor, answer)  # something else was asked
    answer = page.evaluate(ANSWER, ask())
    ask()
    refused(actor, answer)  # only the newest challenge counts
    answer = page.evaluate(ANSWER, ask())
    refused(actor, answer, purpose="t.other")
    refused(actor, answer, bound_to="ab" * 32)
    stranger = entrance.world.actor("auditor")
    refused(stranger, answer)
    answer = page.evaluate(ANSWER, {**ask(), "userVerification": "discouraged"})
    without_uv = page.evaluate(ANSWER, {**ask(), "userVerification": "discouraged"})
    raw = bytearray(base64.urlsafe_b64decode(without_uv["response"]["authenticatorData"] + "=="))
    raw[32] &= ~0x04
    without_uv["response"]["authenticatorData"] = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
    refused(actor, without_uv)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    unverified = page.evaluate(ANSWER, {**ask(), "userVerification": "discouraged"})
    refused(actor, unverified)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True})
    answer = page.evaluate(ANSWER, ask())
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = ["https://countersign.example"]
    refused(actor, answer)


def test_a_spent_answer_is_refused_even_when_its_challenge_returns(signer):
    page, _devtools, _authenticator, actor = signer
    bound_to = "7a" * 32
    begin = lambda: begin_key_step_up(  # noqa: E731
        actor=actor, purpose="t.sign", digest=bound_to, challenge=bytes.fromhex(bound_to)
    )
    answer = page.evaluate(ANSWER, begin())
    step_up = finish_key_step_up(actor=actor, purpose="t.sign", digest=bound_to, response=answer)
    with audited(actor, "governance.step_up.verified", subject_kind="governance.step_up"):
        StepUp.objects.filter(pk=step_up.pk).update(used_at=step_up.at)
        SecurityKey.objects.filter(user_id=actor.id).update(sign_count=0)  # a passkey whose counter stays at zero
    begin()
    refused(actor, answer, bound_to=bound_to)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_look_right_and_axe_finds_nothing(entrance, theme, width):
    name = f"{width}-{theme}"
    page: Page = entrance("", "/accounts/login/", theme=theme, width=width)
    looked(page, f"signin-login-{name}")
    give_password(page, entrance.world.person["security_approver"].email)
    looked(page, f"signin-enrol-{name}")
    page.goto("/accounts/enrol/key/")
    looked(page, f"signin-enrol-key-{name}")
    page.goto("/accounts/password/reset/")
    looked(page, f"signin-reset-{name}")
    person = Person.objects.get(email=entrance.world.person["administrator"].email)
    inside: Page = entrance("administrator", "/accounts/security/", theme=theme, width=width)
    looked(inside, f"signin-security-{name}")
    for path, what in (
        ("/accounts/sessions/", "sessions"),
        ("/accounts/security/authenticators/add/", "add-app"),
        ("/accounts/security/keys/add/", "add-key"),
        ("/accounts/password/change/", "password"),
        ("/sign-in/", "providers"),
        ("/sign-in/providers/add/", "provider-add"),
        ("/sign-in/identities/link/", "identity"),
    ):
        inside.goto(path)
        looked(inside, f"signin-{what}-{name}")
    assert person.is_active


def looked(page: Page, name: str) -> None:
    """Pictures for somebody to look at; no sideways scrolling; nothing for axe to say."""
    picture(page, name)
    assert overflow(page) <= 0, name
    assert violations(page) == [], name


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_the_way_back_in_after_losing_everything_looks_right(entrance, theme, width):
    """From the administrator's page to the new factor, each page as somebody sees it."""
    world, name = entrance.world, f"{width}-{theme}"
    lost = world.person["security_approver"]
    enrol_authenticator(actor=world.actor("security_approver"))
    admin: Page = entrance("administrator", f"/people/{lost.id}/", theme=theme, width=width)
    looked(admin, f"reset-person-{name}")
    admin.get_by_role("link", name="Reset second factors").click()
    looked(admin, f"reset-ask-{name}")
    admin.get_by_label("What was lost").fill("Phone stolen; the key was on the same ring. " * 6)
    admin.get_by_label("How you made sure").fill("Called back on the number his manager has, and seen with badge 117.")
    admin.get_by_role("button", name="Ask for reset").click()
    expect(admin.get_by_role("heading", name="Reset of second factors")).to_be_visible()
    looked(admin, f"reset-panel-{name}")
    world.sign("second_security_approver", FactorReset.objects.get().approval)
    admin.goto("/")
    looked(admin, f"reset-work-{name}")
    admin.get_by_role("link", name="Hand Security Approver a link").click()
    looked(admin, f"reset-due-{name}")
    admin.get_by_role("button", name="Make enrolment link").click()
    link = admin.locator(".linkbox").inner_text()
    looked(admin, f"reset-link-{name}")
    page: Page = entrance("", "/accounts/login/", theme=theme, width=width)
    give_password(page, lost.email)
    expect(page.get_by_role("heading", name="Open your link first")).to_be_visible()
    looked(page, f"reset-closed-{name}")
    page.goto(urlsplit(link).path)
    expect(page.get_by_role("heading", name="Enrol a new second factor")).to_be_visible()
    looked(page, f"reset-open-{name}")
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_role("heading", name="Set up your second factor")).to_be_visible()
    secret = page.locator(".seed__key code").inner_text().replace(" ", "")
    page.get_by_role("textbox", name="Code").fill(f"{totp(base64.b32decode(secret)):06d}")
    page.get_by_role("button", name="Enrol app").click()
    expect(page.locator(".codes li")).to_have_count(10)
    looked(page, f"reset-codes-{name}")
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    page.goto("/step-up/?for=governance.devices.change")
    looked(page, f"reset-step-up-{name}")
    UserSession.objects.filter(user=lost).update(last_seen_at=timezone.now())
    for row in Session.objects.all():
        kept = row.get_decoded()
        if kept.get("_auth_user_id") == str(lost.id):
            old = {**kept, "seen_at": time.time() - 7200, "signed_in_at": time.time() - 7200}
            Session.objects.filter(pk=row.pk).update(session_data=SessionStore().encode(old))
    page.goto("/people/")
    expect(page.get_by_text("You were signed out")).to_be_visible()
    looked(page, f"reset-ended-{name}")
