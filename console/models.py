"""When each sweep ran, so that any number of workers run each once in its interval."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class SweepRun(models.Model):
    """One row for each sweep. Whoever sets ``lease_until`` runs it; the lease of one that died ends by itself."""

    name = models.CharField(max_length=100, primary_key=True)
    next_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
