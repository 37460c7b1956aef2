"""Note how an attempt went: taken, to be tried again, or given up."""

from __future__ import annotations

import uuid
from datetime import datetime
from smtplib import SMTPRecipientsRefused, SMTPResponseException

import structlog
from django.db.models.functions import Coalesce
from django.utils import timezone

from auditlog.actors import Actor
from auditlog.change import Change, audited
from outbox.models import Attempt, Endpoint, Message
from outbox.registry import DELIVERED, GONE
from outbox.services.endpoints import close_endpoint
from outbox.services.messages import MESSAGE
from outbox.services.waits import next_attempt, rest
from outbox.webhooks import GONE as GONE_STATUS
from outbox.webhooks import NotTakenError, meaning

logger = structlog.get_logger(__name__)


def note_sent(*, actor: Actor, attempt: Attempt, status: int | None, milliseconds: int) -> None:
    """The receiver has taken it. Its text goes, it may hold a link that opens something; whoever waits for it hears."""
    message = attempt.message
    with audited(actor, "outbox.message.sent", subject_kind=MESSAGE, subject_id=message.id) as change:
        end(attempt, milliseconds, status=status)
        first = close(message, Message.State.SENT, change, error="", text="")
        if message.endpoint_id:
            recovered = Endpoint.objects.filter(pk=message.endpoint_id, failures__gt=0)
            recovered.update(failures=0, failing_since=None, resting_until=None)
        if first and message.about_id and message.about_kind in DELIVERED and message.kind == Message.Kind.WEBHOOK:
            DELIVERED[message.about_kind](actor, message.about_id, message)


def note_failure(*, actor: Actor, attempt: Attempt, error: Exception, milliseconds: int) -> None:
    """The attempt failed: wait and try again, or give up when it is for good or was the last one."""
    message, now = attempt.message, timezone.now()
    logger.warning("message_failed", message=str(message.id), attempt=message.attempts, error=type(error).__name__)
    again = None if is_permanent(error) else next_attempt(message, now)
    action = "outbox.message.delayed" if again else "outbox.message.died"
    with audited(actor, action, subject_kind=MESSAGE, subject_id=message.id) as change:
        status = error.status if isinstance(error, NotTakenError) else None
        end(attempt, milliseconds, status=status, error=reason(error))
        note_endpoint_failure(actor, message, status, now)
        if again is None:
            close(message, Message.State.DEAD, change, error=reason(error))
            return
        Message.objects.filter(pk=message.pk, attempts=message.attempts, state=Message.State.WAITING).update(
            next_at=again, error=reason(error)
        )
        change.details = {"attempt": message.attempts}


def note_endpoint_failure(actor: Actor, message: Message, status: int | None, now: datetime) -> None:
    """Let the endpoint rest; disable it when its receiver said that it is gone."""
    if message.endpoint_id is None:
        return
    live = Endpoint.objects.select_for_update().filter(pk=message.endpoint_id, disabled_at=None)
    endpoint: Endpoint | None = live.first()
    if endpoint is None:
        return
    if status == GONE_STATUS:
        close_endpoint(actor=actor, endpoint=endpoint, why=meaning(status))
        for call in GONE:
            call(actor, endpoint)
        return
    failures = endpoint.failures + 1
    Endpoint.objects.filter(pk=endpoint.pk).update(
        failures=failures, resting_until=now + rest(failures), failing_since=Coalesce("failing_since", now)
    )


def give_up_message(*, actor: Actor, message_id: uuid.UUID, why: str) -> None:
    """Give up a message without another attempt; an administrator can send it again."""
    with audited(actor, "outbox.message.died", subject_kind=MESSAGE, subject_id=message_id) as change:
        waiting = Message.objects.select_for_update(of=("self",))
        message: Message | None = waiting.filter(pk=message_id, next_at__lte=timezone.now()).first()
        if message is not None:
            close(message, Message.State.DEAD, change, error=why)


def end(attempt: Attempt, milliseconds: int, *, status: int | None, error: str = "") -> None:
    """Write how the attempt ended."""
    Attempt.objects.filter(pk=attempt.pk).update(
        ended_at=timezone.now(), milliseconds=milliseconds, status=status, error=error
    )


def close(message: Message, state: Message.State, change: Change, **fields: str) -> bool:
    """End the message, unless a later attempt (our lease had ended) did so before; gives whether it was us."""
    change.details = {"attempt": message.attempts}
    open_ones = Message.objects.filter(pk=message.pk, state=Message.State.WAITING)
    return bool(open_ones.update(state=state, closed_at=timezone.now(), **fields))


def is_permanent(error: Exception) -> bool:
    """Whether the receiver said that trying again will not help (SMTP 5yz, HTTP 410)."""
    if isinstance(error, NotTakenError):
        return error.for_good
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _said in error.recipients.values())
    return isinstance(error, SMTPResponseException) and error.smtp_code >= 500 and error.smtp_code not in (530, 535)


def reason(error: Exception) -> str:
    """Why, fit to show to an administrator: what kind of failure, and what the server said."""
    if isinstance(error, NotTakenError):
        return str(error)[:300]
    if isinstance(error, SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return f"{code} {text.decode(errors='replace')}"[:300]
    return f"{type(error).__name__}: {error}"[:300]
