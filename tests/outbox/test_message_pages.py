"""The administrators' list of messages."""

from __future__ import annotations

import pytest
from django.urls import reverse

from outbox.services import deliver_message
from tests.outbox.posting import ACTOR, post

pytestmark = pytest.mark.django_db


def test_lists_messages_by_state(world, mailbox):
    deliver_message(actor=ACTOR, message_id=post(title="Sent one").id)
    post(title="Waiting one")
    client = world.client("administrator")
    everything = client.get(reverse("console:message_list")).content.decode()
    assert "Sent one" in everything
    assert "Waiting one" in everything
    sent = client.get(reverse("console:message_list"), {"state": "sent"}).content.decode()
    assert "Sent one" in sent
    assert "Waiting one" not in sent


def test_empty_list_says_what_will_be_here(world):
    assert "No messages here" in world.client("administrator").get(reverse("console:message_list")).content.decode()


def test_sends_again_by_button(world, mailbox):
    mailbox.answer = "550 never"
    message = post(title="Dead one")
    deliver_message(actor=ACTOR, message_id=message.id)
    client = world.client("administrator")
    assert "Send again" in client.get(reverse("console:message_list")).content.decode()
    answer = client.post(reverse("console:message_replay", args=[message.id]), follow=True)
    assert answer.status_code == 200
    message.refresh_from_db()
    assert message.state == "waiting"


def test_replay_rejects_get(world):
    assert world.client("administrator").get(reverse("console:message_replay", args=[post().id])).status_code == 405


def test_constant_number_of_queries(world, django_assert_max_num_queries):
    for number in range(30):
        post(f"p{number}@example.com")
    client = world.client("administrator")
    with django_assert_max_num_queries(15):
        assert client.get(reverse("console:message_list")).status_code == 200
