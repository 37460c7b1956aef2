"""Endpoints and webhooks in tests."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

from auditlog.actors import Actor, HeldRole, job_actor
from auditlog.change import audited
from outbox.models import Endpoint, Message
from outbox.registry import EVENTS, register_event
from outbox.services import add_endpoint, queue_webhook
from tests.outbox.posting import ACTOR

ADMIN = dataclasses.replace(job_actor("tests.administrator"), roles=frozenset({HeldRole("administrator")}))
EVENT = "tests.thing.decided"
ABOUT = "tests.thing"
ACCOUNT = uuid.uuid5(uuid.NAMESPACE_URL, "tests:account")

if EVENT not in EVENTS:
    register_event(EVENT, "Thing decided")
    register_event("tests.thing.lost", "Thing lost")


def endpoint_at(receiver: Any, *, account_id: uuid.UUID = ACCOUNT, events: tuple[str, ...] = ()) -> Endpoint:
    """An endpoint at the receiver, which knows its secret from now on."""
    endpoint, secret = add_endpoint(actor=ADMIN, account_id=account_id, url=receiver.url, events=events)
    receiver.secret = secret
    return endpoint


def hook(
    *, actor: Actor = ACTOR, account_id: uuid.UUID = ACCOUNT, event: str = EVENT, **payload: Any
) -> Message | None:
    """One webhook, queued within somebody's change."""
    with audited(actor, "outbox.message.queued", subject_kind=ABOUT, subject_id=uuid.uuid4()) as change:
        about = (ABOUT, change.subject_id)
        return queue_webhook(actor=actor, account_id=account_id, event=event, payload=payload, about=about)
