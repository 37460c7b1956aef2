"""Legal holds, and how long data of a category is kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from auditlog.models import Governed, Witnessed
from retention.vocabulary import Basis
from tenants.vocabulary import DATA_CLASSES


class LegalHold(Witnessed):
    """Data of a tenant, or of one of its stores, that may not be erased for now (I52).

    ``owner`` answers for it and looks at it again by ``review_on``. ``effective_at`` is when the last deletion that
    was on its way when the hold was placed had been answered (``None``: one still is). Lifted, it stays on record.
    """

    witnessed_fields: ClassVar[tuple[str, ...]] = ("tenant_id", "store_id", "owner_id", "review_on", "lifted_at")

    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="holds")
    store = models.ForeignKey("tenants.DataStore", null=True, on_delete=models.PROTECT, related_name="holds")
    matter = models.CharField(max_length=120)
    reason = models.CharField(max_length=500)
    owner = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="+")
    review_on = models.DateField()
    placed_at = models.DateTimeField(default=timezone.now, editable=False)
    placed_by = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="+")
    effective_at = models.DateTimeField(null=True, editable=False)
    lifted_at = models.DateTimeField(null=True, editable=False)
    lifted_by = models.ForeignKey("governance.Person", null=True, on_delete=models.PROTECT, related_name="+")
    lifted_reason = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        ordering = ("-placed_at", "id")
        indexes = [models.Index(fields=["tenant", "lifted_at"], name="retention_hold_live")]
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="retention_hold_lifted_by",
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(matter=""), name="retention_hold_says_why"),
        ]

    def __str__(self) -> str:
        return self.matter

    @property
    def is_overdue(self) -> bool:
        """Whether it should have been looked at again by now."""
        return self.lifted_at is None and self.review_on < timezone.now().date()


class RetentionSchedule(Governed):
    """How long data of one category is kept while an agreement runs, and why; for one tenant or for all.

    ``keep_days`` counts from the day the data came in. The end of the agreement ends every period: thirty
    days later all of it is gone (I50), whatever stands here. A schedule is replaced, never edited.
    """

    tenant = models.ForeignKey("tenants.Tenant", null=True, on_delete=models.PROTECT, related_name="schedules")
    data_class = models.CharField(max_length=16, choices=[(name, name) for name in DATA_CLASSES])
    keep_days = models.PositiveIntegerField()
    basis = models.CharField(max_length=24, choices=Basis.choices)
    basis_text = models.CharField(max_length=500)
    set_at = models.DateTimeField(default=timezone.now, editable=False)
    set_by = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("data_class", "-set_at")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "data_class"], condition=Q(ended_at__isnull=True), name="retention_schedule_once"
            ),
            models.UniqueConstraint(
                fields=["data_class"], condition=Q(ended_at__isnull=True, tenant__isnull=True),
                name="retention_schedule_default_once",
            ),
            models.CheckConstraint(condition=Q(keep_days__gte=1), name="retention_schedule_days"),
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="retention_schedule_basis"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("set_at")), name="retention_schedule_in_order"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.data_class}: {self.keep_days} d"
