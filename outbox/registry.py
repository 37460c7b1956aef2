"""What the rooms above tell the outbox in ``AppConfig.ready()``: their events, and whom to tell that one arrived."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from auditlog.actors import Actor
from outbox.models import Endpoint, Message

#: Called with (actor, about_id, message) in the change that notes the receiver's 2xx; must not refuse.
Delivered = Callable[[Actor, uuid.UUID, Message], None]
#: Called with (actor, endpoint) in the change that disables an endpoint because its receiver said 410 Gone.
Gone = Callable[[Actor, Endpoint], None]

EVENTS: dict[str, object] = {}
DELIVERED: dict[str, Delivered] = {}
GONE: list[Gone] = []


def register_event(name: str, words: object) -> None:
    """Declare an event products can hear of (``review.decided``) and its (lazily translated) words."""
    EVENTS[name] = words


def on_delivered(about_kind: str, call: Delivered) -> None:
    """Call ``call`` once for each webhook about an ``about_kind`` that its receiver acknowledged."""
    DELIVERED[about_kind] = call


def on_gone(call: Gone) -> None:
    """Call ``call`` when a receiver said that it is gone for good."""
    GONE.append(call)
