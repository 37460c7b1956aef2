"""How long to wait: for somebody who tries, after each failure, and in all."""

from __future__ import annotations

import datetime as dt
import secrets

from outbox.models import Message

#: How long one attempt may take before somebody else may try.
LEASE = dt.timedelta(minutes=1)
#: After each failed attempt at an e-mail; after the last one it is given up: three days in all.
WAITS = tuple(dt.timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440, 1440))
#: After each failed attempt at a webhook; the last one repeats until three days have passed.
WEBHOOK_WAITS = tuple(dt.timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600, 7200))
WEBHOOK_LIFETIME = dt.timedelta(days=3)
#: How long an endpoint rests after failures in a row, whichever of its messages they were.
RESTS = tuple(dt.timedelta(seconds=s) for s in (2, 10, 30, 60, 120, 300, 600, 900))


def next_attempt(message: Message, now: dt.datetime) -> dt.datetime | None:
    """When to try again after a failure at ``now``; ``None``: give up. A webhook's last attempt is at three days."""
    if message.kind == Message.Kind.EMAIL:
        return now + WAITS[message.attempts - 1] if message.attempts <= len(WAITS) else None
    last = message.waiting_since + WEBHOOK_LIFETIME
    return min(now + jittered(step(WEBHOOK_WAITS, message.attempts)), last) if now < last else None


def rest(failures: int) -> dt.timedelta:
    """How long an endpoint rests after this many failures in a row."""
    return jittered(step(RESTS, failures))


def step(waits: tuple[dt.timedelta, ...], times: int) -> dt.timedelta:
    """The wait after the ``times``-th failure (1, 2, …)."""
    return waits[min(times, len(waits)) - 1]


def jittered(wait: dt.timedelta) -> dt.timedelta:
    """Give or take a fifth, so that what failed together does not come back together."""
    return wait * (0.8 + secrets.randbelow(401) / 1000)
