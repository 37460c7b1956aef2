"""Where the webhooks of a service account go."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed, SealedField
from auditlog.sealing import unseal


class Endpoint(Governed):
    """The one address that hears what happens to a service account's things; earlier ones are kept, disabled.

    ``account_id`` is a plain id: service accounts live in a room above. While attempts fail the
    endpoint rests, longer each time, so that one dead receiver does not hold up everybody's messages.
    """

    account_id = models.UUIDField(editable=False)
    url = models.URLField(_("address"), max_length=500)
    events = models.JSONField(_("events"), default=list, blank=True, help_text=_("Names; empty: every event"))
    sealed_secret = SealedField(editable=False)
    sealed_previous_secret = SealedField(blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, editable=False)
    secret_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    disabled_at = models.DateTimeField(null=True, editable=False)
    disabled_why = models.CharField(max_length=200, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False, help_text=_("Failed attempts in a row"))
    failing_since = models.DateTimeField(null=True, editable=False)
    resting_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("webhook endpoint")
        ordering = ("-created_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["account_id"], condition=models.Q(disabled_at=None), name="endpoint_one_live"
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def state(self) -> str:
        """One word: ``disabled``, ``failing``, or ``live``."""
        if self.disabled_at:
            return "disabled"
        return "failing" if self.failing_since else "live"

    def wants(self, event: str) -> bool:
        """Whether the product asked to hear of this event."""
        return not self.events or event in self.events

    def secrets(self, now: dt.datetime) -> list[str]:
        """The secrets to sign with at ``now``, newest first: after a rotation both count for a day."""
        sealed = [self.sealed_secret]
        if self.previous_until is not None and now < self.previous_until:
            sealed.append(self.sealed_previous_secret)
        return [unseal(secret) for secret in sealed]
