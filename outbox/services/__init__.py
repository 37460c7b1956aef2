"""Every write of the outbox room."""

from outbox.services.delivery import deliver_due_messages, deliver_message
from outbox.services.messages import queue_email, replay_message

__all__ = ["deliver_due_messages", "deliver_message", "queue_email", "replay_message"]
