"""Who may open the outbox's pages, those of webhooks, and those that watch over the machines."""

from __future__ import annotations

import itertools
import uuid

from tests.matrix import EVERYBODY, Route
from tests.outbox.hooking import ADMIN as ADMIN_ACTOR
from tests.outbox.hooking import hook
from tests.outbox.posting import post

ADMIN = {"administrator"}
LOOKERS = {"administrator", "auditor"}
ANYBODY = EVERYBODY | {"anonymous"}
numbers = itertools.count()


def more_messages(world):
    for _n in range(20):
        post(f"p{next(numbers)}@example.com")


def more_webhooks(world):
    for _n in range(20):
        hook(account_id=world.endpoint.account_id)


def more_endpoints(world):
    from outbox.services import add_endpoint

    for _n in range(20):
        add_endpoint(actor=ADMIN_ACTOR, account_id=uuid.uuid4(), url="https://8.8.8.8/hooks")


def message(world):
    return {"message_id": world.dead_message.id}


def endpoint(world):
    return {"endpoint_id": world.endpoint.id}


def bare_account(world):
    return {"account_id": world.bare_account.id}


def address(world):
    return {"url": "https://8.8.4.4/hooks"}


ROUTES = [
    Route("console:message_list", ADMIN, grow=more_messages),
    Route("console:message_read", ADMIN, args=message),
    Route("console:message_replay", ADMIN, "POST", args=message),
    Route("console:messages_replay", ADMIN, "POST"),
    Route("console:endpoint_list", LOOKERS, grow=more_endpoints),
    Route("console:endpoint_read", LOOKERS, args=endpoint, grow=more_webhooks),
    Route("console:endpoint_add", ADMIN, args=bare_account),
    Route("console:endpoint_add", ADMIN, "POST", args=bare_account, data=address),
    Route("console:endpoint_edit", ADMIN, args=endpoint),
    Route("console:endpoint_edit", ADMIN, "POST", args=endpoint, data=address),
    Route("console:secret_rotate", ADMIN, args=endpoint),
    Route("console:secret_rotate", ADMIN, "POST", args=endpoint),
    Route("console:endpoint_test", ADMIN, "POST", args=endpoint),
    Route("console:endpoint_disable", ADMIN, args=endpoint),
    Route("console:endpoint_disable", ADMIN, "POST", args=endpoint),
    Route("console:endpoint_replay", ADMIN, "POST", args=endpoint),
    Route("console:job_list", LOOKERS),
    Route("healthz", ANYBODY),
    Route("readyz", ANYBODY),
    Route("metrics", ANYBODY),  # from this machine; tests/console/test_health.py has the rest
]
