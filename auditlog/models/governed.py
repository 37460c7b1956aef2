"""What every governed row shares: it is written inside an audited change or not at all."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from auditlog.guard import GovernedManager, note_label, refuse_outside_change


class Governed(models.Model):
    """A row whose every change has its audit event: writable only inside ``audited()``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    objects = GovernedManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to write outside an audited change."""
        refuse_outside_change(type(self))
        super().save(*args, **kwargs)
        note_label(self)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse to delete outside an audited change."""
        refuse_outside_change(type(self))
        return super().delete(*args, **kwargs)


class Witnessed(Governed):
    """A governed row that is decided on: it keeps its last event's uid and leaf hash.

    ``witnessed_fields`` are the fields whose digest goes into that event, so the sweep finds a
    row that was changed behind the log's back, and an event whose row is gone.
    """

    witnessed_fields: ClassVar[tuple[str, ...]] = ()

    event_uid = models.UUIDField(null=True, editable=False)
    event_hash = models.CharField(max_length=64, default="", editable=False)

    class Meta:
        abstract = True
