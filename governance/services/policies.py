"""Policies: who decides about what. Proposed by one security approver, countersigned by another."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import InvalidInputError, InvalidInputsError, NotFoundError
from governance.approval_kinds import KINDS, ApprovalKind
from governance.authority import NEVER_SIGNS, Right, require
from governance.models import Approval, PolicyChange, PolicyGroup, PolicyVersion
from governance.quorum import refuse_unsatisfiable
from governance.services.approvals import request_approval
from governance.vocabulary import Role

KIND = "governance.policy_change"


def publish(change: Change, kind: str, groups: dict[str, int], **terms: Any) -> PolicyVersion:
    """Write the next version of the policy for ``kind``, inside the caller's audited change."""
    last = PolicyVersion.objects.filter(kind=kind).aggregate(last=Max("version"))["last"] or 0
    author = change.actor.id if change.actor.is_person else None
    policy = PolicyVersion.objects.create(kind=kind, version=last + 1, published_by_id=author, **terms)
    for role, count in sorted(groups.items()):
        PolicyGroup.objects.create(policy=policy, role=role, count=count)
    change.record(
        "governance.policy.published", "governance.policy", policy.id,
        details={"kind": kind, "version": policy.version, "groups": groups},
    )  # fmt: skip
    return policy


def propose_policy(
    *,
    actor: Actor,
    kind: str,
    groups: dict[str, int],
    step_up_minutes: int,
    security_key_only: bool,
    decide_within_days: int,
    reason: str,
) -> PolicyChange:
    """Propose the next version of who decides about ``kind``.

    ``groups`` maps each role to how many distinct people must sign (all groups together),
    ``step_up_minutes`` is 1 to 15, ``decide_within_days`` 1 to 365. A policy that nobody present
    could satisfy is refused, so that no request is filed into a dead end.
    """
    require(actor, Right.PUBLISH_POLICY)
    groups = {role: count for role, count in groups.items() if count}
    check_policy(kind, groups, step_up_minutes, decide_within_days, reason)
    with audited(actor, "governance.policy_change.proposed", subject_kind=KIND) as change:
        refuse_unsatisfiable_groups(groups)
        row = PolicyChange.objects.create(
            id=change.subject_id, kind=kind, groups=groups, step_up_minutes=step_up_minutes,
            security_key_only=security_key_only, decide_within_days=decide_within_days, reason=reason.strip(),
        )  # fmt: skip
        title = _("Change who decides about: %s?") % KINDS[kind].name
        row.approval = request_approval(actor=actor, kind=KIND, subject_id=row.id, title=title)
        row.save(update_fields=["approval"])
        change.details = {"kind": kind, "groups": groups}
    return row


def check_policy(kind: str, groups: dict[str, int], minutes: int, days: int, reason: str) -> None:
    """Refuse wrong values, each at its field."""
    errors = {}
    if kind not in KINDS:
        errors["kind"] = _("Choose what the policy decides about.")
    if not groups or any(role not in Role.values or role in NEVER_SIGNS or n < 1 for role, n in groups.items()):
        errors["groups"] = _("Ask for at least one person of a role that signs.")
    if not 1 <= minutes <= 15:
        errors["step_up_minutes"] = _("Choose 1 to 15 minutes.")
    if not 1 <= days <= 365:
        errors["decide_within_days"] = _("Choose 1 to 365 days.")
    if not reason.strip():
        errors["reason"] = _("Say why; the person who countersigns reads it.")
    if errors:
        raise InvalidInputsError(errors)


def refuse_unsatisfiable_groups(groups: dict[str, int]) -> None:
    """As :func:`governance.quorum.refuse_unsatisfiable`, for a policy that is not written yet."""
    try:
        refuse_unsatisfiable(groups, set(), None)
    except InvalidInputError as refusal:
        raise InvalidInputError(refusal.message, field="groups") from refusal


def snapshot_of(change_id: uuid.UUID) -> dict[str, Any]:
    """What a countersigner signs: the proposed policy beside the one in force."""
    row = PolicyChange.objects.filter(pk=change_id).first()
    if row is None:
        raise NotFoundError(_("There is no such policy change."))
    now = PolicyVersion.objects.filter(kind=row.kind).prefetch_related("groups").first()
    return {
        "kind": row.kind,
        "groups": dict(row.groups),
        "step_up_minutes": row.step_up_minutes,
        "security_key_only": row.security_key_only,
        "decide_within_days": row.decide_within_days,
        "reason": row.reason,
        "replaces": {
            "version": now.version,
            "groups": {group.role: group.count for group in now.groups.all()},
            "step_up_minutes": now.step_up_minutes,
            "security_key_only": now.security_key_only,
            "decide_within_days": now.decide_within_days,
        }
        if now
        else None,
    }


def publish_policy_change(actor: Actor, approval: Approval) -> None:
    """Publish the proposed version in the transaction of the last signature."""
    row = PolicyChange.objects.get(pk=approval.subject_id)
    with audited(actor, "governance.policy_change.published", subject_kind=KIND, subject_id=row.id) as change:
        row.published = publish(
            change, row.kind, row.groups, step_up_minutes=row.step_up_minutes,
            security_key_only=row.security_key_only, decide_within_days=row.decide_within_days,
        )  # fmt: skip
        row.save(update_fields=["published"])


def close_policy_change(actor: Actor, approval: Approval) -> None:
    """Nothing to undo: a proposal has no effect before its approval."""


POLICY_CHANGE = ApprovalKind(
    kind=KIND,
    name="Policy change",
    snapshot=snapshot_of,
    on_approved=publish_policy_change,
    on_closed=close_policy_change,
    url=lambda change_id: reverse("governance:policy_change_read", args=[change_id]),
    template="governance/policies/_snapshot.html",
    groups={Role.SECURITY_APPROVER: 1},
)
