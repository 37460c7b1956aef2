"""What was agreed with a tenant, and from when to when it runs."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from auditlog.models import Governed
from tenants.models.tenants import Tenant
from tenants.vocabulary import AgreementKind, AgreementState


class Agreement(Governed):
    """A contract with a tenant. ``reference`` is its stable name in the company's systems.

    It runs from ``starts_on`` to ``ends_on``, its last day (whole days, UTC; empty: no end), unless it
    was ended: then ``ended_on`` is the first day without it. Nothing of the tenant is purged while
    an agreement runs (I51).
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="agreements")
    reference = models.CharField(max_length=64)
    kind = models.CharField(max_length=16, choices=AgreementKind.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    customer_owns_data = models.BooleanField(default=False)
    company_owns_platform = models.BooleanField(default=False)
    evidence_digest = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_on = models.DateField(null=True, editable=False)
    ended_reason = models.CharField(max_length=500, blank=True, editable=False)
    ended_with_tenant = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ("-starts_on", "reference", "id")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "reference"], name="tenant_agreement_once"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="tenant_agreement_in_order"
            ),
            models.CheckConstraint(condition=Q(kind__in=AgreementKind.values), name="tenant_agreement_kind_known"),
            models.CheckConstraint(
                condition=Q(ended_with_tenant=False) | Q(ended_on__isnull=False), name="tenant_agreement_ended_has_day"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def runs_on(self, day: dt.date) -> bool:
        """Whether it is in force on a day."""
        return self.state_on(day) == AgreementState.RUNNING

    def state_on(self, day: dt.date) -> AgreementState:
        """Where it stands on a day."""
        if (self.ended_on and day >= self.ended_on) or (self.ends_on and day > self.ends_on):
            return AgreementState.ENDED
        return AgreementState.RUNNING if self.starts_on <= day else AgreementState.UPCOMING

    @property
    def state(self) -> AgreementState:
        """Where it stands today."""
        return self.state_on(timezone.now().date())

    @property
    def last_day(self) -> dt.date | None:
        """The last day on which it runs; ``None``: no end."""
        ended = self.ended_on - dt.timedelta(days=1) if self.ended_on else None
        return min((day for day in (self.ends_on, ended) if day), default=None)

    @property
    def lacks_term(self) -> bool:
        """Whether one of the two terms every agreement has to carry is missing (LD-1, LD-2)."""
        return not (self.customer_owns_data and self.company_owns_platform)
