"""Everything that was given up is sent again, in rounds."""

from __future__ import annotations

import pytest
from django.urls import reverse

from auditlog.errors import AuthorityError
from auditlog.jobs import JOBS
from auditlog.models import Event
from outbox.models import Message
from outbox.services import deliver_due_messages, messages, replay_dead_messages
from tests.outbox.hooking import ADMIN, endpoint_at, hook
from tests.outbox.posting import ACTOR

pytestmark = pytest.mark.django_db


@pytest.fixture
def rounds(monkeypatch) -> list:
    """Two at a time; what a worker would be asked to do."""
    asked = []
    monkeypatch.setattr(messages, "ROUND", 2)
    monkeypatch.setattr(
        messages, "soon", lambda name, *args, **_more: asked.append(args) if name == messages.REPLAY else None
    )
    return asked


@pytest.fixture
def endpoint(receiver):
    """An endpoint whose five messages were given up."""
    made = endpoint_at(receiver)
    for number in range(5):
        hook(number=number)
    receiver.answer = 410
    while deliver_due_messages():
        pass
    assert count("dead") == 5
    receiver.answer = 200
    endpoint_at(receiver)  # its successor: the first was disabled when the receiver said that it is gone
    return made


def count(state: str) -> int:
    return Message.objects.filter(state=state).count()


def test_it_goes_on_until_none_is_left(rounds, endpoint):
    replayed = replay_dead_messages(actor=ADMIN, endpoint_id=endpoint.id)
    assert (replayed.count, replayed.left) == (2, 3)
    left = []
    while rounds:
        JOBS[messages.REPLAY](*rounds.pop(), actor=ADMIN)
        left.append(count("dead"))
    assert left == [1, 0]
    assert count("waiting") == 5
    done = [event.content["details"] for event in Event.objects.filter(action="outbox.messages.replayed")]
    assert sorted((one["count"], one["left"]) for one in done) == [(1, 0), (2, 1), (2, 3)]
    assert Event.objects.filter(action="outbox.message.replayed").count() == 5


def test_what_is_given_up_again_meanwhile_stays(rounds, endpoint, receiver):
    receiver.answer = 410
    replay_dead_messages(actor=ADMIN)
    while deliver_due_messages():
        pass
    assert count("dead") == 5
    turns = 0
    while rounds:
        JOBS[messages.REPLAY](*rounds.pop(), actor=ADMIN)
        turns += 1
    assert turns == 2
    assert (count("waiting"), count("dead")) == (3, 2)


def test_who_lost_the_role_meanwhile_sends_no_more(rounds, endpoint):
    replay_dead_messages(actor=ADMIN)
    with pytest.raises(AuthorityError):
        JOBS[messages.REPLAY](*rounds.pop(), actor=ACTOR)
    assert count("dead") == 3


def test_the_pages_say_what_follows(rounds, endpoint, world):
    browser = world.client("administrator")
    page = browser.post(reverse("console:endpoint_replay", args=[endpoint.id]), follow=True).content.decode()
    assert "2 messages are sent again. 3 more follow by themselves; this page says how many are left." in page
    page = browser.post(reverse("console:messages_replay"), follow=True).content.decode()
    assert "2 messages are sent again. One more follows." in page
    assert "Send 1 given up again" in page
