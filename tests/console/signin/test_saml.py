"""SAML against an identity provider that signs with xmlsec: who gets in, and everything that is refused."""

from __future__ import annotations

import base64
import datetime as dt
import uuid
import zlib
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from onelogin.saml2.constants import OneLogin_Saml2_Constants as C
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from governance.models import IdentityProvider, Person
from governance.services.identities import ProviderSettings, link_identity, save_provider
from tests.console.signin.conftest import ClickingClient as Client
from tests.console.signin.conftest import is_in

pytestmark = pytest.mark.django_db
HOST = "http://testserver"
STRONG = "https://refeds.org/profile/mfa"
PASSWORD_ONLY = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"


class IdP:
    """Keys and a way to answer; every keyword of :meth:`response` is a way to misbehave."""

    def __init__(self, entity_id: str = "https://idp.example/saml") -> None:
        self.entity_id = entity_id
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=30))
            .sign(key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        self.key = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
        self.certificate = certificate.public_bytes(pem).decode()

    def response(
        self,
        request_id: str,
        *,
        slug: str = "corp",
        subject: str = "subject-1",
        audience: str = "",
        context: str = PASSWORD_ONLY,
        answers: str | None = None,
        instant: dt.datetime | None = None,
        valid: tuple[int, int] = (-60, 300),
        signed: bool = True,
        by: IdP | None = None,
        issuer: str = "",
        name_format: str = PERSISTENT,
        tamper: tuple[str, str] | None = None,
    ) -> str:
        now = dt.datetime.now(dt.UTC)
        stamp = "%Y-%m-%dT%H:%M:%SZ"
        since, until = ((now + dt.timedelta(seconds=shift)).strftime(stamp) for shift in valid)
        acs = f"{HOST}/accounts/saml/{slug}/acs/"
        answers = request_id if answers is None else answers
        in_response = f'InResponseTo="{answers}"' if answers else ""
        issuer = issuer or self.entity_id
        assertion = f"""<saml:Assertion xmlns:saml="{C.NS_SAML}" ID="_{uuid.uuid4().hex}" Version="2.0" IssueInstant="{now.strftime(stamp)}">
<saml:Issuer>{issuer}</saml:Issuer><saml:Subject><saml:NameID Format="{name_format}">{subject}</saml:NameID>
<saml:SubjectConfirmation Method="{C.CM_BEARER}"><saml:SubjectConfirmationData {in_response} NotOnOrAfter="{until}" Recipient="{acs}"/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{since}" NotOnOrAfter="{until}"><saml:AudienceRestriction><saml:Audience>{audience or f"{HOST}/accounts/saml/{slug}/metadata/"}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="{(instant or now).strftime(stamp)}" SessionIndex="_s"><saml:AuthnContext><saml:AuthnContextClassRef>{context}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement></saml:Assertion>"""
        if signed:
            signer = by or self
            assertion = OneLogin_Saml2_Utils.add_sign(
                assertion, signer.key, signer.certificate, sign_algorithm=C.RSA_SHA256, digest_algorithm=C.SHA256
            ).decode()
        if tamper:
            assert tamper[0] in assertion
            assertion = assertion.replace(*tamper)
        return self.wrapped(assertion, request_id, slug)

    def wrapped(self, assertion: str, request_id: str, slug: str = "corp") -> str:
        now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        whole = f"""<samlp:Response xmlns:samlp="{C.NS_SAMLP}" xmlns:saml="{C.NS_SAML}" ID="_{uuid.uuid4().hex}" Version="2.0" IssueInstant="{now}" Destination="{HOST}/accounts/saml/{slug}/acs/" InResponseTo="{request_id}"><saml:Issuer>{self.entity_id}</saml:Issuer><samlp:Status><samlp:StatusCode Value="{C.STATUS_SUCCESS}"/></samlp:Status>{assertion}</samlp:Response>"""
        return base64.b64encode(whole.encode()).decode()


@pytest.fixture(scope="module")
def idp() -> IdP:
    return IdP()


@pytest.fixture
def corp(idp, world) -> IdentityProvider:
    return add(idp, world)


def add(idp: IdP, world, slug: str = "corp") -> IdentityProvider:
    given = ProviderSettings(
        kind="saml", slug=slug, name=slug.title(), issuer=idp.entity_id, sso_url="https://idp.example/sso",
        certificate=idp.certificate, mfa_values=[STRONG],
    )  # fmt: skip
    return save_provider(actor=world.actor("administrator"), settings_=given)


@pytest.fixture
def linked(corp, world) -> Person:
    person = world.person["vendor_analyst"]
    link_identity(actor=world.actor("administrator"), person_id=person.id, issuer=corp.issuer, subject="subject-1")
    return person


def leave(client: Client, slug: str = "corp") -> str:
    """Go to the IdP; the id of our request."""
    sent = parse_qs(urlsplit(client.get(f"/accounts/saml/{slug}/login/")["Location"]).query)["SAMLRequest"][0]
    return etree.fromstring(zlib.decompress(base64.b64decode(sent), -15)).get("ID")


def come_back(client: Client, response: str, slug: str = "corp"):
    answer = client.post(f"/accounts/saml/{slug}/acs/", {"SAMLResponse": response})
    return client.get(answer["Location"]) if answer.status_code == 302 else answer


def refused(client: Client, answer) -> None:
    assert answer.status_code in (401, 403), answer.content.decode()[:300]
    assert not is_in(client) and client.get("/accounts/second-factor/")["Location"] == "/accounts/login/"


def test_a_good_answer_leads_to_our_second_factor(idp, linked):
    client = Client()
    assert come_back(client, idp.response(leave(client)))["Location"] == "/accounts/enrol/"
    assert not is_in(client)


def test_i02_a_listed_context_is_the_second_factor_while_it_is_fresh(idp, linked):
    client = Client()
    assert come_back(client, idp.response(leave(client), context=STRONG))["Location"] == "/"
    assert is_in(client) and client.session["second_factor_method"] == "idp"
    old, client = dt.datetime.now(dt.UTC) - dt.timedelta(hours=3), Client()
    assert come_back(client, idp.response(leave(client), context=STRONG, instant=old))["Location"] == "/accounts/enrol/"


def test_what_is_refused(idp, linked):
    stranger = IdP()
    misbehaviours = [
        {"signed": False},
        {"by": stranger},
        {"tamper": ("subject-1", "subject-2")},
        {"tamper": (PASSWORD_ONLY, STRONG)},
        {"audience": "https://another.example/metadata"},
        {"issuer": "https://evil.example"},
        {"valid": (-600, -300)},
        {"valid": (600, 900)},
        {"answers": "ONELOGIN_another"},
        {"answers": ""},
        {"name_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
        {"name_format": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"},
    ]
    for misbehaviour in misbehaviours:
        client = Client()
        refused(client, come_back(client, idp.response(leave(client), **misbehaviour)))


def test_what_nobody_asked_for_is_refused(idp, linked):
    client = Client()
    refused(client, come_back(client, idp.response("ONELOGIN_0123456789abcdef")))
    other = Client()
    request_id = leave(other)
    refused(client, come_back(client, idp.response(request_id)))


def test_a_replay_is_refused_in_the_same_browser_in_another_and_rewrapped(idp, linked):
    client, thief = Client(), Client()
    response = idp.response(leave(client))
    assert come_back(client, response)["Location"] == "/accounts/enrol/"
    assert come_back(client, response).status_code in (401, 403)
    refused(thief, come_back(thief, response))
    signed = base64.b64decode(response).decode()
    assertion = signed[signed.index("<saml:Assertion") : signed.index("</samlp:Response>")]
    refused(thief, come_back(thief, idp.wrapped(assertion, leave(thief))))


def test_a_second_assertion_beside_the_signed_one_is_refused(idp, linked):
    client = Client()
    request_id = leave(client)
    good = base64.b64decode(idp.response(request_id)).decode()
    evil = base64.b64decode(idp.response(request_id, subject="subject-2", signed=False)).decode()
    extra = evil[evil.index("<saml:Assertion") : evil.index("</samlp:Response>")]
    for whole in (
        good.replace("</samlp:Response>", extra + "</samlp:Response>"),
        good.replace("<samlp:Status>", extra + "<samlp:Status>", 1),
    ):
        refused(client, come_back(client, base64.b64encode(whole.encode()).decode()))


def test_mix_up_between_idps(idp, linked, world):
    other = IdP("https://other.example/saml")
    add(other, world, "other")
    client = Client()
    refused(client, come_back(client, other.response(leave(client))))
    client = Client()
    request_id = leave(client, "corp")
    refused(client, come_back(client, other.response(request_id, slug="other"), "other"))


def test_nonsense_is_a_page(idp, linked):
    client = Client()
    for nonsense in (
        "",
        "%%%",
        base64.b64encode(b"<x/>").decode(),
        base64.b64encode(b"not xml").decode(),
        "A" * 300_000,
    ):
        refused(client, come_back(client, nonsense))
    assert client.get("/accounts/saml/corp/acs/").status_code == 405
    assert client.get("/accounts/saml/nothing/login/").status_code == 404
    assert client.get("/accounts/saml/corp/sls/").status_code == 404
    refused(client, client.get("/accounts/saml/corp/acs/finish/"))


def test_i04_an_unknown_subject_is_nobody(idp, corp, world):
    client = Client()
    answer = come_back(client, idp.response(leave(client), subject=world.person["auditor"].email))
    assert answer.status_code == 403 and "You are not known here yet" in answer.content.decode()


def test_the_metadata_asks_for_signed_assertions(idp, corp):
    page = Client().get("/accounts/saml/corp/metadata/").content.decode()
    assert 'WantAssertionsSigned="true"' in page and "/accounts/saml/corp/acs/" in page
    assert "SingleLogoutService" not in page
