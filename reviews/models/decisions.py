"""Decisions, questions, escalations, and receipts of finality."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed
from reviews.models.claims import Claim
from reviews.models.items import ReviewItem
from reviews.vocabulary import Verdict


class Decision(Governed):
    """What one person decided in one slot, on exactly what they saw (I70, I71, I79).

    It takes effect at ``effective_at``; until then the same person may undo it. ``edits`` maps field
    names to new values and is erased with the item's content; ``result_digest`` is of the edited record.
    """

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="decisions")
    queue = models.ForeignKey("reviews.Queue", on_delete=models.PROTECT, related_name="decisions")
    slot = models.PositiveSmallIntegerField()
    person = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="review_decisions")
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    reason_code = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)
    edits: Any = models.JSONField(default=dict)
    seen_digest = models.CharField(max_length=64)
    result_digest = models.CharField(max_length=64)
    sources_opened = models.PositiveSmallIntegerField(default=0)
    sources_cited = models.PositiveSmallIntegerField(default=0)
    seconds = models.PositiveIntegerField(help_text=_("From claim to decision"))
    step_up = models.ForeignKey("governance.StepUp", null=True, on_delete=models.PROTECT, related_name="+")
    in_bulk = models.BooleanField(default=False)
    is_late = models.BooleanField(default=False, help_text=_("After the item was due"))
    is_seeded = models.BooleanField(default=False, help_text=_("About a seeded item: in no figure but the catch rate"))
    decided_at = models.DateTimeField(default=timezone.now, editable=False)
    effective_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("slot", "decided_at")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "slot"], condition=Q(undone_at__isnull=True), name="decision_slot_once"
            ),
            models.UniqueConstraint(
                fields=["item", "person"], condition=Q(undone_at__isnull=True), name="decision_person_once"
            ),
            models.CheckConstraint(
                condition=~Q(verdict="refuse") | ~Q(reason_code=""), name="decision_refusal_has_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["queue", "-decided_at"], name="decision_queue"),
            models.Index(fields=["person", "-decided_at"], name="decision_person"),
            models.Index(fields=["decided_at"], condition=Q(slot=2), name="decision_second"),
        ]

    def __str__(self) -> str:
        return self.get_verdict_display()


class Question(Governed):
    """A reviewer asks; the clock stands still until the product or a colleague answers."""

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="questions")
    asked_by = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="review_questions")
    question = models.TextField()
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, editable=False)
    answered_by = models.CharField(max_length=120, blank=True, help_text=_("The person or the product that answered"))

    class Meta:
        ordering = ("asked_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(answered_at__isnull=True), name="question_open_once"
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.question[:80]


class Escalation(Governed):
    """The item went up: a reviewer asked for it (``person``), or its time ran out (none)."""

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="escalations")
    person = models.ForeignKey("governance.Person", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.reason[:80]


class FinalityReceipt(Governed):
    """Lets the product act once on one final record (I94). Only the SHA-256 of its text is kept."""

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="receipts")
    token = models.CharField(max_length=64, unique=True, help_text=_("SHA-256 of the receipt, hex"))
    digest = models.CharField(max_length=64)
    issued_at = models.DateTimeField(default=timezone.now, editable=False)
    consumed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("issued_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(consumed_at__isnull=False), name="receipt_consumed_once"
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.digest[:12]
