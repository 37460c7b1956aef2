"""Messages that must leave, the attempts at them, and the endpoints webhooks go to."""

from outbox.models.endpoints import Endpoint
from outbox.models.messages import Attempt, Message

__all__ = ["Attempt", "Endpoint", "Message"]
