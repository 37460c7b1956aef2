"""Reading the outbox."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet

from outbox.models import Message


def messages(state: str = "") -> QuerySet[Message]:
    """All messages, newest first, or those of one state."""
    rows: QuerySet[Any] = Message.objects.all()
    return rows.filter(state=state) if state in Message.State.values else rows


def message_counts() -> dict[str, int]:
    """How many messages are in each state, zero included."""
    found = dict(Message.objects.order_by().values_list("state").annotate(Count("pk")))
    return {state: found.get(state, 0) for state in Message.State.values}
