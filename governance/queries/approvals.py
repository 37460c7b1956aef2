"""Approvals, as an actor may see them."""

from __future__ import annotations

import uuid

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import NotFoundError
from governance.authority import NEVER_SIGNS, Right, has_right
from governance.models import Approval, ApprovalParty, PolicyGroup, Signature
from governance.vocabulary import Role

READERS = (Role.AUDITOR, Role.ADMINISTRATOR)


def visible_to(actor: Actor) -> QuerySet[Approval]:
    """Approvals the actor may look at: parties, those whose role the policy names, auditors, administrators."""
    rows = Approval.objects.select_related("requested_by", "policy")
    if actor.holds_any(READERS):
        return rows
    return rows.filter(
        Exists(ApprovalParty.objects.filter(approval=OuterRef("pk"), person_id=actor.id))
        | Exists(Signature.objects.filter(approval=OuterRef("pk"), person_id=actor.id))
        | _named(actor)
    )


def _named(actor: Actor) -> Q:
    """The policy names a role the actor holds for the approval's tenant."""
    scope = Q(pk__in=[])
    for held in actor.roles:
        groups = Exists(PolicyGroup.objects.filter(policy=OuterRef("policy"), role=held.role))
        scope |= Q(groups) if held.tenant_id is None else Q(groups) & Q(tenant_id=held.tenant_id)
    return scope


def get_for(actor: Actor, approval_id: uuid.UUID | None) -> Approval:
    """One approval; :class:`NotFoundError` to a stranger."""
    parties = ApprovalParty.objects.select_related("person").order_by("part")
    rows = visible_to(actor).prefetch_related(Prefetch("parties", parties))
    row = rows.filter(pk=approval_id).first() if approval_id else None
    if row is None:
        raise NotFoundError(_("There is no such approval, or it is not for you to see."))
    return row


def waiting_for(actor: Actor) -> QuerySet[Approval]:
    """Pending approvals that this actor could sign now."""
    if actor.holds_any(NEVER_SIGNS):
        return Approval.objects.none()
    return (
        Approval.objects.select_related("requested_by")
        .filter(_named(actor), state=Approval.State.PENDING, decide_by__gt=timezone.now())
        .exclude(Exists(ApprovalParty.objects.filter(approval=OuterRef("pk"), person_id=actor.id)))
        .exclude(Exists(Signature.objects.filter(approval=OuterRef("pk"), person_id=actor.id)))
        .order_by("decide_by")[:100]
    )


def asked_by(actor: Actor) -> QuerySet[Approval]:
    """Pending approvals this actor asked for."""
    return (
        Approval.objects.select_related("policy")
        .prefetch_related("policy__groups")
        .filter(requested_by_id=actor.id, state=Approval.State.PENDING)
        .order_by("decide_by")[:100]
    )


def may_read_log(actor: Actor) -> bool:
    """Whether timelines are shown to the actor."""
    return has_right(actor, Right.READ_LOG)


def approvals(actor: Actor, *, state: str = "", kind: str = "") -> QuerySet[Approval]:
    """Approvals the actor may see; ``state`` is one of the states or ``closed`` (neither pending nor decided)."""
    rows = visible_to(actor)
    decided = (Approval.State.PENDING, Approval.State.APPROVED, Approval.State.REJECTED)
    if state == "closed":
        rows = rows.exclude(state__in=decided)
    elif state:
        rows = rows.filter(state=state)
    return rows.filter(kind=kind) if kind else rows
