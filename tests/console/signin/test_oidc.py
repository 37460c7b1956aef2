"""OpenID Connect against a real provider over HTTP: who gets in, and everything that is refused."""

from __future__ import annotations

import html
import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client as AnyClient

from governance.models import ExternalIdentity, IdentityProvider, Notification, Person
from governance.services.identities import ProviderSettings, link_identity, save_provider
from governance.services.invitations import invite_person
from governance.services.sign_ins import set_break_glass
from tests.console.signin.conftest import PASSWORD, code, give_password, is_in
from tests.console.signin.conftest import ClickingClient as Client
from tests.console.signin.oidc_server import Provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings):
    settings.DEBUG = True  # an issuer on this machine may be plain http in development
    server = Provider()
    yield server
    server.stop()


@pytest.fixture
def corp(provider, world) -> IdentityProvider:
    """The provider as an administrator adds it; ``mfa`` is what proves a second factor."""
    return save_provider(actor=world.actor("administrator"), settings_=facts(provider))


def facts(provider: Provider, slug: str = "corp", **changes) -> ProviderSettings:
    given = {"kind": "oidc", "slug": slug, "name": "Corp", "issuer": provider.issuer, "client_id": "countersign",
             "client_secret": provider.client_secret, "mfa_values": ["mfa", "urn:acr:two"]}  # fmt: skip
    return ProviderSettings(**(given | changes))


@pytest.fixture
def linked(corp, world) -> Person:
    person = world.person["vendor_analyst"]
    link_identity(actor=world.actor("administrator"), person_id=person.id, issuer=corp.issuer, subject="subject-1")
    return person


def go(client: Client, path: str = "/accounts/oidc/corp/login/"):
    """Leave for the provider, and give the address it sends back to."""
    answer = client.get(path)
    assert answer.status_code == 302, answer.content.decode()
    back = requests.get(answer["Location"], allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    return f"{parts.path}?{parts.query}"


def arrive(client: Client, path: str = "/accounts/oidc/corp/login/"):
    return client.get(go(client, path))


def refused(client: Client, answer) -> None:
    assert answer.status_code == 401, answer.content.decode()[:500]
    assert not is_in(client)
    assert "signin" not in str(dict(client.session))


def test_with_pkce_state_and_nonce(provider, linked):
    client = Client()
    arrive(client)
    assert provider.asked["code_challenge_method"] == "S256"
    assert len(provider.asked["nonce"]) >= 32 and len(provider.asked["state"]) >= 16


def test_i02_without_acr_amr_or_auth_time_our_own_factor_follows(provider, linked):
    now = int(time.time())
    for claims in ({}, {"amr": ["mfa"]}, {"auth_time": now}, {"acr": "other", "auth_time": now},
                   {"amr": "mfa", "auth_time": now}, {"amr": ["mfa"], "auth_time": "now"},
                   {"amr": ["mfa"], "auth_time": now - 7200}, {"amr": ["mfa"], "auth_time": now + 7200}):  # fmt: skip
        provider.claims, client = claims, Client()
        assert arrive(client)["Location"] == "/accounts/enrol/", claims
        assert not is_in(client), claims


@pytest.mark.parametrize("claims", [{"amr": ["pwd", "mfa"]}, {"acr": "urn:acr:two"}])
def test_a_listed_value_with_its_time_is_the_second_factor(provider, linked, claims):
    at = int(time.time()) - 300
    provider.claims, client = {**claims, "auth_time": at}, Client()
    assert arrive(client)["Location"] == "/"
    assert is_in(client)
    assert client.session["second_factor_at"] == at and client.session["second_factor_method"] == "idp"


def test_what_the_address_asks_for_changes_nothing(provider, linked):
    client = Client()
    client.get("/accounts/oidc/corp/login/?auth_params=acr_values%3Dnone%26nonce%3Dx&scope=admin&process=connect")
    answer = arrive(
        client, "/accounts/oidc/corp/login/?auth_params=nonce%3Dx%26prompt%3Dnone&scope=admin&process=connect"
    )
    assert provider.asked["nonce"] != "x" and "prompt" not in provider.asked and provider.asked["scope"] == "openid"
    assert answer["Location"] == "/accounts/enrol/"


def test_i04_the_same_address_is_nobody(provider, corp, world):
    person = world.person["vendor_analyst"]
    provider.claims = {"email": person.email, "email_verified": True, "amr": ["mfa"], "auth_time": int(time.time())}
    client = Client()
    answer = arrive(client)
    assert answer.status_code == 403 and "You are not known here yet" in answer.content.decode()
    assert not is_in(client)
    assert not ExternalIdentity.objects.exists() and Person.objects.filter(email=person.email).count() == 1


def test_i04_the_same_subject_at_another_issuer_is_nobody(provider, linked, world):
    other = Provider()
    try:
        save_provider(actor=world.actor("administrator"), settings_=facts(other, "other"))
        client = Client()
        assert arrive(client, "/accounts/oidc/other/login/").status_code == 403
    finally:
        other.stop()


def test_an_invitation_links_whoever_opens_it_once(provider, corp, world):
    person = world.person["employee"]
    url = invite_person(actor=world.actor("administrator"), person_id=person.id)
    client = Client()
    client.get(url[url.index("/accounts") :])
    page = client.get("/accounts/welcome/").content.decode()
    assert "Continue with Corp" in page and "password1" not in page
    assert arrive(client)["Location"] == "/accounts/enrol/"
    assert ExternalIdentity.objects.get(subject="subject-1").person_id == person.id
    second = Client()
    second.get(url[url.index("/accounts") :])
    provider.subject = "subject-2"
    assert arrive(second)["Location"] == "/accounts/login/"
    assert "used already" in second.get("/accounts/login/").content.decode()
    assert not is_in(second) and ExternalIdentity.objects.count() == 1


def test_forged_unsigned_and_misdirected_tokens(provider, linked):
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    misbehaviours = [
        {"signing_key": stranger},
        {"algorithm": "none", "signing_key": ""},
        {"algorithm": "HS256", "signing_key": "k" * 32},
        {"claims": {"aud": "another-client"}},
        {"claims": {"aud": ["countersign", "another-client"]}},
        {"claims": {"azp": "another-client"}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"exp": int(time.time()) - 600}},
        {"claims": {"nonce": "another sign-in"}},
        {"without": ("nonce",)},
        {"without": ("sub",)},
        {"claims": {"sub": ""}},
        {"without": ("exp",)},
    ]
    for misbehaviour in misbehaviours:
        client = Client()
        kept = {name: getattr(provider, name) for name in misbehaviour}
        for name, value in misbehaviour.items():
            setattr(provider, name, value)
        refused(client, arrive(client))
        for name, value in kept.items():
            setattr(provider, name, value)
    assert arrive(Client())["Location"] == "/accounts/enrol/"  # and the very same, well-behaved, is taken


