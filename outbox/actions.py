"""What can happen to messages, in the words a timeline shows."""

ACTIONS: dict[str, str] = {
    "outbox.message.queued": "Message queued",
    "outbox.message.attempted": "Delivery started",
    "outbox.message.sent": "Message delivered",
    "outbox.message.delayed": "Delivery failed, to be tried again",
    "outbox.message.died": "Message given up",
    "outbox.message.replayed": "Message sent again",
    "outbox.messages.replayed": "All messages that were given up sent again",
    "outbox.messages.forgotten": "Content of messages erased",
    "outbox.endpoint.added": "Webhook endpoint added",
    "outbox.endpoint.edited": "Webhook endpoint changed",
    "outbox.endpoint.secret_rotated": "Webhook secret rotated",
    "outbox.endpoint.tested": "Test webhook sent",
    "outbox.endpoint.disabled": "Webhook endpoint disabled",
}
