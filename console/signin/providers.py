"""The identity providers there are: an administrator's rows and those of the environment."""

from __future__ import annotations

import json
from typing import Any

from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from governance.models import IdentityProvider
from governance.sealing import seal, unseal

#: allauth's names of the two protocols.
PROTOCOLS = {IdentityProvider.Kind.OIDC: "openid_connect", IdentityProvider.Kind.SAML: "saml"}


def enabled_providers() -> list[IdentityProvider]:
    """Everything people may sign in through; the environment wins where a short name is used twice."""
    fixed = environment_providers()
    taken = {row.slug for row in fixed}
    return fixed + list(IdentityProvider.objects.filter(is_enabled=True).exclude(slug__in=taken))


def sso_is_configured() -> bool:
    """Whether people sign in through a provider here (I07)."""
    return bool(settings.SSO_PROVIDERS) or IdentityProvider.objects.filter(is_enabled=True).exists()


def environment_providers() -> list[IdentityProvider]:
    """The providers of ``SSO_PROVIDERS``, as rows that are not stored."""
    return [from_json(given) for given in json.loads(settings.SSO_PROVIDERS or "[]")]


def from_json(given: dict[str, Any]) -> IdentityProvider:
    """One provider of the environment; an unknown or missing key stops the start with its name."""
    secret = given.get("client_secret", "")
    allowed = {"kind", "slug", "name", "issuer", "client_id", "client_secret", "sso_url", "certificate", "mfa_values",
               "mfa_max_age_minutes"}  # fmt: skip
    wrong = {"kind", "slug", "name", "issuer"} - given.keys() or given.keys() - allowed
    if wrong:
        raise ImproperlyConfigured(f"SSO_PROVIDERS: missing or unknown: {', '.join(sorted(wrong))}.")
    row = IdentityProvider(**{key: value for key, value in given.items() if key != "client_secret"})
    row.sealed_secret = seal(secret) if secret else ""
    row.from_environment = True
    return row


def app_of(row: IdentityProvider) -> SocialApp:
    """The provider as allauth takes it: never stored, its secret opened only here."""
    oidc = row.kind == IdentityProvider.Kind.OIDC
    app = SocialApp(
        provider=PROTOCOLS[IdentityProvider.Kind(row.kind)],
        provider_id=row.slug,
        name=row.name,
        client_id=row.client_id if oidc else row.slug,
        secret=unseal(row.sealed_secret) if row.sealed_secret else "",
        settings=oidc_settings(row) if oidc else saml_settings(row),
    )
    app.identity_provider = row
    return app


def oidc_settings(row: IdentityProvider) -> dict[str, Any]:
    """What allauth's OpenID Connect provider reads."""
    return {"server_url": row.issuer.rstrip("/"), "oauth_pkce_enabled": True, "scope": ["openid"]}


def saml_settings(row: IdentityProvider) -> dict[str, Any]:
    """What allauth's SAML provider reads: signed assertions only, for us, asked for by us."""
    return {
        "idp": {"entity_id": row.issuer, "sso_url": row.sso_url, "x509cert": row.certificate},
        "attribute_mapping": {},
        "advanced": {
            "strict": True,
            "want_assertion_signed": True,
            "want_name_id": True,
            "want_attribute_statement": False,
            "reject_idp_initiated_sso": True,
            "reject_deprecated_algorithm": True,
            "allow_single_label_domains": True,  # consoles on an intranet have such names
        },
    }
