"""OpenID Connect, stricter than allauth's: nonce, signature, issuer, audience and user info all checked."""

from __future__ import annotations

import hmac
import secrets
from typing import Any

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from requests import RequestException

from console.signin.asking import ask_first
from console.signin.attempts import note_failure
from console.signin.mfa import SKEW, Outside, claimed_methods, claimed_time
from governance.models import IdentityProvider, Person

#: Signatures we take; ``none`` and shared-secret ones never.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
MAX_TOKEN = 32_768


class StrictOpenID(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Judges what came back from the provider; ``state`` is what was stored when the browser left."""

    state: dict[str, Any] = {}
    #: Set to judge a provider that is not offered (a test of its settings); else it is looked up.
    app: SocialApp | None = None

    def get_provider(self) -> OpenIDConnectProvider:
        """The provider, looked up once."""
        if self.app is None:
            self.app = super().get_provider().app
        return self.app.get_provider(self.request)

    @property
    def row(self) -> IdentityProvider:
        """The provider as configured."""
        row: IdentityProvider = self.get_provider().app.identity_provider
        return row

    @property
    def openid_config(self) -> dict[str, Any]:
        """The discovery document, which must be the configured issuer's own."""
        config: dict[str, Any] = super().openid_config
        if config.get("issuer") != self.row.issuer:
            raise OAuth2Error("the discovery document names another issuer")
        return config

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Verify the ID token and give a login that holds only what we need of it."""
        self.refuse_mix_up(request)
        claims = self.verified_claims(str(kwargs["response"].get("id_token") or ""))
        outside = Outside(
            issuer=self.row.issuer,
            subject=claims["sub"],
            methods=claimed_methods(claims),
            at=claimed_time(claims),
        )
        return login_of(self.get_provider(), outside)

    def refuse_mix_up(self, request: HttpRequest) -> None:
        """The authorisation response must come from the provider it was asked of (RFC 9207)."""
        given = request.GET.get("iss")
        promised = self.openid_config.get("authorization_response_iss_parameter_supported")
        if (given or promised) and given != self.row.issuer:
            raise OAuth2Error("the answer came from another provider")

    def verified_claims(self, token: str) -> dict[str, Any]:
        """The ID token's claims: signed by the issuer, for us, now, and for this very sign-in."""
        if not token or len(token) > MAX_TOKEN:
            raise OAuth2Error("no ID token")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key=self.signing_key(token),
                algorithms=ALGORITHMS,
                audience=self.row.client_id,
                issuer=self.row.issuer,
                leeway=SKEW,
                options={"require": ["iss", "sub", "aud", "exp", "iat"], "strict_aud": False},
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as wrong:
            raise OAuth2Error("the ID token does not hold") from wrong
        self.refuse_claims(claims)
        return claims

    def signing_key(self, token: str) -> Any:
        """The issuer's published key that the token names."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"], allow_redirects=False)
            answer.raise_for_status()
            keys = jwt.PyJWKSet.from_dict(answer.json())
        kid = jwt.get_unverified_header(token).get("kid")
        usable = [key for key in keys.keys if key.public_key_use in (None, "sig") and kid in (None, key.key_id)]
        if len(usable) != 1:
            raise OAuth2Error("the ID token names no key of the issuer")
        return usable[0]

    def refuse_claims(self, claims: dict[str, Any]) -> None:
        """What the signature does not say: the nonce, the authorised party, a usable subject."""
        nonce = self.state.get("nonce")
        given = claims.get("nonce")
        if not (isinstance(nonce, str) and isinstance(given, str) and hmac.compare_digest(nonce, given)):
            raise OAuth2Error("the ID token is for another sign-in")
        if claims.get("azp", self.row.client_id) != self.row.client_id:
            raise OAuth2Error("the ID token is for another client")
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and "azp" not in claims:
            raise OAuth2Error("the ID token is for several clients and names none")
        if not (isinstance(claims["sub"], str) and 0 < len(claims["sub"]) <= 255):
            raise OAuth2Error("the ID token names no subject")


class StrictOpenIDProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """Nothing in our address bar changes what is asked: no extra scope, parameter or process."""

    oauth2_adapter_class = StrictOpenID

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Only where to go afterwards is taken from the request."""
        return {"process": "login", "next_url": safe_next(request)}

    def redirect(self, request: HttpRequest, process: str, next_url: str | None = None, **kwargs: Any) -> HttpResponse:
        """Leave for the provider with PKCE, state and nonce, and ask for the methods we trust."""
        nonce = secrets.token_urlsafe(32)
        params = {"nonce": nonce}
        response: HttpResponse = super().redirect(
            request, process, next_url, auth_params=params, scope=self.get_scope(), nonce=nonce
        )
        return response


def safe_next(request: HttpRequest) -> str | None:
    """``?next=`` when it stays here."""
    given = request.GET.get("next", "")
    here = url_has_allowed_host_and_scheme(given, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return given if given and here else None


def login_of(provider: Any, outside: Outside) -> SocialLogin:
    """What allauth carries to :meth:`SocialAdapter.pre_social_login`: no names, no tokens."""
    account = SocialAccount(provider=provider.sub_id, uid=outside.subject, extra_data={"outside": outside})
    return SocialLogin(provider=provider, account=account, user=Person())


class Callback(OAuth2CallbackView):  # type: ignore[misc]
    """allauth's, but the adapter learns what was stored when the browser left."""

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, response = super()._get_state(request, provider)
        self.adapter.state = state or {}
        return state, response


def _name(request: HttpRequest, provider_id: str) -> str:
    return str(_found(request, provider_id).row.name)


@ask_first(_name)
def oidc_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Leave for the provider."""
    try:
        response: HttpResponse = _found(request, provider_id).get_provider().redirect_from_request(request)
    except (OAuth2Error, RequestException, ValueError) as away:
        return refused(request, provider_id, away)
    return response


def oidc_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from it."""
    view = Callback()
    view.request, view.adapter = request, _found(request, provider_id)
    try:
        response: HttpResponse = view.dispatch(request)
    except ImmediateHttpResponse as early:
        return early.response  # type: ignore[no-any-return]
    except (OAuth2Error, RequestException, KeyError, TypeError, ValueError) as wrong:
        return refused(request, provider_id, wrong)
    return response


def refused(request: HttpRequest, name: str, why: Exception) -> HttpResponse:
    """One page for whatever went wrong outside; the reason goes to the log, without what was sent."""
    note_failure(
        request, "signin.outside_refused", factor="provider", why=type(why).__name__, provider=name,
        reason=str(why)[:200],
    )  # fmt: skip
    return render(request, "console/signin/outside_refused.html", {"name": name}, status=401)


def _found(request: HttpRequest, provider_id: str) -> StrictOpenID:
    adapter = StrictOpenID(request, provider_id)
    try:
        if adapter.get_provider().app.provider == "openid_connect":
            return adapter
    except SocialApp.DoesNotExist:
        pass
    raise Http404
