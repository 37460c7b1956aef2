"""Events: what happened, by whom, to what. Inserted once, never touched again (I97)."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One change of state or refusal.

    ``body`` is the event, byte for byte; every other column is a copy of one of its fields for
    the indexes, and the verifier compares them. ``leaf_hash`` is SHA-256(0x00 ‖ body),
    ``mac`` HMAC-SHA-256 of the body under a key that the database does not hold.
    """

    class Outcome(models.TextChoices):
        """Whether it happened."""

        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(unique=True, editable=False)
    at = models.DateTimeField()
    tenant_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField()
    action = models.CharField(max_length=96)
    subject_kind = models.CharField(max_length=64)
    subject_id = models.UUIDField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    body = models.TextField()
    leaf_hash = models.BinaryField(max_length=32)
    mac = models.BinaryField(max_length=32)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "at", "id"], name="event_tenant_at"),
            models.Index(fields=["actor_id", "id"], name="event_actor"),
            models.Index(fields=["subject_kind", "subject_id", "id"], name="event_subject"),
            models.Index(fields=["action", "id"], name="event_action"),
            models.Index(fields=["tenant_id", "action", "id"], name="event_tenant_action"),
            models.Index(fields=["tenant_id", "actor_id", "id"], name="event_tenant_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.uid}"

    @property
    def content(self) -> dict[str, Any]:
        """The body, parsed."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    @property
    def leaf_hash_hex(self) -> str:
        """The leaf hash as people compare it."""
        return bytes(self.leaf_hash).hex()


class Pending(models.Model):
    """An event that is committed but not yet in the tree; written with it, taken by the sequencer."""

    event_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.event_id)


class Suspect(models.Model):
    """An event that the sequencer would not seal, and why: its MAC or hash does not fit its body."""

    event_id = models.BigIntegerField(primary_key=True)
    reason = models.CharField(max_length=32)
    found_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.event_id}: {self.reason}"


class Label(models.Model):
    """The name of a person or thing at the time of an event, kept apart so that it can be erased (I99).

    Events hold only ``digest`` = SHA-256(salt ‖ text). Erasing empties ``salt`` and ``text``;
    every event still verifies, and nobody can guess the name from the digest any more.
    """

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=64)
    ref_id = models.UUIDField()
    salt = models.BinaryField(max_length=16)
    text = models.CharField(max_length=300)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["ref_id", "kind", "id"], name="label_ref")]

    def __str__(self) -> str:
        return self.text
