"""Links for one person, good once and for a while: only their digest is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import NotFoundError
from governance.models import Invitation, Person

Purpose = Invitation.Purpose

LIFETIMES = {
    Purpose.JOIN: dt.timedelta(days=3),
    Purpose.RESET: dt.timedelta(hours=1),
    Purpose.FACTOR: dt.timedelta(hours=4),
}
#: Those that set a password. A newer one ends the older ones of both kinds.
FOR_PASSWORDS = frozenset({Purpose.JOIN, Purpose.RESET})


def open_link(actor: Actor, person: Person, purpose: Invitation.Purpose) -> str:
    """Within a change: void the person's open links of this sort and make a new one; gives its address.

    A link for a new second factor and one for a password do not end one another: asking for a new password,
    which anybody can do for anybody, must not shut somebody out who holds the other.
    """
    sort = FOR_PASSWORDS if purpose in FOR_PASSWORDS else {purpose}
    void_links(person.id, sort)
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(
        person=person,
        purpose=purpose,
        token_digest=digest_of(token),
        created_by_id=actor.id if actor.is_person else None,
        expires_at=timezone.now() + LIFETIMES[purpose],
    )
    return f"{settings.PUBLIC_URL.rstrip('/')}/accounts/welcome/{token}/"


def void_links(person_id: uuid.UUID, purposes: frozenset[Purpose] | set[Purpose] = frozenset(Purpose)) -> int:
    """Within a change: end somebody's open links (of these purposes); gives how many."""
    voided: int = Invitation.objects.filter(person_id=person_id, purpose__in=purposes, used_at=None).update(
        used_at=timezone.now()
    )
    return voided


def digest_of(token: str) -> str:
    """What is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_link(token: str) -> Invitation:
    """The open link of a token, or :class:`NotFoundError` (wrong, used, expired: the same answer)."""
    open_ones = Invitation.objects.select_related("person").filter(used_at=None, expires_at__gt=timezone.now())
    found = open_ones.filter(token_digest=digest_of(token), person__is_active=True).first()
    if found is None:
        raise NotFoundError(_("This link was used already, has expired, or was cut off. Ask for a new one."))
    return found  # type: ignore[no-any-return]


def spend_link(token: str, *, person_id: uuid.UUID, purposes: frozenset[Purpose]) -> Invitation:
    """Within a change: use up the link, if it is this person's and for one of ``purposes``; of two at once, one wins.

    Raises :class:`NotFoundError` otherwise, which spends nothing.
    """
    link = find_link(token)
    if link.person_id != person_id:
        raise NotFoundError(_("This link is for somebody else."))
    if link.purpose not in purposes:
        raise NotFoundError(_("This link is for something else."))
    spent = Invitation.objects.filter(pk=link.pk, used_at=None, expires_at__gt=timezone.now())
    if not spent.update(used_at=timezone.now()):
        raise NotFoundError(_("This link was used already, has expired, or was cut off. Ask for a new one."))
    return link
