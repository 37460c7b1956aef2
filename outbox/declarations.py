"""What the outbox tells the registries, once every app is loaded."""

from __future__ import annotations

import datetime as dt
import uuid

from auditlog.actors import Actor
from auditlog.jobs import register_job, register_sweep
from auditlog.registry import register_actions, register_subject
from outbox.actions import ACTIONS
from outbox.models import Endpoint, Message
from outbox.services.delivery import deliver_due_messages, deliver_message
from outbox.services.endpoints import ENDPOINT
from outbox.services.messages import DELIVER, MESSAGE, REPLAY, replay_dead_messages


def declare() -> None:
    """Fill the registries."""
    register_actions(ACTIONS)
    register_subject(MESSAGE, "Message", locate)
    register_subject(ENDPOINT, "Webhook endpoint", locate_endpoint)
    register_job(DELIVER, deliver)
    register_job(REPLAY, replay)
    register_sweep("outbox.messages_deliver", dt.timedelta(seconds=15), deliver_due_messages)


def deliver(message_id: str, *, actor: Actor) -> None:
    """The fast path: right after the change that queued it."""
    deliver_message(actor=actor, message_id=uuid.UUID(message_id))


def replay(endpoint_id: str, until: str, *, actor: Actor) -> None:
    """The next round of sending again what was given up."""
    endpoint = uuid.UUID(endpoint_id) if endpoint_id else None
    replay_dead_messages(actor=actor, endpoint_id=endpoint, until=dt.datetime.fromisoformat(until))


def locate(message_id: uuid.UUID) -> tuple[str, str] | None:
    """The message's subject and page (the console's, a room above)."""
    message = Message.objects.filter(pk=message_id).first()
    return (message.subject, f"/outbox/{message.id}/") if message else None


def locate_endpoint(endpoint_id: uuid.UUID) -> tuple[str, str] | None:
    """The endpoint's address and page."""
    endpoint = Endpoint.objects.filter(pk=endpoint_id).first()
    return (endpoint.url, f"/webhooks/{endpoint.id}/") if endpoint else None
