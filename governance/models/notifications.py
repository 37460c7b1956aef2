"""What a person should know, shown in the app."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from auditlog.models import Governed


class Notification(Governed):
    """One message to one person. ``kind`` is stable; ``text`` is fit to show; ``url`` leads to it."""

    person = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="notifications")
    kind = models.CharField(max_length=64)
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-at",)
        indexes = [models.Index(fields=["person", "read_at", "-at"], name="notification_inbox")]
