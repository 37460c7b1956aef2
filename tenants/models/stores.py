"""Where a tenant's data lies."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from auditlog.models import Governed
from tenants.models.tenants import Tenant
from tenants.vocabulary import StoreKind


class DataStore(Governed):
    """A place that holds data of one tenant. ``key`` is its stable name in the company's systems.

    ``selector`` says which part is the tenant's, in the form of its kind (:mod:`tenants.selectors`);
    ``backup_days`` is after how many days the last backup with its data expires (``None``: no backups).
    A store registered by mistake is withdrawn: the row stays, with why.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="stores")
    key = models.CharField(max_length=63)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=StoreKind.choices)
    selector = models.CharField(max_length=500)
    region = models.CharField(max_length=40)
    account = models.CharField(max_length=120, blank=True)
    data_classes = models.JSONField()
    backup_days = models.PositiveSmallIntegerField(null=True, blank=True)
    owner = models.CharField(max_length=120)
    registered_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_reason = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="tenant_store_once"),
            models.CheckConstraint(condition=Q(kind__in=StoreKind.values), name="tenant_store_kind_known"),
            models.CheckConstraint(condition=~Q(selector=""), name="tenant_store_selects"),
        ]

    def __str__(self) -> str:
        return self.name
