"""Roles: asked for by an administrator, countersigned by a security approver, never one's own (I13)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, NotFoundError, SeparationOfDutiesError, StateError
from governance.approval_kinds import ApprovalKind
from governance.authority import Right, require
from governance.models import Approval, Person, RoleAssignment, RoleChange
from governance.services.approvals import request_approval
from governance.services.notifications import notify
from governance.vocabulary import Role

KIND = "governance.role_change"
SIGNING = frozenset(Role.values) - {Role.ADMINISTRATOR, Role.AUDITOR}


def refuse_conflict(roles: set[str]) -> None:
    """An administrator signs nothing and an auditor changes nothing, so neither holds another role (I13)."""
    if Role.AUDITOR in roles and len(roles) > 1:
        raise InvalidInputError(_("An auditor changes nothing, so holds no other role."), field="role")
    if Role.ADMINISTRATOR in roles and roles & SIGNING:
        raise InvalidInputError(
            _("An administrator signs nothing, so holds no role that decides. End the other role first."), field="role"
        )


def request_role_change(
    *,
    actor: Actor,
    person_id: uuid.UUID,
    verb: str,
    role: str,
    reason: str,
    tenant_id: uuid.UUID | None = None,
    site_id: uuid.UUID | None = None,
    valid_until: dt.datetime | None = None,
) -> RoleChange:
    """Ask to give somebody a role or to end it; takes effect when a security approver countersigns.

    ``valid_until`` (UTC) lets the role end by itself. Refused for one's own roles (I13), for roles
    that exclude one another, and for a reviewer without a tenant.
    """
    require(actor, Right.MANAGE_PEOPLE)
    with audited(actor, "governance.role_change.requested", subject_kind=KIND, tenant_id=tenant_id) as change:
        if person_id == actor.id:
            raise SeparationOfDutiesError(_("You cannot change your own roles. Ask another administrator."))
        person = Person.objects.select_for_update().filter(pk=person_id, is_active=True).first()
        if person is None:
            raise NotFoundError(_("There is no such active person."))
        row = RoleChange(
            id=change.subject_id, person=person, verb=verb, role=role, reason=reason.strip(), tenant_id=tenant_id,
            site_id=site_id, valid_until=valid_until,
        )  # fmt: skip
        row.assignment = check_change(row)
        row.save()
        row.approval = request_approval(
            actor=actor, kind=KIND, subject_id=row.id, title=title_of(row), beneficiaries=[person.id],
        )  # fmt: skip
        row.save(update_fields=["approval"])
        change.details = {"person": str(person.id), "verb": verb, "role": role}
    return row


def check_change(row: RoleChange) -> RoleAssignment | None:
    """Refuse what cannot be; gives the assignment that a change of verb ``end`` would end."""
    if row.role not in Role.values:
        raise InvalidInputError(_("Choose a role."), field="role")
    if not row.reason:
        raise InvalidInputError(_("Say why; the person who countersigns reads it."), field="reason")
    if row.valid_until and row.valid_until <= timezone.now():
        raise InvalidInputError(_("Choose an end in the future, or none."), field="valid_until")
    if row.role == Role.REVIEWER and row.tenant_id is None:
        raise InvalidInputError(_("A reviewer always works for one tenant. Choose it."), field="tenant")
    live = RoleAssignment.objects.live().filter(person=row.person)
    same: RoleAssignment | None = live.filter(role=row.role, tenant_id=row.tenant_id, site_id=row.site_id).first()
    if row.verb == RoleChange.Verb.END:
        if same is None:
            raise InvalidInputError(_("This person does not hold this role."), field="role")
        return same
    if same is not None:
        raise InvalidInputError(_("This person holds this role already."), field="role")
    refuse_conflict({row.role, *live.values_list("role", flat=True)})
    return None


def title_of(row: RoleChange) -> str:
    """The question in one sentence."""
    role = str(Role(row.role).label)
    scope = f" ({row.tenant}{f' · {row.site}' if row.site else ''})" if row.tenant else ""
    if row.verb == RoleChange.Verb.GIVE:
        return _("Give %(person)s the role %(role)s%(scope)s?") % {"person": row.person, "role": role, "scope": scope}
    return _("End %(person)s's role %(role)s%(scope)s?") % {"person": row.person, "role": role, "scope": scope}


def snapshot_of(change_id: uuid.UUID) -> dict[str, Any]:
    """What a countersigner signs: the change and the roles the person holds otherwise."""
    row = RoleChange.objects.select_related("person", "tenant", "site").filter(pk=change_id).first()
    if row is None:
        raise NotFoundError(_("There is no such role change."))
    held = RoleAssignment.objects.live().filter(person=row.person)
    return {
        "person": {"id": str(row.person_id), "name": row.person.name, "email": row.person.email},
        "verb": row.verb,
        "role": row.role,
        "tenant": row.tenant.key if row.tenant else None,
        "site": row.site.key if row.site else None,
        "valid_until": row.valid_until.isoformat() if row.valid_until else None,
        "reason": row.reason,
        "roles_now": sorted(held.values_list("role", flat=True)),
    }


def apply_role_change(actor: Actor, approval: Approval) -> None:
    """Give or end the role, in the transaction of the last signature."""
    row = RoleChange.objects.select_related("person").get(pk=approval.subject_id)
    with audited(
        actor, f"governance.role.{'given' if row.verb == 'give' else 'ended'}",
        subject_kind="governance.person", subject_id=row.person_id, tenant_id=row.tenant_id,
    ) as change:  # fmt: skip
        assignment = check_change(row)
        if assignment is None:
            if not row.person.is_active:
                raise StateError(_("This person has been disabled since."))
            row.assignment = RoleAssignment.objects.create(
                person=row.person, role=row.role, tenant_id=row.tenant_id, site_id=row.site_id,
                valid_until=row.valid_until,
            )  # fmt: skip
            row.save(update_fields=["assignment"])
        else:
            assignment.valid_until = timezone.now()
            assignment.save(update_fields=["valid_until"])
        change.details = {"role": row.role, "assignment": str(row.assignment_id)}
        notify(
            actor=actor, people=[row.person_id], kind="role.changed", url=reverse("governance:my_roles"),
            text=_("Your roles changed: %(role)s was %(verb)s.")
            % {"role": Role(row.role).label, "verb": _("given") if row.verb == "give" else _("ended")},
        )  # fmt: skip


def close_role_change(actor: Actor, approval: Approval) -> None:
    """Nothing to undo: a role change has no effect before its approval."""


def end_assignments(person: Person) -> int:
    """End all roles somebody holds or will hold; gives how many (I35)."""
    now = timezone.now()
    open_ended = person.roles.filter(Q(valid_until=None) | Q(valid_until__gt=now))
    return sum(
        RoleAssignment.objects.filter(pk=row.pk).update(valid_from=min(row.valid_from, now), valid_until=now)
        for row in open_ended
    )


ROLE_CHANGE = ApprovalKind(
    kind=KIND,
    name="Role change",
    snapshot=snapshot_of,
    on_approved=apply_role_change,
    on_closed=close_role_change,
    url=lambda change_id: reverse("governance:role_change_read", args=[change_id]),
    template="governance/roles/_snapshot.html",
    groups={Role.SECURITY_APPROVER: 1},
)
