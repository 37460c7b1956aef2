"""A tenant's data, given back before it is deleted."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from auditlog.models import Governed, Witnessed
from retention.models.cases import DeletionCase


class DataReturn(Witnessed):
    """An export of everything to a place of the customer's. ``sealed`` holds the secrets of that place.

    ``destination`` is ``bucket/prefix/``; ``manifest_digest`` is the SHA-256 of the manifest, which names each file
    with its own; it stands in the certificate.
    """

    witnessed_fields: ClassVar[tuple[str, ...]] = ("case_id", "manifest_digest", "objects_returned")

    case = models.OneToOneField(DeletionCase, on_delete=models.PROTECT, related_name="data_return")
    destination = models.CharField(max_length=500)
    settings: Any = models.JSONField(default=dict)
    sealed = models.TextField(blank=True)
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
    store = models.ForeignKey("tenants.DataStore", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    objects_in = models.BigIntegerField()
    bytes_in = models.BigIntegerField()
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("store", "number")
        constraints = [models.UniqueConstraint(fields=["data_return", "store", "number"], name="retention_part_once")]
