"""Queue messages in tests."""

from __future__ import annotations

import uuid
from typing import Any

from auditlog.actors import Actor, job_actor
from auditlog.change import audited
from outbox.models import Message
from outbox.services import queue_email

ACTOR = job_actor("tests.outbox")


def post(address: str = "ana@example.com", *, actor: Actor = ACTOR, **words: Any) -> Message:
    """One message, queued within somebody's change."""
    with audited(actor, "outbox.message.queued", subject_kind="tests.thing", subject_id=uuid.uuid4()):
        return queue_email(
            actor=actor,
            address=address,
            template="waiting_for_you",
            words={
                "title": "Claude on Bedrock waits",
                "name": "Ana",
                "text": "Please sign.",
                "url": "http://x/",
                **words,
            },
        )
