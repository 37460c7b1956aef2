"""The one way to change anything: one transaction, its change, and its event."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from auditlog.actors import Actor
from auditlog.errors import GovernanceError
from auditlog.guard import open_changes
from auditlog.models import Witnessed


@dataclass(slots=True)
class Change:
    """A change in progress: fill in ``details`` (field names with small values or digests)."""

    actor: Actor
    action: str
    subject_kind: str
    subject_id: uuid.UUID
    tenant_id: uuid.UUID | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def record(
        self,
        action: str,
        subject_kind: str,
        subject_id: uuid.UUID,
        *,
        tenant_id: uuid.UUID | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        """Record one more event of the same actor in the same transaction."""

    def witness(self, row: Witnessed) -> None:
        """Save ``row`` with this change's event's uid and hash, and its state's digest in the event."""
        row.save()


@contextmanager
def audited(
    actor: Actor,
    action: str,
    *,
    subject_kind: str,
    subject_id: uuid.UUID | None = None,
    tenant_id: uuid.UUID | None = None,
) -> Iterator[Change]:
    """Open one transaction for a change of state and commit it together with its event (I14).

    A :class:`GovernanceError` with ``recorded`` set leaves an event of outcome ``refused``,
    written after the outermost change has rolled back. Nested changes share the transaction.
    """
    token = open_changes.set(open_changes.get() + 1)
    try:
        with transaction.atomic():
            change = Change(actor, action, subject_kind, subject_id or uuid.uuid4(), tenant_id)
            yield change
    except GovernanceError:
        raise
    finally:
        open_changes.reset(token)
