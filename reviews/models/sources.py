"""Source records of the products: what a draft may cite."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed


class SourceRecord(Governed):
    """One version of a product's own record, or of its digest only (``content`` is null then).

    A record that changes gets a new row and the old one ends, so that what was cited can still be
    shown beside what it became (I76). ``removed`` marks that the product deleted it.
    """

    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="source_records")
    site = models.ForeignKey("tenants.Site", null=True, on_delete=models.PROTECT, related_name="source_records")
    record = models.CharField(_("record"), max_length=200)
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the canonical content, hex"))
    content: Any = models.JSONField(null=True, blank=True)
    removed = models.BooleanField(default=False)
    account = models.ForeignKey("governance.ServiceAccount", on_delete=models.PROTECT, related_name="source_records")
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-received_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "record"], condition=Q(ended_at__isnull=True), name="source_current_once"
            )
        ]
        indexes = [models.Index(fields=["tenant", "record", "-received_at"], name="source_versions")]

    def __str__(self) -> str:
        return self.record
