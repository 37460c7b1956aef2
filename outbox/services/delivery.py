"""Deliver what waits: claim, send, note the outcome; wait longer after each failure, then give up."""

from __future__ import annotations

import time
import uuid
from smtplib import SMTPException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import audited
from auditlog.errors import StateError
from outbox.models import Attempt, Endpoint, Message
from outbox.services.messages import MESSAGE
from outbox.services.outcomes import give_up_message, note_failure, note_sent
from outbox.services.waits import LEASE, WEBHOOK_LIFETIME
from outbox.webhooks import NotTakenError, send_webhook

#: How many messages are taken in hand together, and how often in one sweep: what piled up leaves without pauses.
BATCH, ROUNDS = 200, 20


def deliver_due_messages() -> int:
    """Try every message that is due, oldest first; gives how many were tried. Safe at any time, by many at once."""
    actor = job_actor("outbox.messages_deliver")
    give_up_old_webhooks(actor=actor)
    tried = 0
    for _round in range(ROUNDS):
        due = Message.objects.filter(ready()).order_by("next_at").values_list("pk", flat=True)
        count = sum(deliver_message(actor=actor, message_id=message_id) for message_id in list(due[:BATCH]))
        tried += count
        if count < BATCH:
            break
    return tried


def ready() -> Q:
    """What is due, leaving out what goes to an endpoint that rests after failures."""
    now = timezone.now()
    awake = Q(endpoint=None) | Q(endpoint__resting_until=None) | Q(endpoint__resting_until__lte=now)
    return awake & Q(state=Message.State.WAITING, next_at__lte=now)


def deliver_message(*, actor: Actor, message_id: uuid.UUID) -> bool:
    """Try one message, if it is due and nobody else tries it; gives whether it was tried.

    A deliverer killed between the receiver's "accepted" and our note sends the message a second
    time, with the same id (Message-ID, webhook-id), by which mail programs and receivers know it.
    """
    if not Message.objects.filter(ready(), pk=message_id).exists():
        return False
    try:
        attempt = claim_message(actor=actor, message_id=message_id)
    except StateError:
        return False
    started = time.perf_counter()
    try:
        status = send(attempt.message)
    except (NotTakenError, SMTPException, OSError) as error:
        note_failure(actor=actor, attempt=attempt, error=error, milliseconds=since(started))
    else:
        note_sent(actor=actor, attempt=attempt, status=status, milliseconds=since(started))
    return True


def since(started: float) -> int:
    """Milliseconds that have passed."""
    return int((time.perf_counter() - started) * 1000)


def claim_message(*, actor: Actor, message_id: uuid.UUID) -> Attempt:
    """Take a due message for the time of a lease; :class:`StateError` when it is not due or somebody has it."""
    with audited(actor, "outbox.message.attempted", subject_kind=MESSAGE, subject_id=message_id) as change:
        now = timezone.now()
        due = Message.objects.filter(ready(), pk=message_id).select_for_update(of=("self",))
        message: Message | None = due.first()
        if message is None:
            raise StateError(_("This message is not due."))
        message.attempts += 1
        message.next_at = now + LEASE
        message.endpoint = current_endpoint(message)
        message.save(update_fields=["attempts", "next_at", "endpoint"])
        change.details = {"attempt": message.attempts}
        attempt: Attempt = Attempt.objects.create(message=message, at=now)
    return attempt


def current_endpoint(message: Message) -> Endpoint | None:
    """Where a webhook goes now: to the endpoint that took the place of one that was disabled."""
    endpoint = message.endpoint
    if endpoint is None or not endpoint.disabled_at:
        return endpoint
    return Endpoint.objects.filter(account_id=endpoint.account_id, disabled_at=None).first() or endpoint


def send(message: Message) -> int | None:
    """Hand the message to its receiver; gives the status a webhook's receiver answered."""
    if message.kind == Message.Kind.WEBHOOK:
        return send_webhook(message)
    host = urlsplit(settings.PUBLIC_URL).hostname
    headers = {"Message-ID": f"<{message.id}@{host}>", "Auto-Submitted": "auto-generated"}
    if message.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    EmailMessage(subject=message.subject, body=message.text, to=[message.address], headers=headers).send()
    return None


def give_up_old_webhooks(*, actor: Actor) -> int:
    """Give up webhooks that have waited for three days behind an endpoint which still answers nothing."""
    now = timezone.now()
    old = Message.objects.filter(
        state=Message.State.WAITING,
        next_at__lte=now,
        waiting_since__lte=now - WEBHOOK_LIFETIME,
        endpoint__resting_until__gt=now,
    )
    ids = list(old.values_list("pk", flat=True)[:BATCH])
    for message_id in ids:
        give_up_message(actor=actor, message_id=message_id, why=_("The receiver has not answered for three days."))
    return len(ids)
