"""SAML, stricter than allauth's: the signed assertion must answer our own request, and counts once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import ProviderException
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from allauth.socialaccount.providers.saml.utils import build_saml_config, get_app_or_404
from allauth.socialaccount.providers.saml.views import acs, finish_acs
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from lxml import etree  # type: ignore[import-untyped]
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.errors import OneLogin_Saml2_Error
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from console.signin.asking import ask_first
from console.signin.mfa import Outside
from console.signin.oidc import login_of, refused, safe_next

MAX_RESPONSE = 256_000
NAMES = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion"}


class StrictSAMLProvider(SAMLProvider):  # type: ignore[misc]
    """Reads only what the IdP signed."""

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Only where to go afterwards is taken from the request."""
        return {"process": "login", "next_url": safe_next(request)}

    def sociallogin_from_response(self, request: HttpRequest, auth: OneLogin_Saml2_Auth) -> SocialLogin:
        """A login from an answer that python3-saml found valid, judged once more."""
        assertion = signed_assertion(auth)
        refuse_borrowed(assertion, auth.get_last_response_in_response_to())
        subject = auth.get_nameid()
        if not subject or len(subject) > 255 or is_transient(auth):
            raise ProviderException("the assertion names no lasting subject")
        outside = Outside(
            issuer=self.app.identity_provider.issuer,
            subject=subject,
            methods=frozenset(auth.get_last_authn_contexts()),
            at=authn_instant(assertion),
            assertion_id=auth.get_last_assertion_id(),
        )
        return login_of(self, outside)


def signed_assertion(auth: OneLogin_Saml2_Auth) -> etree._Element:
    """The one assertion whose signature was verified."""
    whole = auth.get_last_response_xml(pretty_print_if_possible=False)
    raw = whole.encode() if isinstance(whole, str) else whole
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    found = etree.fromstring(raw, parser).findall(".//saml:Assertion", NAMES)
    same = [one for one in found if one.get("ID") == auth.get_last_assertion_id()]
    if len(found) != 1 or len(same) != 1:
        raise ProviderException("the answer does not hold exactly one assertion")
    return same[0]


def refuse_borrowed(assertion: etree._Element, request_id: str | None) -> None:
    """The signed part itself must name our request: an assertion for another sign-in is not put in a new wrapping."""
    answers = {data.get("InResponseTo") for data in assertion.findall(".//saml:SubjectConfirmationData", NAMES)}
    if not request_id or answers != {request_id}:
        raise ProviderException("the assertion does not answer this sign-in")


def is_transient(auth: OneLogin_Saml2_Auth) -> bool:
    """Whether the subject is another one each time, or a mere address: neither is an identity (I04)."""
    return str(auth.get_nameid_format() or "").rsplit(":", 1)[-1] in ("transient", "emailAddress")


def authn_instant(assertion: etree._Element) -> dt.datetime | None:
    """When the IdP says the person authenticated; missing or malformed is ``None``."""
    statements = assertion.findall(".//saml:AuthnStatement", NAMES)
    try:
        at = dt.datetime.fromisoformat(statements[0].get("AuthnInstant", "").replace("Z", "+00:00"))
    except (IndexError, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def _name(request: HttpRequest, organization_slug: str) -> str:
    return str(_found(request, organization_slug).app.name)


@ask_first(_name)
def saml_login(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Leave for the IdP."""
    return _found(request, organization_slug).redirect_from_request(request)  # type: ignore[no-any-return]


@csrf_exempt  # the IdP's page posts here; what counts is the signature and our stored request
@require_POST
def saml_acs(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """The IdP's answer arrives, without our cookies; keep it and go on with them."""
    _found(request, organization_slug)
    if len(request.POST.get("SAMLResponse", "")) > MAX_RESPONSE:
        return refused(request, organization_slug, ProviderException("too long"))
    response: HttpResponse = acs(request, organization_slug)
    return response


def saml_finish(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Judge the answer."""
    _found(request, organization_slug)
    try:
        response: HttpResponse = finish_acs(request, organization_slug)
    except (PermissionDenied, ProviderException, OneLogin_Saml2_Error, etree.XMLSyntaxError, ValueError) as wrong:
        return refused(request, organization_slug, wrong)
    return response


def saml_metadata(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """What the IdP's administrator loads: our addresses, and that assertions must be signed."""
    app = _found(request, organization_slug).app
    config = build_saml_config(request, app.settings, organization_slug)
    del config["sp"]["singleLogoutService"]  # sessions end here, not on an unsigned word from outside
    written = OneLogin_Saml2_Settings(settings=config, sp_validation_only=True).get_sp_metadata()
    return HttpResponse(written, content_type="application/samlmetadata+xml")


def saml_sls(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Single logout is not offered; allauth only needs the address to exist."""
    raise Http404


def _found(request: HttpRequest, slug: str) -> StrictSAMLProvider:
    request.META.setdefault("HTTP_HOST", request.get_host())  # python3-saml reads it; HTTP/1.0 need not send it
    provider: StrictSAMLProvider = get_app_or_404(request, slug).get_provider(request)
    return provider
