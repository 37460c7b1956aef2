"""Step-ups: a second factor verified for one purpose, used once."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed


class StepUp(Governed):
    """A second factor verified by ``person`` in one session (I01).

    ``purpose`` is the action it is for and ``digest`` what it is bound to (hex SHA-256; empty:
    not bound). ``assertion`` keeps a security key's answer, so that a signature can be checked
    later without this server.
    """

    class Method(models.TextChoices):
        """How the second factor was given."""

        TOTP = "totp", _("Authenticator code")
        SECURITY_KEY = "security_key", _("Security key")
        RECOVERY_CODE = "recovery_code", _("Recovery code")
        IDP = "idp", _("Identity provider")

    person = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="step_ups")
    session_id = models.CharField(max_length=64, help_text=_("SHA-256 of the session key"))
    method = models.CharField(max_length=16, choices=Method.choices)
    user_verified = models.BooleanField(default=False)
    purpose = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, blank=True)
    assertion = models.JSONField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-at",)
        indexes = [models.Index(fields=["person", "purpose", "-at"], name="stepup_person_purpose")]

    def __str__(self) -> str:
        return self.get_method_display()
