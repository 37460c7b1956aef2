"""What can happen to messages, in the words a timeline shows."""

ACTIONS: dict[str, str] = {
    "outbox.message.queued": "Message queued",
    "outbox.message.attempted": "Delivery started",
    "outbox.message.sent": "Message delivered",
    "outbox.message.delayed": "Delivery failed, to be tried again",
    "outbox.message.died": "Message given up",
    "outbox.message.replayed": "Message sent again",
}
