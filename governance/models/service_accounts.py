"""Service accounts: the products that call the API, and the tokens they show."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed
from governance.models.constraints import NeverChanges
from governance.vocabulary import EnvironmentName


class ServiceAccount(Governed):
    """One product in one environment, for one tenant or (``tenant`` empty) for every one."""

    name = models.CharField(_("name"), max_length=120)
    product = models.SlugField(_("product"), max_length=63)
    environment = models.CharField(_("environment"), max_length=16, choices=EnvironmentName.choices)
    tenant = models.ForeignKey("tenants.Tenant", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    scopes: Any = models.JSONField(_("scopes"), default=list)
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    disabled_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("service account")
        verbose_name_plural = _("service accounts")
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "environment", "tenant"],
                condition=models.Q(tenant__isnull=False),
                name="service_account_once_per_tenant",
            ),
            models.UniqueConstraint(
                fields=["product", "environment"],
                condition=models.Q(tenant__isnull=True),
                name="service_account_once_for_all_tenants",
            ),
            models.CheckConstraint(
                condition=models.Q(environment__in=EnvironmentName.values), name="service_account_environment_known"
            ),
            NeverChanges(fields=["product", "environment", "tenant"], name="service_account_stays_bound"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        """Whether its tokens count."""
        return self.disabled_at is None


class ServiceToken(Governed):
    """A token of a service account. Only its SHA-256 is kept: it is random, so nobody finds it from there."""

    account = models.ForeignKey(ServiceAccount, on_delete=models.PROTECT, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True, help_text=_("SHA-256 of the token, hex"))
    hint = models.CharField(max_length=32, help_text=_("How it begins and ends"))
    issued_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-issued_at", "id")
        constraints = [NeverChanges(fields=["account", "digest", "hint", "issued_at"], name="service_token_stays")]

    def __str__(self) -> str:
        return self.hint

    def state_at(self, at: dt.datetime) -> str:
        """``active``, ``expired`` or ``revoked`` at an instant, whatever its account is."""
        if self.revoked_at is not None and self.revoked_at <= at:
            return "revoked"
        return "active" if at < self.expires_at else "expired"

    @property
    def state(self) -> str:
        """How it stands now."""
        return self.state_at(timezone.now())


class TokenUse(models.Model):
    """When a token was last shown, give or take :data:`~governance.services.service_accounts.USE_EVERY`.

    A figure, not a decision, so it is no governed row: what a request changed has its own event.
    """

    token = models.OneToOneField(ServiceToken, primary_key=True, on_delete=models.PROTECT, related_name="use")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.at)
