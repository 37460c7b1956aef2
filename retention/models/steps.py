"""The work on one store: its steps, batches, residue and receipts, and who is at it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from auditlog.models import Governed, SealedField, Witnessed
from retention.models.cases import DeletionCase, PlanItem
from retention.vocabulary import BatchState, ReceiptKind, StepState


class Step(Governed):
    """One store of a case. The counts are sums over its settled batches, each item counted once.

    ``destroyed`` + ``kept`` = ``intended`` once all batches are settled; ``repeated`` counts what was there
    again after it had been erased. ``trouble`` says what stops it, ``retry_at`` when it is tried again.
    """

    case = models.ForeignKey(DeletionCase, on_delete=models.PROTECT, related_name="steps")
    item = models.OneToOneField(PlanItem, on_delete=models.PROTECT, related_name="step")
    state = models.CharField(max_length=16, choices=StepState.choices, default=StepState.PENDING)
    intended = models.BigIntegerField(default=0)
    destroyed = models.BigIntegerField(default=0)
    destroyed_bytes = models.BigIntegerField(default=0)
    kept = models.BigIntegerField(default=0)
    repeated = models.BigIntegerField(default=0)
    sweeps = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=16, blank=True)
    trouble_detail = models.CharField(max_length=300, blank=True)
    tries = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    last_deleted_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True, help_text="Data was there again: a later step of the case erases it")

    class Meta:
        ordering = ("item__own", "item__store__name", "id")
        indexes = [models.Index(fields=["state", "retry_at"], name="retention_step_due")]
        constraints = [models.CheckConstraint(condition=Q(state__in=StepState.values), name="retention_step_state")]

    def __str__(self) -> str:
        return str(self.item)


class Batch(Governed):
    """What is about to be erased in one call, committed before it (rule 2), and what came of it.

    ``items`` is compressed JSON of what was not answered for yet: emptied when the batch is settled, so that no
    names stay behind. ``leaves`` are the salted digests of what was destroyed, 32 bytes each.
    """

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=BatchState.choices, default=BatchState.INTENDED)
    sweep = models.PositiveIntegerField()
    intended = models.PositiveIntegerField()
    acknowledged = models.PositiveIntegerField(default=0)
    acknowledged_bytes = models.BigIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    items = models.BinaryField()
    leaves = models.BinaryField(default=bytes)
    intended_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["step", "number"], name="retention_batch_once"),
            # Rule 3: acknowledged + kept + repeated = intended, or it is not settled.
            models.CheckConstraint(
                condition=Q(state="intended") | Q(intended=F("acknowledged") + F("kept") + F("repeated")),
                name="retention_batch_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} #{self.number}"


class Residue(Governed):
    """Something a store will not let go of: why, until when, and who can lift it. ``sealed_name`` finds it again."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="residue")
    digest = models.CharField(max_length=64)
    sealed_item = SealedField(blank=True)
    code = models.CharField(max_length=16)
    detail = models.CharField(max_length=300, blank=True)
    until = models.DateTimeField(null=True)
    owner = models.CharField(max_length=120, blank=True)
    found_at = models.DateTimeField(default=timezone.now)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("until", "id")
        indexes = [models.Index(fields=["cleared_at", "until"], name="retention_residue_due")]
        constraints = [models.UniqueConstraint(fields=["step", "digest"], name="retention_residue_once")]

    def __str__(self) -> str:
        return self.code


class Receipt(Witnessed):
    """Who says, and when, that a store holds nothing more of this case than its residue (I53)."""

    witnessed_fields: ClassVar[tuple[str, ...]] = ("step_id", "kind", "taken_at", "left", "residue", "statement_digest")

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="receipts")
    kind = models.CharField(max_length=16, choices=ReceiptKind.choices)
    taken_at = models.DateTimeField(default=timezone.now)
    left = models.BigIntegerField(default=0)
    residue = models.BigIntegerField(default=0)
    attested_by = models.CharField(max_length=200, blank=True)
    statement = models.TextField(blank=True)
    statement_digest = models.CharField(max_length=64, blank=True)
    evidence = models.ForeignKey("governance.Evidence", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-taken_at",)

    def __str__(self) -> str:
        return f"{self.step}: {self.get_kind_display()}"


class Lease(models.Model):
    """Who is at a piece of work: one worker at a time, fenced by an epoch (rule 1). Not governed: it changes nothing.

    ``about`` is a step's, plan item's, return's or watch's id. ``count`` and ``size`` are how far a count has got.
    """

    about = models.UUIDField(primary_key=True, default=uuid.uuid4)
    epoch = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(null=True)
    count = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
