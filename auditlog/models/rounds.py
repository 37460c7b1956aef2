"""How far the hourly comparison of decided rows with their events has come, and what did not agree.

Bookkeeping only: nothing here is trusted by the verification, which compares everything.
"""

from __future__ import annotations

from django.db import models


class Round(models.Model):
    """One of the comparison's three rounds (``fresh``, ``events``, ``rows``) and the last thing it looked at."""

    name = models.CharField(max_length=16, primary_key=True)
    position = models.CharField(max_length=160, blank=True)
    ran_at = models.DateTimeField(null=True)
    whole_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.position}"


class Mismatch(models.Model):
    """A decided row that does not agree with its event; looked at again each hour, gone once they agree.

    ``last_id`` and ``last_uid`` are the newest event known to have witnessed the row, 0 when none is.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=32)
    words = models.TextField()
    last_id = models.BigIntegerField(default=0)
    last_uid = models.CharField(max_length=36, blank=True)
    found_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind}: {self.key}"
