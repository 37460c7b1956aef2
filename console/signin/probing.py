"""Testing a provider's settings without signing in: what it answers, point by point."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from cryptography import x509
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from requests import RequestException

from console.signin.oidc import StrictOpenID
from governance.models import IdentityProvider


@dataclass(frozen=True, slots=True)
class Check:
    """One point: what was looked at, whether it holds, and what was found."""

    name: str
    fine: bool
    found: str


def probe(request: HttpRequest, app: SocialApp) -> list[Check]:
    """Everything that can be known before somebody signs in."""
    row: IdentityProvider = app.identity_provider
    return probe_oidc(request, app) if row.kind == IdentityProvider.Kind.OIDC else probe_saml(row)


def probe_oidc(request: HttpRequest, app: SocialApp) -> list[Check]:
    """Discovery document, issuer, keys."""
    adapter = StrictOpenID(request, app.provider_id)
    adapter.app = app
    try:
        config = adapter.openid_config
        with get_adapter().get_requests_session() as session:
            answer = session.get(config["jwks_uri"], allow_redirects=False)
            answer.raise_for_status()
            keys = len(answer.json()["keys"])
    except (OAuth2Error, RequestException, KeyError, TypeError, ValueError) as away:
        return [Check(_("Discovery document"), False, f"{type(away).__name__}: {str(away)[:200]}")]
    claims = config.get("claims_supported", [])
    return [
        Check(_("Discovery document"), True, str(config["issuer"])),
        Check(_("Signing keys"), keys > 0, str(keys)),
        Check(_("PKCE (S256)"), "S256" in config.get("code_challenge_methods_supported", ["S256"]), _("used")),
        Check(_("Says how somebody signed in (acr, amr)"), bool({"acr", "amr"} & set(claims)), ", ".join(claims)[:200]),
    ]


def probe_saml(row: IdentityProvider) -> list[Check]:
    """The certificate, as far as it goes."""
    certificate = x509.load_pem_x509_certificate(row.certificate.encode())
    until = certificate.not_valid_after_utc
    return [
        Check(_("Signing certificate"), until > timezone.now(), _("valid until %(date)s") % {"date": until.date()}),
        Check(_("Sign-in address"), row.sso_url.startswith("https://"), row.sso_url),
    ]
