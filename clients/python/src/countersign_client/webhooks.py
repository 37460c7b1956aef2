"""Read what Countersign sends (Standard Webhooks)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standardwebhooks.webhooks import Webhook


@dataclass(frozen=True, slots=True)
class Event:
    """One webhook. ``id`` is the same for every attempt: keep the ids you acted on, and act once for each."""

    id: str
    type: str
    timestamp: str
    data: dict[str, Any]


def read_webhook(secret: str, headers: Mapping[str, str], body: bytes) -> Event:
    """The event, if its signature is good and it is fresh (five minutes).

    Raises:
        standardwebhooks.webhooks.WebhookVerificationError: it was not sent by Countersign, or is a replay.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    Webhook(secret).verify(body, lowered)
    told = json.loads(body)
    return Event(lowered["webhook-id"], told["type"], told["timestamp"], told["data"])
