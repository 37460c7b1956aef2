"""Claims: leases on an item, fenced by an epoch; and what one typed meanwhile."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from auditlog.models import Governed
from reviews.models.items import ReviewItem
from reviews.vocabulary import ClaimEnd


class Claim(Governed):
    """``person`` holds ``item`` in ``slot`` until ``until``. A decision counts only with its epoch (I70).

    A claim whose ``until`` has passed is over, whether or not somebody came by to note it.
    """

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="claims")
    queue = models.ForeignKey("reviews.Queue", on_delete=models.PROTECT, related_name="claims")
    slot = models.PositiveSmallIntegerField()
    person = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="claims")
    epoch = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    taken_at = models.DateTimeField(default=timezone.now, editable=False)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_how = models.CharField(max_length=16, choices=ClaimEnd.choices, blank=True)

    class Meta:
        ordering = ("-taken_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(ended_at__isnull=True), name="claim_live_once"
            ),
            models.UniqueConstraint(fields=["item", "epoch"], name="claim_epoch_once"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_how="") | (Q(ended_at__isnull=False) & ~Q(ended_how="")),
                name="claim_end_has_reason",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["queue", "until"], condition=Q(ended_at__isnull=True), name="claim_live_queue"),
            models.Index(fields=["person", "until"], condition=Q(ended_at__isnull=True), name="claim_live_person"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}#{self.epoch}"


class DecisionDraft(Governed):
    """What a reviewer has typed and opened for an item. Outlives the claim, the session and the browser (I80)."""

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="decision_drafts")
    person = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="decision_drafts")
    reason_code = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)
    edits: Any = models.JSONField(default=dict)
    opened: Any = models.JSONField(default=list, help_text="Citations that were opened, by id")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "person"], name="decision_draft_once")]

    def __str__(self) -> str:
        return str(self.item_id)
