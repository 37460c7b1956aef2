"""Tenants and their sites."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed
from tenants.vocabulary import DELETION_TERM, TenantState


class Tenant(Governed):
    """A customer whose data we keep apart. ``key`` is its stable name in the company's systems.

    ``terminated_on`` is the first day without an agreement (UTC); it is set once, by ``terminate_tenant``.
    """

    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    allowed_regions: Any = models.JSONField(default=list, help_text=_("Regions its data may lie in (I59)"))
    registered_at = models.DateTimeField(default=timezone.now, editable=False)
    terminated_on = models.DateField(null=True, blank=True, editable=False)
    termination_recorded_at = models.DateTimeField(null=True, editable=False)
    termination_reason = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(terminated_on__isnull=True, termination_recorded_at__isnull=True)
                | Q(terminated_on__isnull=False, termination_recorded_at__isnull=False),
                name="tenant_termination_is_recorded",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def due_on(self) -> dt.date | None:
        """The last day on which anything of it may still be there (I50, LD-21): always computed, never kept."""
        return self.terminated_on + DELETION_TERM if self.terminated_on else None

    def state_on(self, day: dt.date) -> TenantState:
        """Where it stands on a day: active, terminating (the notice runs), terminated."""
        if self.terminated_on is None:
            return TenantState.ACTIVE
        return TenantState.TERMINATING if day < self.terminated_on else TenantState.TERMINATED

    @property
    def state(self) -> TenantState:
        """Where it stands today."""
        return self.state_on(timezone.now().date())


class Site(Governed):
    """A plant, shop or office of a tenant; ``closed_on`` is the first day without it."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="sites")
    key = models.SlugField(max_length=64)
    name = models.CharField(max_length=120)
    closed_on = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("name", "id")
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="site_key_once")]

    def __str__(self) -> str:
        return self.name
