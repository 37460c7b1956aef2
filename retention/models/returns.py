"""A tenant's data, given back before it is deleted."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed, SealedField, Witnessed
from retention.models.cases import DeletionCase


class DataReturn(Witnessed):
    """An export of everything to a place of the customer's. ``sealed`` holds the secrets of that place.

    ``destination`` is ``bucket/prefix/`` or a folder ``/path/``; ``manifest_digest`` is the SHA-256 of the manifest,
    which names each part with its own; it stands in the certificate.
    """

    witnessed_fields: ClassVar[tuple[str, ...]] = ("case_id", "manifest_digest", "objects_returned")

    case = models.OneToOneField(DeletionCase, on_delete=models.PROTECT, related_name="data_return")
    destination = models.CharField(max_length=500)
    settings: Any = models.JSONField(default=dict)
    sealed = SealedField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    manifest_digest = models.CharField(max_length=64, blank=True)
    objects_returned = models.BigIntegerField(default=0)
    bytes_returned = models.BigIntegerField(default=0)
    trouble = models.CharField(max_length=16, blank=True)
    trouble_detail = models.CharField(max_length=300, blank=True)
    retry_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.destination


class ReturnPart(Governed):
    """One archive of a return: so many files of one store."""

    data_return = models.ForeignKey(DataReturn, on_delete=models.PROTECT, related_name="parts")
    store_key = models.CharField(max_length=64, help_text=_("A data store’s key, or what the console itself holds"))
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    objects_in = models.BigIntegerField()
    bytes_in = models.BigIntegerField()
    is_last = models.BooleanField(default=False, help_text=_("The store is returned whole"))
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("store_key", "number")
        constraints = [
            models.UniqueConstraint(fields=["data_return", "store_key", "number"], name="retention_part_once")
        ]
