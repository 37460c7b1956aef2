"""What can be approved: a workflow registers its kind, the approval calls it back."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from auditlog.actors import Actor
from governance.models import Approval


@dataclass(frozen=True, slots=True)
class ApprovalKind:
    """How approvals of one kind reach their subject.

    ``snapshot`` reads the subject as it is now (its digest is what is signed; raise
    ``NotFoundError`` when it is gone), ``on_approved`` and ``on_closed`` bring the outcome to the
    subject in the same transaction (``on_closed``: rejected, withdrawn, timed out, superseded,
    lapsed, revoked), ``url`` leads to the subject's page, ``template`` shows what is asked in the
    decision panel (it gets ``snapshot``), and ``groups`` (role → how many) is the policy a new
    installation starts with.
    """

    kind: str
    name: str
    snapshot: Callable[[uuid.UUID], dict[str, Any]]
    on_approved: Callable[[Actor, Approval], None]
    on_closed: Callable[[Actor, Approval], None]
    url: Callable[[uuid.UUID], str]
    template: str
    groups: Mapping[str, int]


KINDS: dict[str, ApprovalKind] = {}


def register_approval_kind(kind: ApprovalKind) -> None:
    """Declare a kind; called once from ``AppConfig.ready()`` of the room that owns the subject."""
    KINDS[kind.kind] = kind
