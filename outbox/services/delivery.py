"""Deliver what waits: claim, send, note the outcome; wait longer after each failure, then give up."""

from __future__ import annotations

import datetime as dt
import uuid
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import Change, audited
from auditlog.errors import StateError
from outbox.models import Message
from outbox.services.messages import MESSAGE

logger = structlog.get_logger(__name__)

#: How long to wait after each failed attempt; after the last one the message is dead: three days in all.
WAITS = tuple(dt.timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440, 1440))
#: How long one attempt may take before somebody else may try.
LEASE = dt.timedelta(minutes=1)
BATCH = 200


def deliver_due_messages() -> int:
    """Try every message that is due, oldest first; gives how many were tried. Safe at any time, by many at once."""
    due = Message.objects.filter(state=Message.State.WAITING, next_at__lte=timezone.now())
    ids = list(due.order_by("next_at").values_list("pk", flat=True)[:BATCH])
    actor = job_actor("outbox.messages_deliver")
    return sum(deliver_message(actor=actor, message_id=message_id) for message_id in ids)


def deliver_message(*, actor: Actor, message_id: uuid.UUID) -> bool:
    """Try one message, if it is due and nobody else tries it; gives whether it was tried.

    A deliverer killed between the server's "accepted" and our note sends the message a second
    time, with the same Message-ID, by which mail programs show it once.
    """
    due = Message.objects.filter(pk=message_id, state=Message.State.WAITING, next_at__lte=timezone.now())
    if not due.exists():
        return False
    try:
        message = claim_message(actor=actor, message_id=message_id)
    except StateError:
        return False
    try:
        send(message)
    except (SMTPException, OSError) as error:
        note_failure(actor=actor, message=message, error=error)
    else:
        note_sent(actor=actor, message=message)
    return True


def claim_message(*, actor: Actor, message_id: uuid.UUID) -> Message:
    """Take a due message for the time of a lease; :class:`StateError` when it is not due or somebody has it."""
    with audited(actor, "outbox.message.attempted", subject_kind=MESSAGE, subject_id=message_id) as change:
        now = timezone.now()
        due = Message.objects.filter(pk=message_id, state=Message.State.WAITING, next_at__lte=now)
        message: Message | None = due.select_for_update().first()
        if message is None:
            raise StateError(_("This message is not due."))
        message.attempts += 1
        message.next_at = now + LEASE
        message.save(update_fields=["attempts", "next_at"])
        change.details = {"attempt": message.attempts}
    return message


def send(message: Message) -> None:
    """Hand the message to the mail server."""
    host = urlsplit(settings.PUBLIC_URL).hostname
    EmailMessage(
        subject=message.subject,
        body=message.text,
        to=[message.address],
        headers={"Message-ID": f"<{message.id}@{host}>", "Auto-Submitted": "auto-generated"},
    ).send()


def note_sent(*, actor: Actor, message: Message) -> None:
    """The server has accepted it. Its text goes: it may hold a link that opens something."""
    with audited(actor, "outbox.message.sent", subject_kind=MESSAGE, subject_id=message.id) as change:
        close(message, Message.State.SENT, change, error="", text="")


def note_failure(*, actor: Actor, message: Message, error: Exception) -> None:
    """The attempt failed: wait and try again, or give up when it is for good or was the last one."""
    logger.warning("message_failed", message=str(message.id), attempt=message.attempts, error=type(error).__name__)
    for_good = is_permanent(error) or message.attempts > len(WAITS)
    action = "outbox.message.died" if for_good else "outbox.message.delayed"
    with audited(actor, action, subject_kind=MESSAGE, subject_id=message.id) as change:
        if for_good:
            close(message, Message.State.DEAD, change, error=reason(error))
            return
        Message.objects.filter(pk=message.pk, attempts=message.attempts, state=Message.State.WAITING).update(
            next_at=timezone.now() + WAITS[message.attempts - 1], error=reason(error)
        )
        change.details = {"attempt": message.attempts}


def close(message: Message, state: Message.State, change: Change, **fields: str) -> None:
    """End the message, unless a later attempt (our lease had ended) did so before."""
    Message.objects.filter(pk=message.pk, state=Message.State.WAITING).update(
        state=state, closed_at=timezone.now(), **fields
    )
    change.details = {"attempt": message.attempts}


def is_permanent(error: Exception) -> bool:
    """Whether the server said that trying again will not help (SMTP 5yz)."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _said in error.recipients.values())
    return isinstance(error, SMTPResponseException) and error.smtp_code >= 500 and error.smtp_code not in (530, 535)


def reason(error: Exception) -> str:
    """Why, fit to show to an administrator: what kind of failure, and what the server said."""
    if isinstance(error, SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return f"{code} {text.decode(errors='replace')}"[:300]
    return f"{type(error).__name__}: {error}"[:300]
