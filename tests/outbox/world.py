"""Sample messages for the tests that walk all pages."""

from __future__ import annotations

from unittest.mock import patch

from outbox.services import deliver_message
from tests.outbox.posting import ACTOR, post


def build(world) -> None:
    """One message that waits, one that was given up (its address is refused by the mail library itself)."""
    world.waiting_message = post()
    world.dead_message = post("dead@example.com")
    with (
        patch("outbox.services.outcomes.is_permanent", return_value=True),
        patch("outbox.services.delivery.send", side_effect=OSError("refused")),
    ):
        deliver_message(actor=ACTOR, message_id=world.dead_message.id)
    world.dead_message.refresh_from_db()
