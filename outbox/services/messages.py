"""Queue messages with the change that causes them; send one again."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import audited
from auditlog.errors import AuthorityError, InvalidInputError, NotFoundError, StateError
from auditlog.jobs import soon
from outbox.models import Endpoint, Message
from outbox.registry import EVENTS
from outbox.webhooks import body_of

MESSAGE = "outbox.message"
DELIVER = "outbox.message_deliver"
REPLAY = "outbox.messages_replay"
#: How many messages are sent again in one transaction.
ROUND = 500
#: The largest body of a webhook, in bytes.
MAX_BODY = 1024 * 1024


def queue_email(
    *,
    actor: Actor,
    address: str,
    template: str,
    words: dict[str, Any],
    person_id: uuid.UUID | None = None,
    about: tuple[str, uuid.UUID] | None = None,
    not_before: dt.datetime | None = None,
    unsubscribe_url: str = "",
) -> Message:
    """Queue one e-mail inside the caller's audited change: it leaves after that has committed, or never existed.

    ``template`` names ``templates/outbox/mail/<template>.txt``, whose first line is the subject;
    ``words`` fill it (text and addresses only: it is plain text, and nothing is escaped).
    ``about`` is the (kind, id) of the subject it tells of; ``not_before`` when it may leave at the
    earliest; ``unsubscribe_url`` where one click (RFC 8058) ends messages of its kind.

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
            next_at=max(not_before, timezone.now()) if not_before else timezone.now(),
            unsubscribe_url=unsubscribe_url,
        )
        message.save(force_insert=True)
        change.details = {"template": template, "about_kind": message.about_kind, "about_id": message.about_id}
        deliver_soon(message, actor)
    return message


def queue_webhook(
    *, actor: Actor, account_id: uuid.UUID, event: str, payload: dict[str, Any], about: tuple[str, uuid.UUID]
) -> Message | None:
    """Queue one webhook to a service account's endpoint, inside the caller's audited change.

    ``event`` was declared with :func:`outbox.registry.register_event`; ``payload`` is JSON (dates and
    UUIDs allowed). ``about`` is the (kind, id) of what it tells of: when the receiver acknowledges,
    what :func:`outbox.registry.on_delivered` declared for the kind is called. ``None``: the account has
    no endpoint, or one that does not want this event.

    Raises:
        InvalidInputError: the body would be larger than a megabyte.
    """
    if event not in EVENTS:
        raise LookupError(f"No room registered the webhook event {event!r}.")
    endpoint = Endpoint.objects.filter(account_id=account_id, disabled_at=None).first()
    if endpoint is None or not endpoint.wants(event):
        return None
    return queue_to(endpoint, actor=actor, event=event, payload=payload, about=about)


def queue_to(
    endpoint: Endpoint, *, actor: Actor, event: str, payload: dict[str, Any], about: tuple[str, uuid.UUID]
) -> Message:
    """Queue one webhook to this endpoint. Its body is made here, once: every attempt signs the same bytes."""
    with audited(actor, "outbox.message.queued", subject_kind=MESSAGE) as change:
        body = body_of(event, payload, timezone.now())
        if len(body.encode()) > MAX_BODY:
            raise InvalidInputError(_("This is too large for a webhook, which holds a megabyte."), field="payload")
        message = Message(
            id=change.subject_id,
            kind=Message.Kind.WEBHOOK,
            endpoint=endpoint,
            address=endpoint.url,
            template=event,
            subject=event,
            text=body,
            digest=hashlib.sha256(body.encode()).hexdigest(),
            about_kind=about[0],
            about_id=about[1],
        )
        message.save(force_insert=True)
        change.details = {"event": event, "digest": message.digest, "about_kind": about[0], "about_id": about[1]}
        deliver_soon(message, actor)
    return message


def deliver_soon(message: Message, actor: Actor) -> None:
    """Deliver it right after the commit, as a job: whoever caused it may be a product, or gone by then."""
    job = job_actor("outbox.messages_deliver", request_id=actor.request_id, acting_for=actor.id)
    soon(DELIVER, str(message.id), actor=job)


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
        refuse_replay(actor)
        message: Message | None = Message.objects.select_for_update(of=("self",)).filter(pk=message_id).first()
        if message is None:
            raise NotFoundError(_("There is no such message."))
        if message.state != Message.State.DEAD:
            raise StateError(_("Only a message that was given up can be sent again; this one was not."))
        if not message.text:
            raise StateError(_("What it said was erased with its tenant’s data, so it cannot be sent again."))
        change.details = {"attempts": message.attempts}
        revive(message, actor)
    return message


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many messages one round sent again, and how many the next rounds still have to."""

    count: int
    left: int


def replay_dead_messages(
    *, actor: Actor, endpoint_id: uuid.UUID | None = None, until: dt.datetime | None = None
) -> Replayed:
    """Send again all that was given up (of one endpoint), oldest first: a round now, the others as jobs.

    ``until`` is for the later rounds: what was given up after the first began stays, so that a receiver that is
    still down ends it. A round that is lost leaves its messages as they are, for whoever asks again.

    Raises:
        AuthorityError: the actor is no administrator.
    """
    with audited(actor, "outbox.messages.replayed", subject_kind="outbox.messages") as change:
        refuse_replay(actor)
        if until is None and endpoint_id is not None:
            Endpoint.objects.filter(pk=endpoint_id).update(resting_until=None)
        until = until or timezone.now()
        dead = Message.objects.filter(state=Message.State.DEAD, closed_at__lte=until).exclude(text="")
        if endpoint_id is not None:
            dead = dead.filter(endpoint_id=endpoint_id)
        chosen = list(dead.select_for_update(of=("self",)).order_by("queued_at", "id")[:ROUND])
        for message in chosen:
            change.record("outbox.message.replayed", MESSAGE, message.id, details={"attempts": message.attempts})
            revive(message, actor)
        replayed = Replayed(len(chosen), dead.count())
        change.details = {"count": replayed.count, "left": replayed.left, "endpoint": endpoint_id}
        if replayed.left:
            soon(REPLAY, str(endpoint_id or ""), until.isoformat(), actor=actor)
    return replayed


def refuse_replay(actor: Actor) -> None:
    """Administrators only."""
    if not actor.holds("administrator"):
        raise AuthorityError(_("Only an administrator sends messages again."))


def revive(message: Message, actor: Actor) -> None:
    """Let a dead message wait afresh."""
    message.state, message.attempts, message.closed_at = Message.State.WAITING, 0, None
    message.next_at = message.waiting_since = timezone.now()
    message.save(update_fields=["state", "attempts", "closed_at", "next_at", "waiting_since"])
    deliver_soon(message, actor)
