"""Links for one person: to sign in for the first time, to set a new password, to enrol a new second factor."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed


class Invitation(Governed):
    """A link for one person, good once and until ``expires_at``. Only the token's digest is kept."""

    class Purpose(models.TextChoices):
        """What the link is for."""

        JOIN = "join", _("First sign-in")
        RESET = "reset", _("New password")
        FACTOR = "factor", _("New second factor")

    person = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="invitations")
    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.JOIN)
    token_digest = models.CharField(max_length=64, unique=True, help_text=_("SHA-256 of the link's token, hex"))
    created_by = models.ForeignKey("governance.Person", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-created_at",)
        indexes = [models.Index(fields=["person", "-created_at"], name="invitation_person")]

    def __str__(self) -> str:
        return str(self.person)
