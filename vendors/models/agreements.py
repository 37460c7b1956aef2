"""What was agreed with a vendor, and the terms in it that our rules rest on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed
from vendors.vocabulary import AgreementKind, TermKind


class Agreement(Governed):
    """A contract with a vendor, for one of its services or (``service`` empty) for all.

    It counts from ``starts_on`` to ``ends_on``, its last day (whole days, UTC; empty: no end).
    Never edited: it is withdrawn, or replaced by another.
    """

    vendor = models.ForeignKey("vendors.Vendor", on_delete=models.PROTECT, related_name="agreements")
    service = models.ForeignKey(
        "vendors.Service", null=True, blank=True, on_delete=models.PROTECT, related_name="agreements"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=AgreementKind.choices)
    counterpart = models.CharField(_("counterpart"), max_length=160)
    evidence = models.ForeignKey(
        "governance.Evidence", null=True, blank=True, on_delete=models.PROTECT, related_name="agreements"
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="+", editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_reason = models.CharField(max_length=300, blank=True, editable=False)
    replaced_by = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="replaces", editable=False
    )

    class Meta:
        ordering = ("kind", "-starts_on", "id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="agreement_ends_after_start",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=AgreementKind.values), name="agreement_kind_known"),
            models.CheckConstraint(
                condition=models.Q(replaced_by__isnull=True) | models.Q(withdrawn_at__isnull=False),
                name="agreement_replaced_is_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.counterpart}"

    def is_in_force(self, on: dt.date) -> bool:
        """Whether it counts on this day."""
        return self.withdrawn_at is None and self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


class Term(Governed):
    """One promise of an agreement, with what it covers."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="terms")
    kind = models.CharField(max_length=24, choices=TermKind.choices)
    covers: Any = models.JSONField(default=list, blank=True, help_text=_("no_training: which of the four (L2-9)"))
    regions: Any = models.JSONField(default=list, blank=True, help_text=_("residency: where data stays (L2-44)"))
    notice_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("sub_processor_notice: days"))

    class Meta:
        ordering = ("kind",)
        constraints = [
            models.UniqueConstraint(fields=["agreement", "kind"], name="term_once_per_agreement"),
            models.CheckConstraint(condition=models.Q(kind__in=TermKind.values), name="term_kind_known"),
            models.CheckConstraint(
                condition=~models.Q(kind="sub_processor_notice") | models.Q(notice_days__isnull=False),
                name="term_notice_has_days",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
