"""People, as the people pages and other rooms need them."""

from __future__ import annotations

import uuid

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import NotFoundError
from governance.models import FactorReset, Notification, Person, RoleAssignment, RoleChange
from governance.vocabulary import Role


def live_roles() -> QuerySet[RoleAssignment]:
    """Role assignments that count now, with what their labels need."""
    rows: QuerySet[RoleAssignment] = RoleAssignment.objects.live().select_related("tenant", "site")
    return rows


def people(*, words: str = "", role: str = "", state: str = "") -> QuerySet[Person]:
    """People by name, filtered; ``state`` is ``active``, ``disabled`` or empty."""
    rows = Person.objects.prefetch_related(Prefetch("roles", queryset=live_roles(), to_attr="held"))
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(email__icontains=words))
    if role in Role.values:
        rows = rows.filter(pk__in=live_roles().filter(role=role).values("person_id"))
    if state in ("active", "disabled"):
        rows = rows.filter(is_active=state == "active")
    found: QuerySet[Person] = rows.order_by("name", "id")
    return found


def search_people(words: str) -> QuerySet[Person]:
    """The first ten people for the search."""
    return people(words=words)[:10]


def get_person(person_id: uuid.UUID) -> Person:
    """One person with the roles held now."""
    row = people().filter(pk=person_id).first()
    if row is None:
        raise NotFoundError(_("There is no such person."))
    return row


def get_role_change(change_id: uuid.UUID) -> RoleChange:
    """One role change with whom and what it is about."""
    row: RoleChange | None = (
        RoleChange.objects.select_related("person", "tenant", "site", "approval").filter(pk=change_id).first()
    )
    if row is None:
        raise NotFoundError(_("There is no such role change."))
    return row


def holders_of(*roles: str) -> set[uuid.UUID]:
    """Active people who hold any of the roles now, whatever the tenant."""
    return set(live_roles().filter(role__in=roles, person__is_active=True).values_list("person_id", flat=True))


def notifications_of(person_id: uuid.UUID) -> QuerySet[Notification]:
    """Somebody's messages, newest first."""
    return Notification.objects.filter(person_id=person_id).order_by("-at", "-id")


def unread_count(person_id: uuid.UUID) -> int:
    """How many of somebody's messages are unread."""
    return Notification.objects.filter(person_id=person_id, read_at=None).count()


def role_changes_of(person_id: uuid.UUID) -> QuerySet[RoleChange]:
    """Changes asked for about somebody's roles, newest first."""
    return RoleChange.objects.select_related("approval", "approval__requested_by", "tenant").filter(person_id=person_id)


def past_roles_of(person_id: uuid.UUID) -> QuerySet[RoleAssignment]:
    """Roles somebody held once."""
    now = timezone.now()
    return RoleAssignment.objects.select_related("tenant", "site").filter(person_id=person_id, valid_until__lte=now)


def get_assignment(person_id: uuid.UUID, assignment_id: uuid.UUID) -> RoleAssignment:
    """A role this person holds now."""
    row = live_roles().select_related("person").filter(pk=assignment_id, person_id=person_id).first()
    if row is None:
        raise NotFoundError(_("This person does not hold that role now."))
    return row


def factor_resets_of(person_id: uuid.UUID) -> QuerySet[FactorReset]:
    """Resets asked for of somebody's second factors, newest first."""
    return FactorReset.objects.select_related("approval", "approval__requested_by").filter(person_id=person_id)


def get_factor_reset(reset_id: uuid.UUID) -> FactorReset:
    """One reset with whom it is about."""
    row: FactorReset | None = FactorReset.objects.select_related("person", "approval").filter(pk=reset_id).first()
    if row is None:
        raise NotFoundError(_("There is no such reset."))
    return row


def waiting_for_link(actor: Actor) -> QuerySet[FactorReset]:
    """Resets the actor asked for, whose active person has yet to enrol a new factor."""
    rows: QuerySet[FactorReset] = FactorReset.objects.waiting_to_enrol().select_related("person")
    return rows.filter(approval__requested_by_id=actor.id, person__is_active=True)[:100]
