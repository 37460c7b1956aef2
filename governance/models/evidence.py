"""Evidence: a file that proves something, its bytes known by their digest."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.guard import GovernedQuerySet, refuse_outside_change
from auditlog.models import Witnessed
from governance.models.constraints import NeverChanges

#: A SOC 2 report counts for this many months after its period ends (L2-35).
SOC2_MONTHS = 12


class EvidenceQuerySet(GovernedQuerySet):
    """Evidence is withdrawn, never deleted."""

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused always: what a decision stood on must stay known (I24)."""
        raise models.ProtectedError("Evidence is withdrawn, never deleted.", set(self))


class Evidence(Witnessed):
    """One file, what it claims, and what checking it found (I20, I24).

    What the file is (``digest``, ``size``, ``media_type``, ``name``) and what it claims (``kind``,
    ``issuer``, dates, ``scope``) never change: a correction is a new evidence, the old one is
    withdrawn. Only the scan, the redaction review and the withdrawal move.
    """

    class Kind(models.TextChoices):
        """What the file claims to be."""

        SOC2_TYPE2 = "soc2_type2", _("SOC 2 Type II report")
        SOC2_TYPE1 = "soc2_type1", _("SOC 2 Type I report")
        ISO27001 = "iso27001", _("ISO/IEC 27001 certificate")
        ISO42001 = "iso42001", _("ISO/IEC 42001 certificate")
        PENTEST = "pentest", _("Penetration test report")
        DPA = "dpa", _("Data processing agreement")
        ZDR = "zdr", _("Zero data retention agreement")
        ARCHITECTURE = "architecture", _("Architecture description")
        MARKETING = "marketing", _("Marketing material")
        OTHER = "other", _("Something else")

    class Scan(models.TextChoices):
        """What checking the bytes found."""

        WAITING = "waiting", _("Waiting to be checked")
        CLEAN = "clean", _("Checked, clean")
        INFECTED = "infected", _("Infected")
        REFUSED = "refused", _("Refused")
        FAILED = "failed", _("Check failed")

    class Redaction(models.TextChoices):
        """Whether somebody looked at the pages, and whether parts were blacked out (L2-36)."""

        WAITING = "waiting", _("Pages not reviewed")
        UNREDACTED = "unredacted", _("Nothing redacted")
        REDACTED = "redacted", _("Redacted")

    witnessed_fields: ClassVar[tuple[str, ...]] = (
        "digest", "size", "media_type", "kind", "issuer", "period_start", "period_end", "valid_until",
        "scan_state", "redaction", "redaction_reviewer_id", "uploaded_by_id", "withdrawn_at",
    )  # fmt: skip

    digest = models.CharField(max_length=64, editable=False, help_text=_("SHA-256 of the bytes, hex"))
    size = models.PositiveBigIntegerField(editable=False, help_text=_("Bytes"))
    media_type = models.CharField(max_length=100, editable=False, help_text=_("As found in the bytes"))
    name = models.CharField(max_length=200, editable=False, help_text=_("The file's name, made safe"))
    kind = models.CharField(max_length=16, choices=Kind.choices)
    issuer = models.CharField(max_length=200, help_text=_("Who issued it: the auditor, for a report"))
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True, help_text=_("The last day it counts"))
    scope = models.TextField(blank=True)
    segregation_pages = models.CharField(max_length=120, blank=True, help_text=_("Where it shows segregation (L2-38)"))
    privacy_pages = models.CharField(max_length=120, blank=True, help_text=_("Where it shows privacy (L2-38)"))
    uploaded_by = models.ForeignKey(
        "governance.Person", on_delete=models.PROTECT, related_name="uploaded_evidence", editable=False
    )
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)

    scan_state = models.CharField(max_length=8, choices=Scan.choices, default=Scan.WAITING)
    scan_detail = models.CharField(max_length=300, blank=True)
    scan_attempts = models.PositiveIntegerField(default=0)
    scanned_at = models.DateTimeField(null=True, blank=True)
    facts: Any = models.JSONField(default=dict, help_text=_("What looking into the bytes found"))

    redaction = models.CharField(max_length=12, choices=Redaction.choices, default=Redaction.WAITING)
    redaction_reviewer = models.ForeignKey(
        "governance.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="reviewed_evidence"
    )
    redaction_reviewed_at = models.DateTimeField(null=True, blank=True)
    redaction_reason = models.TextField(blank=True)
    redaction_marks: Any = models.JSONField(default=dict, help_text=_("Page number to redacted or unredacted"))

    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        "governance.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_reason = models.TextField(blank=True)

    objects: ClassVar[models.Manager[Evidence]] = models.Manager.from_queryset(EvidenceQuerySet)()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ("-uploaded_at", "-id")
        indexes = [
            models.Index(fields=["-uploaded_at", "-id"], name="evidence_newest"),
            models.Index(fields=["kind", "-uploaded_at", "-id"], name="evidence_kind_newest"),
            models.Index(fields=["scan_state", "uploaded_at"], name="evidence_to_check"),
        ]
        constraints = [
            NeverChanges(
                fields=[
                    "id",
                    "digest",
                    "size",
                    "media_type",
                    "name",
                    "kind",
                    "issuer",
                    "period_start",
                    "period_end",
                    "valid_until",
                    "scope",
                    "uploaded_by",
                    "uploaded_at",
                ],
                name="evidence_never_changes",
            ),
            models.UniqueConstraint(
                fields=["digest", "kind"], condition=models.Q(withdrawn_at__isnull=True), name="evidence_file_once"
            ),
            models.CheckConstraint(condition=models.Q(size__gt=0), name="evidence_not_empty"),
            models.CheckConstraint(
                condition=models.Q(period_start__isnull=True)
                | models.Q(period_end__isnull=True)
                | models.Q(period_end__gte=models.F("period_start")),
                name="evidence_period_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(redaction="waiting", redaction_reviewer__isnull=True)
                | models.Q(redaction__in=["unredacted", "redacted"], redaction_reviewer__isnull=False),
                name="evidence_review_has_reviewer",
            ),
            models.CheckConstraint(
                condition=models.Q(redaction_reviewer__isnull=True)
                | ~models.Q(redaction_reviewer=models.F("uploaded_by")),
                name="evidence_reviewer_not_uploader",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="evidence_withdrawn_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refused always: evidence is withdrawn, never deleted (I24)."""
        refuse_outside_change(type(self))
        raise models.ProtectedError("Evidence is withdrawn, never deleted.", {self})

    @property
    def pages(self) -> int:
        """How many pages can be shown as pictures (0: none)."""
        return int(self.facts.get("pages", 0))

    @property
    def hinted_pages(self) -> list[int]:
        """Pages on which looking into the bytes found signs of redaction, in order."""
        return sorted({int(hint["page"]) for hint in self.facts.get("hints", ())})

    @property
    def counts_until(self) -> dt.date | None:
        """The last day it can count: its validity, or a SOC 2 period's end and 12 months (I22, L2-35)."""
        ends = [self.valid_until] if self.valid_until else []
        if self.kind in (self.Kind.SOC2_TYPE1, self.Kind.SOC2_TYPE2) and self.period_end:
            ends.append(months_after(self.period_end, SOC2_MONTHS))
        return min(ends) if ends else None


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day ``months`` later, or that month's last day when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(dt.date(year, month + 1, 1) + dt.timedelta(days=day.day - 1), first_of_next - dt.timedelta(days=1))
