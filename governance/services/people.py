"""People: founding the installation, adding, disabling, preferences. Roles: ``services.roles``."""

from __future__ import annotations

import uuid
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import AuthorityError, InvalidInputError, InvalidInputsError, NotFoundError, StateError
from governance.approval_kinds import KINDS
from governance.authority import Right, require
from governance.models import Person, RoleAssignment
from governance.services.policies import publish
from governance.services.roles import end_assignments, refuse_conflict


@dataclass(frozen=True, slots=True)
class Founder:
    """One of the first people: who they are and which roles they start with."""

    email: str
    name: str
    roles: tuple[str, ...] = ()
    password: str | None = None


def found_installation(*, actor: Actor, founders: Iterable[Founder]) -> list[Person]:
    """Give an empty installation its first people, roles and policies, once.

    Everybody after them gets roles only by a countersigned change, so at least one administrator
    (who asks) and one security approver (who countersigns) must be among them.
    Raises :class:`StateError` when anybody is there already.
    """
    founders = list(founders)
    held = {role for founder in founders for role in founder.roles}
    if not {"administrator", "security_approver"} <= held:
        raise InvalidInputError(_("Name at least one administrator and one security approver, two different people."))
    with audited(actor, "governance.installation.founded", subject_kind="governance.installation") as change:
        if Person.objects.exists():
            raise StateError(_("This installation has people already. Sign in as an administrator to add more."))
        people = [_create(founder.email, founder.name, founder.password) for founder in founders]
        for founder, person in zip(founders, people, strict=True):
            refuse_conflict(set(founder.roles))
            for role in founder.roles:
                RoleAssignment.objects.create(person=person, role=role)
        for kind in KINDS.values():
            publish(change, kind.kind, dict(kind.groups))
        change.details = {"people": [str(person.id) for person in people]}
    return people


def add_person(*, actor: Actor, email: str, name: str) -> Person:
    """Add somebody without password or role; they sign in through an invitation or single sign-on."""
    require(actor, Right.MANAGE_PEOPLE)
    with audited(actor, "governance.person.added", subject_kind="governance.person") as change:
        person = _create(email, name, None, change.subject_id)
    return person


def _create(email: str, name: str, password: str | None, person_id: uuid.UUID | None = None) -> Person:
    email, name = email.strip().lower(), " ".join(name.split())
    errors = {} if name else {"name": _("Give the person's name.")}
    try:
        validate_email(email)
    except ValidationError:
        errors["email"] = _("Give a full e-mail address, such as ada@example.com.")
    if Person.objects.annotate(lower=Lower("email")).filter(lower=email).exists():
        errors["email"] = _("Somebody with this e-mail address is here already.")
    if errors:
        raise InvalidInputsError(errors)
    person = Person(id=person_id or uuid.uuid4(), email=email, name=name[:120])
    person.set_password(password)  # None: no password signs in until an invitation sets one
    person.save()
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def _locked(person_id: uuid.UUID) -> Person:
    person: Person | None = Person.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise NotFoundError(_("There is no such person."))
    return person


def disable_person(*, actor: Actor, person_id: uuid.UUID) -> Person:
    """End all of somebody's sessions and roles at once and let them sign in no more (I05)."""
    require(actor, Right.MANAGE_PEOPLE)
    if person_id == actor.id:
        raise AuthorityError(_("You cannot disable yourself. Ask another administrator."))
    with audited(actor, "governance.person.disabled", subject_kind="governance.person", subject_id=person_id) as change:
        person = _locked(person_id)
        if not person.is_active:
            raise StateError(_("This person is disabled already."))
        refuse_last_administrator(person)
        person.is_active, person.disabled_at = False, timezone.now()
        person.save(update_fields=["is_active", "disabled_at"])
        change.details = {"roles_ended": end_assignments(person), "sessions_ended": end_sessions(person)}
    return person


def refuse_last_administrator(person: Person) -> None:
    """Somebody must stay who can let people in."""
    others = RoleAssignment.objects.live().filter(role="administrator", person__is_active=True).exclude(person=person)
    if person.roles.live().filter(role="administrator").exists() and not others.exists():
        raise StateError(_("This is the last administrator. Give somebody else the role first."))


def enable_person(*, actor: Actor, person_id: uuid.UUID) -> Person:
    """Let a disabled person sign in again; the roles they had stay ended."""
    require(actor, Right.MANAGE_PEOPLE)
    with audited(actor, "governance.person.enabled", subject_kind="governance.person", subject_id=person_id):
        person = _locked(person_id)
        if person.is_active:
            raise StateError(_("This person is active already."))
        person.is_active, person.disabled_at = True, None
        person.save(update_fields=["is_active", "disabled_at"])
    return person


def rename_person(*, actor: Actor, person_id: uuid.UUID, name: str) -> Person:
    """Correct how somebody is called."""
    require(actor, Right.MANAGE_PEOPLE)
    name = " ".join(name.split())
    if not name:
        raise InvalidInputError(_("Give the person's name."), field="name")
    with audited(actor, "governance.person.renamed", subject_kind="governance.person", subject_id=person_id):
        person = _locked(person_id)
        person.name = name[:120]
        person.save(update_fields=["name"])
    return person


def end_sessions(person: Person, *, but: str = "") -> int:
    """Sign somebody out everywhere (but the session with key ``but``); gives how many sessions ended."""
    sessions = UserSession.objects.filter(user=person).exclude(session_key=but)
    keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    sessions.delete()
    return len(keys)


def end_sessions_of(*, actor: Actor, person_id: uuid.UUID) -> int:
    """An administrator signs somebody else out everywhere; roles and factors stay. Gives how many sessions ended."""
    require(actor, Right.MANAGE_PEOPLE)
    if person_id == actor.id:
        raise AuthorityError(_("These are your own sessions: end them on your Sessions page."))
    with audited(
        actor, "governance.person.sessions_ended", subject_kind="governance.person", subject_id=person_id
    ) as change:
        count = end_sessions(_locked(person_id))
        change.details = {"count": count, "by": "administrator"}
    return count


def end_all_sessions(*, actor: Actor) -> int:
    """An administrator signs everybody out, themselves and whoever is signing in too; gives how many sessions ended."""
    require(actor, Right.MANAGE_PEOPLE)
    with audited(actor, "governance.installation.sessions_ended", subject_kind="governance.installation") as change:
        UserSession.objects.all().delete()
        count: int = Session.objects.all().delete()[0]
        change.details = {"count": count}
    return count


def set_preferences(*, actor: Actor, theme: str, time_zone: str) -> Person:
    """Set the actor's own theme (``auto``, ``light``, ``dark``) and IANA time zone."""
    errors = {}
    if theme not in ("auto", "light", "dark"):
        errors["theme"] = _("Choose one of the themes.")
    if time_zone not in zoneinfo.available_timezones():
        errors["time_zone"] = _("Choose a time zone from the list, such as Europe/Berlin.")
    if errors:
        raise InvalidInputsError(errors)
    with audited(
        actor, "governance.person.preferences_set", subject_kind="governance.person", subject_id=actor.id
    ) as change:
        person = _locked(actor.id)
        person.theme, person.time_zone = theme, time_zone
        person.save(update_fields=["theme", "time_zone"])
        change.details = {"theme": theme, "time_zone": time_zone}
    return person
