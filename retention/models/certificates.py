"""What is said about a finished case, and what watches over it afterwards."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from auditlog.models import Governed, Witnessed
from retention.models.cases import DeletionCase
from retention.models.steps import Step


class Certificate(Witnessed):
    """What a customer is told about a case, signed; it holds digests and counts only (I58).

    ``body`` is canonical JSON (RFC 8785), word for word what was signed for; ``signature`` is over it with the log's
    key of the day (``key`` in its published form). ``leaves`` are the digests under ``root``, in order.
    """

    witnessed_fields: ClassVar[tuple[str, ...]] = ("case_id", "number", "digest", "approval_id", "is_final")

    case = models.ForeignKey(DeletionCase, on_delete=models.PROTECT, related_name="certificates")
    number = models.PositiveSmallIntegerField(help_text="1 is the first; later ones supplement it")
    is_final = models.BooleanField(help_text="Nothing is left and nothing is waited for")
    body = models.TextField()
    digest = models.CharField(max_length=64, unique=True)
    root = models.CharField(max_length=64)
    key = models.TextField(blank=True)
    signature = models.TextField(blank=True)
    pdf = models.BinaryField(default=bytes)
    approval = models.OneToOneField("governance.Approval", on_delete=models.PROTECT, related_name="certificate")
    issued_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("case", "-number")
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="retention_certificate_once")]

    def __str__(self) -> str:
        return f"{self.case}-{self.number}"


class Watch(Governed):
    """A store is listed again some days after it was verified: a restore or a late writer shows (rule 12)."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="watches")
    due_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    found = models.BigIntegerField(null=True)
    trouble = models.CharField(max_length=16, blank=True)
    blind_since = models.DateTimeField(null=True, help_text="Since when it could not be listed")

    class Meta:
        ordering = ("due_at",)
        indexes = [models.Index(fields=["looked_at", "due_at"], name="retention_watch_due")]


class Tombstone(Governed):
    """What was erased, so that a restored backup erases it again before it serves (I57).

    The same line stands in a file outside the database (``retention/tombstones.py``), which an old database
    lacks after it was restored. Replayed there, the row is made again without its ``step``: noted in the database
    that it was replayed into, so that restoring a backup once more loses the note with the rest.
    """

    step = models.OneToOneField(Step, null=True, on_delete=models.PROTECT, related_name="tombstone")
    laid_at = models.DateTimeField(default=timezone.now)
    replayed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("laid_at",)


class Reminder(Governed):
    """Somebody was told about a deadline; each kind once for a case."""

    case = models.ForeignKey(DeletionCase, on_delete=models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=24)
    told_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("told_at",)
        constraints = [models.UniqueConstraint(fields=["case", "kind"], name="retention_reminder_once")]
