"""Deletion cases and their plans."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from auditlog.models import Governed, SealedField, Witnessed
from retention.vocabulary import AMBER_AFTER, DONE, SUBJECT_TERM, CaseState, Cause, Mode, PlanState
from tenants.vocabulary import DELETION_TERM


class DeletionCase(Witnessed):
    """One promise to erase: a tenant whose agreement ended, or one person's data within a tenant.

    ``clock_from`` is the first day of the clock: the termination, or the day the request came in; ``due_on``
    is always computed from it (I50). ``salt`` is sealed: with it, and only with it, a customer can find a name in the
    digests of what was erased (I58). ``executed_by`` asked for the deletion, so somebody else certifies it (I54).
    """

    witnessed_fields: ClassVar[tuple[str, ...]] = (
        "tenant_id", "cause", "mode", "clock_from", "state", "approval_id", "plan_id", "executed_by_id",
    )  # fmt: skip

    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="deletion_cases")
    number = models.PositiveIntegerField(editable=False)
    cause = models.CharField(max_length=24, choices=Cause.choices)
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.DELETE)
    clock_from = models.DateField(editable=False)
    state = models.CharField(max_length=24, choices=CaseState.choices, default=CaseState.OPEN)
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    plan = models.OneToOneField("retention.Plan", null=True, on_delete=models.PROTECT, related_name="+")
    approval = models.OneToOneField(
        "governance.Approval", null=True, on_delete=models.PROTECT, related_name="deletion_case"
    )
    cooling_until = models.DateTimeField(null=True)
    executed_by = models.ForeignKey("governance.Person", null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True, help_text="When the last store was verified")
    closing_reason = models.CharField(max_length=500, blank=True)
    certification = models.OneToOneField(
        "governance.Approval", null=True, on_delete=models.PROTECT, related_name="certified_case"
    )
    salt = SealedField(editable=False)

    class Meta:
        ordering = ("-opened_at", "id")
        indexes = [models.Index(fields=["state"], name="retention_case_state")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="retention_case_number_once"),
            models.UniqueConstraint(
                fields=["tenant"], condition=~Q(state="cancelled") & ~Q(cause="data_subject"),
                name="retention_case_once",
            ),
            models.CheckConstraint(condition=Q(state__in=CaseState.values), name="retention_case_state_known"),
            models.CheckConstraint(condition=Q(cause__in=Cause.values), name="retention_case_cause_known"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.tenant.key}-{self.number}"

    @property
    def due_on(self) -> dt.date:
        """The last day on which anything may still be there (I50): computed, never kept."""
        return self.clock_from + (SUBJECT_TERM if self.cause == Cause.DATA_SUBJECT else DELETION_TERM)

    @property
    def amber_on(self) -> dt.date:
        """From this day on it is urgent: five days before it is due."""
        return self.due_on - (DELETION_TERM - AMBER_AFTER)

    @property
    def is_done(self) -> bool:
        """Whether nothing is to be done any more."""
        return self.state in DONE

    def light_on(self, day: dt.date) -> str:
        """``green``, ``amber`` or ``red`` on a day: overdue is computed, hold or no hold (I50, I52)."""
        if self.state in DONE or day < self.amber_on:
            return "green"
        return "amber" if day <= self.due_on else "red"

    @property
    def light(self) -> str:
        """:meth:`light_on` today."""
        return self.light_on(timezone.now().date())


class Plan(Governed):
    """What there is to erase, store by store, counted before anybody decides. Its digest is what is signed.

    ``approval`` is the one it was begun under; empty: nothing was erased by it. A case has several of these where
    something turned up late, and whoever asked for any of them certifies none of it (I54).
    """

    case = models.ForeignKey(DeletionCase, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=PlanState.choices, default=PlanState.TAKING)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    asked_by = models.ForeignKey("governance.Person", null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    approval = models.OneToOneField(
        "governance.Approval", null=True, on_delete=models.PROTECT, related_name="begun_plan"
    )

    class Meta:
        ordering = ("-number",)
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="retention_plan_once")]

    def __str__(self) -> str:
        return f"{self.case} plan {self.number}"


class PlanItem(Governed):
    """One store of a plan: what was registered then, and how much was there.

    ``store`` is ``None`` for what the console itself holds (``own`` names which part). ``facts`` is the registration
    as it was; ``sealed_selector`` the part that is one person's, encrypted, in a data subject's case.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="items")
    store = models.ForeignKey("tenants.DataStore", null=True, on_delete=models.PROTECT, related_name="plan_items")
    own = models.CharField(max_length=64, blank=True)
    facts: Any = models.JSONField()
    sealed_selector = SealedField(blank=True)
    objects_found = models.BigIntegerField(null=True)
    bytes_found = models.BigIntegerField(null=True)
    kinds: Any = models.JSONField(default=dict)
    taken_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=16, blank=True)
    trouble_detail = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("own", "store__name", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "store"], condition=Q(store__isnull=False), name="retention_plan_item_once"
            ),
            models.CheckConstraint(
                condition=Q(store__isnull=False, own="") | (Q(store__isnull=True) & ~Q(own="")),
                name="retention_plan_item_of",
            ),
        ]

    def __str__(self) -> str:
        return str(self.facts.get("name", ""))

    @property
    def is_taken(self) -> bool:
        """Whether it was counted, or found impossible to count."""
        return self.taken_at is not None
