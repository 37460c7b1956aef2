"""One webhook as it travels: its body, its signatures (Standard Webhooks), and what the answer means."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _
from standardwebhooks import Webhook

from outbox.guard import NoAnswerError, post
from outbox.models import Endpoint, Message

GONE = 410


class NotTakenError(Exception):
    """The message was not acknowledged; ``status`` is the answer's, ``for_good`` whether trying again is no use."""

    def __init__(self, message: str, *, status: int | None = None, for_good: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.for_good = for_good


def body_of(event: str, payload: dict[str, Any], at: dt.datetime) -> str:
    """The body: what happened, when, and the particulars. Made once, so that every attempt signs the same bytes."""
    whole = {"type": event, "timestamp": at.isoformat().replace("+00:00", "Z"), "data": payload}
    return json.dumps(whole, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))


def send_webhook(message: Message) -> int:
    """Post the message to its endpoint; gives the status, a 2xx.

    Raises:
        NotTakenError: there was no answer, or another one.
    """
    endpoint = message.endpoint
    if endpoint is None or endpoint.disabled_at:
        raise NotTakenError(_("The endpoint is disabled."), for_good=True)
    headers = {"Content-Type": "application/json; charset=utf-8", **signed(message, endpoint, timezone.now())}
    try:
        status = post(endpoint.url, message.text.encode(), headers)
    except NoAnswerError as error:
        raise NotTakenError(str(error)) from error
    if 200 <= status < 300:
        return status
    raise NotTakenError(meaning(status), status=status, for_good=status == GONE)


def signed(message: Message, endpoint: Endpoint, at: dt.datetime) -> dict[str, str]:
    """The three headers: the message's id (the same at each attempt), the time of this one, and the signatures."""
    signatures = [Webhook(secret).sign(str(message.id), at, message.text) for secret in endpoint.secrets(at)]
    return {
        "webhook-id": str(message.id),
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def meaning(status: int) -> str:
    """What an answer that is no 2xx means, in words."""
    if status == GONE:
        return _("410: the receiver is gone; the endpoint was disabled.")
    if 300 <= status < 400:
        return _("%(status)d: the receiver points elsewhere; redirects are not followed.") % {"status": status}
    return _("The receiver answered %(status)d.") % {"status": status}
