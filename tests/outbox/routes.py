"""Who may open the outbox's pages, and those that watch over the machines."""

from __future__ import annotations

import itertools

from tests.matrix import EVERYBODY, Route
from tests.outbox.posting import post

ADMIN = {"administrator"}
ANYBODY = EVERYBODY | {"anonymous"}
numbers = itertools.count()


def more_messages(world):
    for _n in range(20):
        post(f"p{next(numbers)}@example.com")


def message(world):
    return {"message_id": world.dead_message.id}


ROUTES = [
    Route("console:message_list", ADMIN, grow=more_messages),
    Route("console:message_replay", ADMIN, "POST", args=message),
    Route("console:job_list", {"administrator", "auditor"}),
    Route("healthz", ANYBODY),
    Route("readyz", ANYBODY),
    Route("metrics", ANYBODY),  # from this machine; tests/console/test_health.py has the rest
]
