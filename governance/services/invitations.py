"""Links that let one person set a password, once: to join, or after forgetting the old one."""

from __future__ import annotations

import uuid

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import AuthorityError, InvalidInputError, NotFoundError, StateError
from governance.authority import Right, require
from governance.models import Person
from governance.services.devices import has_second_factor
from governance.services.enrolments import awaits_enrolment
from governance.services.links import FOR_PASSWORDS, Purpose, open_link, spend_link
from governance.services.people import end_sessions
from outbox.services.messages import queue_email


def invite_founder(*, actor: Actor, person_id: uuid.UUID) -> str:
    """The first link of somebody who founded the installation, for the command that founds it.

    Whoever runs the machine holds no role, so this asks for a command in place of a right.
    Raises :class:`AuthorityError` for anybody else.
    """
    if actor.source != "command":
        raise AuthorityError(_("Only the command that founds an installation invites its founders."))
    return _invite(actor, person_id)


def invite_person(*, actor: Actor, person_id: uuid.UUID) -> str:
    """Give the one link with which somebody signs in for the first time; older links stop working.

    The address is shown once to the administrator, who hands it over; here only its digest
    stays. Raises :class:`StateError` for somebody disabled or who has signed in with a second factor.
    """
    require(actor, Right.MANAGE_PEOPLE)
    return _invite(actor, person_id)


def _invite(actor: Actor, person_id: uuid.UUID) -> str:
    with audited(actor, "governance.person.invited", subject_kind="governance.person", subject_id=person_id):
        person = Person.objects.select_for_update().filter(pk=person_id).first()
        if person is None:
            raise NotFoundError(_("There is no such person."))
        if not person.is_active:
            raise StateError(_("This person is disabled. Enable them first."))
        if has_second_factor(person.id):
            raise StateError(_("This person has signed in already. They can ask for a new password themselves."))
        if awaits_enrolment(person.id):
            raise StateError(_("This person’s second factors were reset. Make them an enrolment link instead."))
        return open_link(actor, person, Purpose.JOIN)


def accept_invitation(*, actor: Actor, token: str, password: str) -> Person:
    """Set the password of the link's person and spend the link; sessions elsewhere end.

    Raises :class:`InvalidInputError` (``password1``) for a weak password, which spends nothing.
    """
    with audited(
        actor, "governance.person.password_set", subject_kind="governance.person", subject_id=actor.id
    ) as change:
        invitation = spend_link(token, person_id=actor.id, purposes=FOR_PASSWORDS)
        change.details = {"by": invitation.purpose, "sessions_ended": store_password(invitation.person, password)}
        return invitation.person


def store_password(person: Person, password: str, *, field: str = "password1", but: str = "") -> int:
    """Within a change: check and set a password, end sessions (but the one with key ``but``); gives how many ended."""
    try:
        validate_password(password, person)
    except ValidationError as weak:
        raise InvalidInputError(" ".join(weak.messages), field=field) from weak
    person.set_password(password)
    person.save(update_fields=["password"])
    return end_sessions(person, but=but)


def is_guarded(person_id: uuid.UUID) -> bool:
    """Whether a password alone does not let this person in: they have a second factor, or need a link to enrol one."""
    return has_second_factor(person_id) or awaits_enrolment(person_id)


def request_password_reset(*, actor: Actor, email: str) -> None:
    """Mail a link to the person with this address, if there is one who signs in with a password here.

    Gives nothing: the caller answers everybody alike. Somebody without a second factor gets no
    mail: their link would be all it takes; an administrator invites them again. After a reset of second
    factors it is not all, since enrolling takes another link, so they do get one.
    """
    with audited(actor, "governance.person.reset_requested", subject_kind="governance.person") as change:
        person = Person.objects.filter(email__iexact=email.strip(), is_active=True).first()
        if person is None or not (person.has_usable_password() and is_guarded(person.id)):
            change.details = {"sent": False}
            return
        change.subject_id, change.details = person.id, {"sent": True}
        url = open_link(actor, person, Purpose.RESET)
        queue_email(
            actor=actor,
            address=person.email,
            template="password_reset",
            words={"name": person.name, "url": url},
            person_id=person.id,
        )
