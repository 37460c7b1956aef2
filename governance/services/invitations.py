"""Links that let one person set a password, once: to join, or after forgetting the old one."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import AuthorityError, InvalidInputError, NotFoundError, StateError
from governance.authority import Right, require
from governance.models import Invitation, Person
from governance.services.devices import has_second_factor
from governance.services.people import end_sessions
from outbox.services.messages import queue_email

LIFETIMES = {
    Invitation.Purpose.JOIN: dt.timedelta(days=3),
    Invitation.Purpose.RESET: dt.timedelta(hours=1),
}


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
        return open_link(actor, person, Invitation.Purpose.JOIN)


def open_link(actor: Actor, person: Person, purpose: Invitation.Purpose) -> str:
    """Within a change: void the person's open links and make a new one; gives its address."""
    now = timezone.now()
    Invitation.objects.filter(person=person, used_at=None).update(used_at=now)
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(
        person=person,
        purpose=purpose,
        token_digest=digest_of(token),
        created_by_id=actor.id if actor.is_person else None,
        expires_at=now + LIFETIMES[purpose],
    )
    return f"{settings.PUBLIC_URL.rstrip('/')}/accounts/welcome/{token}/"


def digest_of(token: str) -> str:
    """What is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_invitation(token: str) -> Invitation:
    """The open invitation of a token, or :class:`NotFoundError` (wrong, used, expired: the same answer)."""
    open_ones = Invitation.objects.select_related("person").filter(used_at=None, expires_at__gt=timezone.now())
    found = open_ones.filter(token_digest=digest_of(token), person__is_active=True).first()
    if found is None:
        raise NotFoundError(_("This link was used already, has expired, or was cut off. Ask for a new one."))
    return found  # type: ignore[no-any-return]


def use_invitation(invitation: Invitation) -> None:
    """Within a change: spend the link; of two at once, one wins."""
    spent = Invitation.objects.filter(pk=invitation.pk, used_at=None, expires_at__gt=timezone.now())
    if not spent.update(used_at=timezone.now()):
        raise NotFoundError(_("This link was used already, has expired, or was cut off. Ask for a new one."))


def accept_invitation(*, actor: Actor, token: str, password: str) -> Person:
    """Set the password of the link's person and spend the link; sessions elsewhere end.

    Raises :class:`InvalidInputError` (``password1``) for a weak password, which spends nothing.
    """
    with audited(
        actor, "governance.person.password_set", subject_kind="governance.person", subject_id=actor.id
    ) as change:
        invitation = find_invitation(token)
        if invitation.person_id != actor.id:
            raise NotFoundError(_("This link is for somebody else."))
        use_invitation(invitation)
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


def request_password_reset(*, actor: Actor, email: str) -> None:
    """Mail a link to the person with this address, if there is one who signs in with a password here.

    Gives nothing: the caller answers everybody alike. Somebody without a second factor gets no
    mail: their link would be all it takes; an administrator invites them again.
    """
    with audited(actor, "governance.person.reset_requested", subject_kind="governance.person") as change:
        person = Person.objects.filter(email__iexact=email.strip(), is_active=True).first()
        known = person is not None and person.has_usable_password() and has_second_factor(person.id)
        if person is None or not known:
            change.details = {"sent": False}
            return
        change.subject_id, change.details = person.id, {"sent": True}
        url = open_link(actor, person, Invitation.Purpose.RESET)
        queue_email(
            actor=actor,
            address=person.email,
            template="password_reset",
            words={"name": person.name, "url": url},
            person_id=person.id,
        )
