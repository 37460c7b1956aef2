"""Signing in and out, and one's own password."""

from __future__ import annotations

import uuid

from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import check_password, make_password
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, NotFoundError
from governance.authority import Right, require
from governance.models import Person, RoleAssignment
from governance.services.devices import has_second_factor
from governance.services.invitations import store_password
from governance.services.notifications import notify
from governance.services.people import end_sessions
from governance.services.stepups import use_step_up

#: What a step-up must be for before one's own sessions are ended.
END_SESSIONS = "governance.sessions.end"


def record_sign_in(*, actor: Actor, first_factor: str, second_factor: str, break_glass: bool = False) -> None:
    """Note that the actor signed in: ``password`` or a provider's name, then the second factor's method.

    A break-glass account's use is an event of its own and tells every administrator (I07).
    """
    with audited(actor, "governance.person.signed_in", subject_kind="governance.person", subject_id=actor.id) as change:
        change.details = {"first_factor": first_factor, "second_factor": second_factor}
        Person.objects.filter(pk=actor.id).update(last_signed_in_at=timezone.now())
        if break_glass:
            change.record("governance.person.break_glass_used", "governance.person", actor.id)
            text = _("The break-glass account “%(name)s” signed in with a local password.") % {"name": actor.label}
            notify(actor=actor, people=administrators(), kind="governance.break_glass.used", text=text, url="/log/")


def administrators() -> list[uuid.UUID]:
    """Everybody who is an administrator now."""
    live = RoleAssignment.objects.live().filter(role="administrator", person__is_active=True)
    return list(live.values_list("person_id", flat=True))


def record_sign_out(*, actor: Actor) -> None:
    """Note that the actor signed out."""
    with audited(actor, "governance.person.signed_out", subject_kind="governance.person", subject_id=actor.id):
        pass  # the session itself is Django's to end


def matches(person: Person | None, password: str) -> bool:
    """Whether this is the person's password; nobody and unusable take just as long.

    A hash made with older parameters is replaced while the password is at hand.
    """
    if person is None:
        make_password(password)
        return False

    def renew(raw: str) -> None:
        renew_hash(person, raw)

    return check_password(password, person.password, setter=renew)


def renew_hash(person: Person, password: str) -> None:
    """Store the same password with today's hash parameters."""
    actor = Actor(kind="person", id=person.id, label=person.name, source="web", request_id=f"rehash-{uuid.uuid4()}")
    with audited(actor, "governance.person.password_rehashed", subject_kind="governance.person", subject_id=person.id):
        person.set_password(password)
        Person.objects.filter(pk=person.pk).update(password=person.password)


def check_own_password(
    *, actor: Actor, password: str, field: str = "password", failure: str = "governance.person.password_refused"
) -> None:
    """Raise :class:`InvalidInputError` (``field``) unless this is the actor's password; that is an event.

    Never call this inside another change: the failure must be kept although it raises. The caller bounds how often.
    """
    if matches(Person.objects.get(pk=actor.id), password):
        return
    with audited(actor, failure, subject_kind="governance.person", subject_id=actor.id):
        pass  # only the attempt is kept
    raise InvalidInputError(_("This is not your password."), field=field)


def change_password(*, actor: Actor, old: str, new: str, session_key: str) -> Person:
    """Replace the actor's own password; every other session of theirs ends.

    Raises :class:`InvalidInputError` for a wrong old one (``old``) or a weak new one (``password1``).
    """
    check_own_password(actor=actor, password=old, field="old", failure="governance.person.password_change_failed")
    with audited(
        actor, "governance.person.password_set", subject_kind="governance.person", subject_id=actor.id
    ) as change:
        person = Person.objects.select_for_update().get(pk=actor.id)
        change.details = {"by": "change", "sessions_ended": store_password(person, new, but=session_key)}
        return person  # type: ignore[no-any-return]


def guard_sessions(actor: Actor, step_up_id: uuid.UUID | None) -> None:
    """Within a change: whoever has a second factor here confirms before ending sessions, so that a thief cannot."""
    if has_second_factor(actor.id):
        use_step_up(actor=actor, step_up_id=step_up_id, purpose=END_SESSIONS)


def end_session(*, actor: Actor, user_session_id: int, step_up_id: uuid.UUID | None = None) -> None:
    """Sign one of the actor's own sessions out; a stranger's is :class:`NotFoundError`.

    ``step_up_id``: a step-up for :data:`END_SESSIONS` (``StepUpRequiredError`` without).
    """
    with audited(
        actor, "governance.person.sessions_ended", subject_kind="governance.person", subject_id=actor.id
    ) as change:
        session = UserSession.objects.filter(pk=user_session_id, user_id=actor.id).first()
        if session is None:
            raise NotFoundError(_("This session has ended already."))
        guard_sessions(actor, step_up_id)
        session.end()
        change.details = {"count": 1}


def end_other_sessions(*, actor: Actor, session_key: str = "", step_up_id: uuid.UUID | None = None) -> int:
    """Sign the actor out everywhere but in the session with ``session_key`` (empty: there too).

    ``step_up_id``: as for :func:`end_session`.
    """
    with audited(
        actor, "governance.person.sessions_ended", subject_kind="governance.person", subject_id=actor.id
    ) as change:
        guard_sessions(actor, step_up_id)
        count = end_sessions(Person.objects.get(pk=actor.id), but=session_key)
        change.details = {"count": count}
    return count


def set_break_glass(*, actor: Actor, person_id: uuid.UUID, sealed: bool) -> Person:
    """Let somebody sign in with a local password although single sign-on is set up, or no longer (I07)."""
    require(actor, Right.MANAGE_PEOPLE)
    with audited(
        actor, "governance.person.break_glass_set", subject_kind="governance.person", subject_id=person_id
    ) as change:
        person = Person.objects.select_for_update().filter(pk=person_id).first()
        if person is None:
            raise NotFoundError(_("There is no such person."))
        person.is_break_glass = sealed
        person.save(update_fields=["is_break_glass"])
        change.details = {"break_glass": sealed}
        text = (
            _("“%(name)s” may now sign in with a local password.")
            if sealed
            else _("“%(name)s” may no longer sign in with a local password.")
        )
        notify(
            actor=actor, people=administrators(), kind="governance.break_glass.set", text=text % {"name": person.name}
        )
        return person  # type: ignore[no-any-return]
