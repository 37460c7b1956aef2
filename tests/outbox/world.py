"""Sample messages and an endpoint for the tests that walk all pages."""

from __future__ import annotations

from unittest.mock import patch

from governance.services.service_accounts import add_service_account
from outbox.services import add_endpoint, deliver_message
from tests.outbox.hooking import hook
from tests.outbox.posting import ACTOR, post


def build(world) -> None:
    """A message that waits, one that was given up, an endpoint with one, and an account without."""
    world.waiting_message = post()
    world.dead_message = post("dead@example.com")
    with (
        patch("outbox.services.outcomes.is_permanent", return_value=True),
        patch("outbox.services.delivery.send", side_effect=OSError("refused")),
    ):
        deliver_message(actor=ACTOR, message_id=world.dead_message.id)
    world.dead_message.refresh_from_db()
    account, world.bare_account = [
        add_service_account(
            actor=world.actor("administrator"), name=name, product=name, environment="sandbox", tenant_id=None,
            scopes=["review:submit"],
        )
        for name in ("listener", "deaf")
    ]  # fmt: skip
    world.endpoint, _secret = add_endpoint(
        actor=world.actor("administrator"), account_id=account.id, url="https://8.8.8.8/hooks"
    )
    hook(account_id=account.id)
