"""Policies: in force, and how they came to be."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from auditlog.errors import NotFoundError
from governance.approval_kinds import KINDS, ApprovalKind
from governance.models import PolicyChange, PolicyVersion
from governance.quorum import needs_of


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """A kind of decision and its policy versions, the one in force first."""

    kind: ApprovalKind
    now: PolicyVersion | None
    before: list[PolicyVersion]


def _versions() -> QuerySet[PolicyVersion]:
    return PolicyVersion.objects.select_related("published_by").prefetch_related("groups").order_by("kind", "-version")


def policies_in_force() -> list[PolicyInForce]:
    """One entry for every kind that can be decided, by name; two queries."""
    by_kind: dict[str, list[PolicyVersion]] = {}
    for row in _versions():
        by_kind.setdefault(row.kind, []).append(row)
    kinds = sorted(KINDS.values(), key=lambda kind: kind.name)
    return [PolicyInForce(k, next(iter(by_kind.get(k.kind, [])), None), by_kind.get(k.kind, [])[1:]) for k in kinds]


def get_policy(policy_id: uuid.UUID) -> PolicyVersion:
    """One version; its ``siblings`` are all versions of its kind."""
    row = _versions().filter(pk=policy_id).first()
    if row is None:
        raise NotFoundError(_("There is no such policy."))
    row.siblings = list(_versions().filter(kind=row.kind))  # type: ignore[attr-defined]
    return row


def policy_initial(kind: str) -> dict[str, Any]:
    """The policy in force as a form's first values."""
    now = _versions().filter(kind=kind).first()
    if now is None:
        return {}
    counts = {f"count_{role}": count for role, count in needs_of(now).items()}
    return counts | {
        "step_up_minutes": now.step_up_minutes,
        "security_key_only": now.security_key_only,
        "decide_within_days": now.decide_within_days,
    }


def get_policy_change(change_id: uuid.UUID) -> PolicyChange:
    """One proposal."""
    row: PolicyChange | None = PolicyChange.objects.select_related("approval").filter(pk=change_id).first()
    if row is None:
        raise NotFoundError(_("There is no such policy change."))
    return row
