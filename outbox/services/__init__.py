"""Every write of the outbox room."""

from outbox.services.delivery import deliver_due_messages, deliver_message
from outbox.services.endpoints import (
    add_endpoint,
    disable_endpoint,
    disable_endpoint_of,
    edit_endpoint,
    rotate_secret,
    send_test,
)
from outbox.services.forgetting import forget_messages
from outbox.services.messages import Replayed, queue_email, queue_webhook, replay_dead_messages, replay_message

__all__ = [
    "Replayed",
    "add_endpoint",
    "deliver_due_messages",
    "deliver_message",
    "disable_endpoint",
    "disable_endpoint_of",
    "edit_endpoint",
    "forget_messages",
    "queue_email",
    "queue_webhook",
    "replay_dead_messages",
    "replay_message",
    "rotate_secret",
    "send_test",
]