def test_a_token_of_an_earlier_sign_in_is_refused(provider, linked):
    arrive(Client())
    provider.replay, client = provider.issued[0], Client()
    refused(client, arrive(client))


def test_a_code_counts_once_and_only_in_its_own_browser(provider, linked):
    client, thief = Client(), Client()
    back = go(client)
    refused(thief, thief.get(back))
    assert client.get(back)["Location"] == "/accounts/enrol/"
    assert Client().get(back).status_code == 401
    assert client.get(back).status_code == 401


def test_mix_up_between_providers(provider, linked, world):
    other = Provider()
    try:
        save_provider(actor=world.actor("administrator"), settings_=facts(other, "other"))
        client = Client()
        back = go(client)  # asked of corp, answered at the other's address
        refused(client, client.get(back.replace("/corp/", "/other/")))
        provider.iss, client = other.issuer, Client()
        refused(client, arrive(client))
        provider.iss, provider.discovery = None, {"authorization_response_iss_parameter_supported": True}
        client = Client()
        refused(client, arrive(client))
        provider.iss = provider.issuer
        assert arrive(Client())["Location"] == "/accounts/enrol/"
        provider.discovery, client = {"issuer": other.issuer}, Client()
        answer = client.get("/accounts/oidc/corp/login/")
        assert answer.status_code in (302, 401) and not is_in(client)
    finally:
        other.stop()


def test_called_off_or_away_is_a_page(provider, linked):
    client = Client()
    state = parse_qs(urlsplit(client.get("/accounts/oidc/corp/login/")["Location"]).query)["state"][0]
    refused(client, client.get(f"/accounts/oidc/corp/login/callback/?error=access_denied&state={state}"))
    refused(client, client.get("/accounts/oidc/corp/login/callback/"))
    provider.stop()
    assert Client().get("/accounts/oidc/corp/login/").status_code == 401
    assert Client().get("/accounts/oidc/nothing/login/").status_code == 404


