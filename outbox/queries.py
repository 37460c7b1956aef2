"""Reading the outbox: messages, the attempts at them, and endpoints."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from auditlog.errors import NotFoundError
from outbox.models import Attempt, Endpoint, Message

#: How many attempts a message's page shows.
SHOWN_ATTEMPTS = 100


def messages(state: str = "", kind: str = "", endpoint_id: uuid.UUID | None = None) -> QuerySet[Message]:
    """All messages, or those of one state, kind or endpoint."""
    rows: QuerySet[Any] = _chosen(kind, endpoint_id)
    return rows.filter(state=state) if state in Message.State.values else rows


def message_counts(kind: str = "", endpoint_id: uuid.UUID | None = None) -> dict[str, int]:
    """How many messages are in each state, zero included."""
    found = dict(_chosen(kind, endpoint_id).order_by().values_list("state").annotate(Count("pk")))
    return {state: found.get(state, 0) for state in Message.State.values}


def _chosen(kind: str, endpoint_id: uuid.UUID | None) -> QuerySet[Any]:
    rows: QuerySet[Any] = Message.objects.all()
    if kind in Message.Kind.values:
        rows = rows.filter(kind=kind)
    return rows if endpoint_id is None else rows.filter(endpoint_id=endpoint_id)


def get_message(message_id: uuid.UUID) -> Message:
    """One message with its endpoint."""
    row: Message | None = Message.objects.select_related("endpoint").filter(pk=message_id).first()
    if row is None:
        raise NotFoundError(_("There is no such message."))
    return row


def attempts_at(message: Message) -> list[Attempt]:
    """The last attempts to deliver a message, newest first."""
    return list(message.tries.all()[:SHOWN_ATTEMPTS])


def endpoints() -> QuerySet[Endpoint]:
    """Endpoints with how many messages ``waiting`` and ``dead`` they have."""
    rows: QuerySet[Any] = Endpoint.objects.annotate(
        waiting=Count("messages", filter=Q(messages__state=Message.State.WAITING)),
        dead=Count("messages", filter=Q(messages__state=Message.State.DEAD)),
    )
    return rows


def get_endpoint(endpoint_id: uuid.UUID) -> Endpoint:
    """One endpoint."""
    row: Endpoint | None = Endpoint.objects.filter(pk=endpoint_id).first()
    if row is None:
        raise NotFoundError(_("There is no such endpoint."))
    return row


def endpoint_of(account_id: uuid.UUID) -> Endpoint | None:
    """The endpoint a service account's webhooks go to now."""
    row: Endpoint | None = Endpoint.objects.filter(account_id=account_id, disabled_at=None).first()
    return row
