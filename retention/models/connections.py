"""How a data store is reached."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from auditlog.models import Governed, SealedField


class StoreConnection(Governed):
    """Address and secrets of a data store. The secrets are encrypted, and no page or log shows them again.

    ``settings`` is what may be shown, ``sealed`` the secrets as encrypted JSON (empty: none are needed).
    ``checked_at`` is when it last answered or did not; ``trouble`` then says why.
    """

    store = models.OneToOneField("tenants.DataStore", on_delete=models.PROTECT, related_name="connection")
    settings: Any = models.JSONField(default=dict)
    sealed = SealedField(blank=True)
    secret_names: Any = models.JSONField(default=list)
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=16, blank=True)
    trouble_detail = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return str(self.store)