def test_a_disabled_person_is_a_stranger(provider, linked, world):
    from governance.services.people import disable_person

    disable_person(actor=world.actor("administrator"), person_id=linked.id)
    assert arrive(Client()).status_code == 403


def test_i07_with_sso_only_break_glass_passwords_sign_in_and_each_use_alerts(corp, member, world):
    person = member("vendor_analyst")
    assert give_password(Client(), person.email).status_code == 422
    set_break_glass(actor=world.actor("second_administrator"), person_id=person.id, sealed=True)
    client = Client()
    assert give_password(client, person.email).status_code == 302
    client.post("/accounts/second-factor/", {"code": code()})
    assert is_in(client)
    told = Notification.objects.filter(kind="governance.break_glass.used")
    assert {one.person_id for one in told} == {
        world.person["administrator"].id,
        world.person["second_administrator"].id,
    }


def test_i07_counts_for_providers_of_the_environment_too(member, settings):
    person = member("vendor_analyst")
    settings.SSO_PROVIDERS = (
        '[{"kind": "oidc", "slug": "env", "name": "Env", "issuer": "https://idp.example", "client_id": "c",'
        ' "client_secret": "s", "mfa_values": ["mfa"]}]'
    )
    assert give_password(Client(), person.email, PASSWORD).status_code == 422
    assert "Sign in with Env" in Client().get("/accounts/login/").content.decode()


def test_the_administrators_pages(provider, corp, world):
    client = world.client("administrator")
    page = client.get(f"/sign-in/providers/{corp.id}/").content.decode()
    assert "/accounts/oidc/corp/login/callback/" in page and provider.client_secret not in page
    assert "Holds" in client.post(f"/sign-in/providers/{corp.id}/test/").content.decode()
    assert provider.client_secret not in client.get(f"/sign-in/providers/{corp.id}/change/").content.decode()
    given = {"kind": "oidc", "slug": "corp", "name": "Corporation", "issuer": provider.issuer, "is_enabled": "on",
             "client_id": "countersign", "client_secret": "", "mfa_values": "mfa", "mfa_max_age_minutes": "60",
    }  # fmt: skip
    assert client.post(f"/sign-in/providers/{corp.id}/change/", given).status_code == 302
    kept = IdentityProvider.objects.get(pk=corp.id)
    assert kept.name == "Corporation" and kept.sealed_secret == corp.sealed_secret
    assert provider.client_secret not in kept.sealed_secret
    wrong = client.post("/sign-in/providers/add/", given | {"slug": "corp", "issuer": "ftp://x", "client_id": ""})
    assert wrong.status_code == 422
    for words in ("Another provider has this short name", "The issuer is an https", "gave you a client ID"):
        assert words in wrong.content.decode()
    person = world.person["employee"]
    link = {"email": person.email, "issuer": provider.issuer, "subject": "s-9"}
    assert client.post("/sign-in/identities/link/", link).status_code == 302
    row = ExternalIdentity.objects.get(subject="s-9")
    assert client.post("/sign-in/identities/link/", link).status_code == 422
    assert client.post(f"/sign-in/identities/{row.id}/unlink/").status_code == 302
    assert client.get("/sign-in/").status_code == 200


def test_a_link_from_elsewhere_starts_no_sign_in_but_leads_to_a_button(linked, corp):
    """A page of somebody else's must not sign people in here behind their back (ASVS 7.6.2)."""
    for said in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}, {}):
        client = AnyClient(headers=said)
        page = client.get("/accounts/oidc/corp/login/?next=/people/")
        assert page.status_code == 200 and "Sign in with Corp" in page.content.decode(), said
        guessed = client.get("/accounts/oidc/corp/login/?asked=guessed")
        assert guessed.status_code == 200, said
    client = AnyClient()  # a browser that does not say where a click came from: the button's address proves it
    page = client.get("/accounts/oidc/corp/login/?next=/people/").content.decode()
    onward = html.unescape(re.search(r'href="(/accounts/oidc/corp/login/[^"]+)"', page).group(1))
    assert AnyClient().get(onward).status_code == 200  # in another browser it proves nothing
    back = go(client, onward)
    assert client.get(back)["Location"] == "/accounts/enrol/"


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token"])
def test_what_is_asked_of_a_provider_follows_no_redirect(linked, provider, path):
    provider.moved = (path,)
    client = Client()
    answer = client.get("/accounts/oidc/corp/login/")
    if answer.status_code == 302:
        answer = arrive(client)
    refused(client, answer)
    assert provider.followed == []
