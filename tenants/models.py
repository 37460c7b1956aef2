"""Tenants and their sites."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed


class Tenant(Governed):
    """A customer whose data we keep apart. ``key`` is its stable name in the company's systems."""

    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    allowed_regions: Any = models.JSONField(default=list, help_text=_("Regions its data may lie in (I59)"))
    registered_at = models.DateTimeField(default=timezone.now, editable=False)
    terminated_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class Site(Governed):
    """A plant, shop or office of a tenant."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="sites")
    key = models.SlugField(max_length=64)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ("name", "id")
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="site_key_once")]

    def __str__(self) -> str:
        return self.name
