"""Queue messages with the change that causes them; send one again."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import AuthorityError, InvalidInputError, NotFoundError, StateError
from auditlog.jobs import soon
from outbox.models import Message

MESSAGE = "outbox.message"
DELIVER = "outbox.message_deliver"


def queue_email(
    *,
    actor: Actor,
    address: str,
    template: str,
    words: dict[str, Any],
    person_id: uuid.UUID | None = None,
    about: tuple[str, uuid.UUID] | None = None,
) -> Message:
    """Queue one e-mail inside the caller's audited change: it leaves after that has committed, or never existed.

    ``template`` names ``templates/outbox/mail/<template>.txt``, whose first line is the subject;
    ``words`` fill it (text and addresses only: it is plain text, and nothing is escaped).
    ``about`` is the (kind, id) of the subject it tells of.

    Raises:
        InvalidInputError: the address is none, or there is no such template (``field`` says which).
    """
    subject, text = worded(template, words)
    with audited(actor, "outbox.message.queued", subject_kind=MESSAGE) as change:
        message = Message(
            id=change.subject_id,
            address=checked_address(address),
            person_id=person_id,
            template=template,
            subject=subject,
            text=text,
            about_kind=about[0] if about else "",
            about_id=about[1] if about else None,
        )
        message.save(force_insert=True)
        change.details = {"template": template, "about_kind": message.about_kind, "about_id": message.about_id}
        soon(DELIVER, str(message.id), actor=actor)
    return message


def worded(template: str, words: dict[str, Any]) -> tuple[str, str]:
    """Subject (the first line) and text of a message."""
    try:
        whole = render_to_string(f"outbox/mail/{template}.txt", words)
    except TemplateDoesNotExist as missing:
        raise InvalidInputError(
            _("There is no message called %(name)s.") % {"name": template}, field="template"
        ) from missing
    subject, _newline, text = whole.strip().partition("\n")
    return " ".join(subject.split())[:200], text.strip() + "\n"


def checked_address(address: str) -> str:
    """The address, without the space around it."""
    try:
        validate_email(address.strip())
    except ValidationError as error:
        raise InvalidInputError(_("This is not an e-mail address."), field="address") from error
    return address.strip()


def replay_message(*, actor: Actor, message_id: uuid.UUID) -> Message:
    """Send a message again that was given up: it waits afresh, with all its attempts before it.

    Raises:
        AuthorityError: the actor is no administrator (``Right.MANAGE_PEOPLE``; rights live in a room above).
        NotFoundError, StateError: there is no such message, or it was not given up.
    """
    with audited(actor, "outbox.message.replayed", subject_kind=MESSAGE, subject_id=message_id) as change:
        if not actor.holds("administrator"):
            raise AuthorityError(_("Only an administrator sends messages again."))
        message: Message | None = Message.objects.select_for_update().filter(pk=message_id).first()
        if message is None:
            raise NotFoundError(_("There is no such message."))
        if message.state != Message.State.DEAD:
            raise StateError(_("Only a message that was given up can be sent again; this one was not."))
        change.details = {"attempts": message.attempts}
        message.state, message.attempts, message.closed_at = Message.State.WAITING, 0, None
        message.next_at = timezone.now()
        message.save(update_fields=["state", "attempts", "closed_at", "next_at"])
        soon(DELIVER, str(message.id), actor=actor)
    return message
