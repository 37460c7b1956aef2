"""Counting signatures: every group filled, every person counted once (I09)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from auditlog.errors import InvalidInputError
from governance.authority import NEVER_SIGNS
from governance.models import Approval, PolicyVersion, RoleAssignment, Signature
from governance.vocabulary import Role


def assign(needs: Mapping[str, int], can: Mapping[uuid.UUID, Iterable[str]]) -> dict[uuid.UUID, str] | None:
    """Give each place in ``needs`` (role → how many) to a different person who holds that role.

    ``can`` maps a person to the roles they could sign as. Gives person → role when every place
    is filled, else ``None`` (a maximum bipartite matching by augmenting paths, so that somebody
    with two roles is used where they are needed and never twice).
    """
    places = [(role, index) for role, count in sorted(needs.items()) for index in range(count)]
    holder: dict[tuple[str, int], uuid.UUID] = {}
    for place in places:
        if not _seat(place, can, holder, set()):
            return None
    return {person: role for (role, _index), person in holder.items()}


def _seat(
    place: tuple[str, int],
    can: Mapping[uuid.UUID, Iterable[str]],
    holder: dict[tuple[str, int], uuid.UUID],
    tried: set[uuid.UUID],
) -> bool:
    for person, roles in can.items():
        if person in tried or place[0] not in roles:
            continue
        tried.add(person)
        seat = next((taken for taken, sitting in holder.items() if sitting == person), None)
        if seat is None or _seat(seat, can, holder, tried):
            holder[place] = person
            return True
    return False


#: A published policy is never edited, so what it needs is read once for each process.
_NEEDS: dict[uuid.UUID, dict[str, int]] = {}


def needs_of(policy: PolicyVersion) -> dict[str, int]:
    """Role → how many distinct people, from the pinned policy."""
    if not _NEEDS.get(policy.id):
        _NEEDS[policy.id] = {group.role: group.count for group in policy.groups.all()}
    return dict(_NEEDS[policy.id])


def is_met(approval: Approval) -> bool:
    """Whether the valid approving signatures on the current digest fill every group.

    A signer's roles are read again now: who has lost the role since no longer counts (I06).
    """
    signers = approval.signatures.filter(
        voided_at=None, digest=approval.digest, verdict=Signature.Verdict.APPROVE
    ).values_list("person_id", flat=True)
    needs = needs_of(approval.policy)
    return assign(needs, eligible(needs, approval.tenant_id, only=set(signers))) is not None


def eligible(
    needs: Mapping[str, int], tenant_id: uuid.UUID | None, *, only: set[uuid.UUID] | None = None
) -> dict[uuid.UUID, set[str]]:
    """Active people who hold a needed role for the tenant now, without those who never sign."""
    rows = RoleAssignment.objects.live().filter(person__is_active=True)
    if only is not None:
        rows = rows.filter(person_id__in=only)
    people: dict[uuid.UUID, set[str]] = {}
    never = set()
    for person, role, tenant in rows.values_list("person_id", "role", "tenant_id"):
        if role in NEVER_SIGNS:
            never.add(person)
        if role in needs and tenant in (None, tenant_id):
            people.setdefault(person, set()).add(role)
    return {person: roles for person, roles in people.items() if person not in never}


def refuse_unsatisfiable(needs: Mapping[str, int], excluded: set[uuid.UUID], tenant_id: uuid.UUID | None) -> None:
    """Refuse a request that nobody present could decide, and say who is missing."""
    can = {person: roles for person, roles in eligible(needs, tenant_id).items() if person not in excluded}
    if assign(needs, can) is None:
        wanted = ", ".join(f"{count} × {Role(role).label.lower()}" for role, count in needs.items())
        raise InvalidInputError(
            _(
                "Nobody could decide this: the policy asks for %(wanted)s, not counting who asked, drafted or "
                "benefits. Ask an administrator to give somebody else that role first."
            )
            % {"wanted": wanted}
        )
