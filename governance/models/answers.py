"""Answers kept for a while, so that a product may safely ask twice."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed


class KeptAnswer(Governed):
    """What a service account was answered under one Idempotency-Key; committed with what the request changed."""

    account = models.ForeignKey("governance.ServiceAccount", on_delete=models.PROTECT, related_name="+")
    key_digest = models.CharField(max_length=64, help_text=_("SHA-256 of the key, hex"))
    request_digest = models.CharField(max_length=64, help_text=_("SHA-256 of method, address and body, hex"))
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    answered_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["answered_at"], name="kept_answer_at")]
        constraints = [models.UniqueConstraint(fields=["account", "key_digest"], name="kept_answer_once")]

    def __str__(self) -> str:
        return self.key_digest[:12]
