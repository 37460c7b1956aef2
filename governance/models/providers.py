"""Identity providers people sign in through: OpenID Connect and SAML."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed, SealedField


class IdentityProvider(Governed):
    """One provider of an organisation. ``issuer`` and a subject are an identity (I04).

    The client secret is encrypted and never shown again. ``mfa_values`` are the ``acr``/``amr``
    values (OIDC) or authentication contexts (SAML) that prove a second factor; a login without
    one of them has one factor only (I02).
    """

    class Kind(models.TextChoices):
        """The protocol."""

        OIDC = "oidc", _("OpenID Connect")
        SAML = "saml", _("SAML 2.0")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    slug = models.SlugField(max_length=40, unique=True, help_text=_("Part of its addresses here, such as “corp”"))
    name = models.CharField(max_length=80, help_text=_("What the button on the sign-in page says"))
    issuer = models.CharField(max_length=255, help_text=_("OIDC: the issuer's URL. SAML: the IdP's entity ID"))
    client_id = models.CharField(max_length=255, blank=True)
    sealed_secret = SealedField(blank=True)
    sso_url = models.CharField(max_length=500, blank=True, help_text=_("SAML: where sign-in requests go"))
    certificate = models.TextField(blank=True, help_text=_("SAML: the IdP's signing certificate (PEM)"))
    mfa_values = models.JSONField(default=list, blank=True)
    mfa_max_age_minutes = models.PositiveSmallIntegerField(default=60)
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    #: Set on providers that come from the environment: they have no row and cannot be edited here.
    from_environment = False

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def mfa_max_age(self) -> dt.timedelta:
        """How old the provider's authentication may be to count as a second factor."""
        return dt.timedelta(minutes=self.mfa_max_age_minutes)
