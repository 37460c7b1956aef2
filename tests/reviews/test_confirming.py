"""A second factor given on the review screen: spent on the decision, and on no attempt that is refused anyway."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django_otp.oath import totp

from governance.models import StepUp
from governance.services.devices import enrol_authenticator
from reviews.models import Decision
from reviews.services.claims import release_claim
from reviews.services.decisions import PURPOSE
from reviews.services.drafts import open_source
from tests.reviews import world as reviews

SEED = "31" * 20


@pytest.fixture
def post(world):
    """Decide about a critical item, with the code that the reviewer's app shows."""
    reviews.queue(world, step_up="critical")
    world.row = reviews.item(world, criticality="critical")
    world.held = reviews.claim(world, world.row)
    enrol_authenticator(actor=world.actor("reviewer"), secret_hex=SEED)
    client, given = world.client("reviewer"), {"epoch": world.held.epoch, "seen_digest": world.row.digest}

    def decide(verb="item_decide", **data):
        code = f"{totp(bytes.fromhex(SEED)):06d}"
        return client.post(reverse(f"reviews:{verb}", args=[world.row.id]), {**given, "code": code, **data})

    return decide


def read_sources(world):
    for citation in world.row.citations.all():
        open_source(actor=world.actor("reviewer"), item_id=world.row.id, citation_id=citation.id)


REFUSED = {
    "unread": ({"verdict": "approve"}, "Open the cited source first"),
    "no reason": ({"verdict": "refuse"}, "Choose why you refuse it."),
    "no words": ({"verdict": "refuse", "reason_code": "other"}, "Say in a few words why you refuse it."),
    "no edit": ({"verdict": "approve_with_edits"}, "Nothing is changed yet."),
    "no verdict": ({"verdict": ""}, "Approve, approve with edits, or refuse."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_code_is_not_spent_on_what_is_refused(world, post, case):
    data, words = REFUSED[case]
    answer = post(**data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not StepUp.objects.filter(purpose=PURPOSE).exists()
    read_sources(world)
    assert post(verdict="approve").status_code == 302  # the same code, in the same half minute
    step_up = Decision.objects.get().step_up
    assert (step_up.method, step_up.digest, bool(step_up.used_at)) == ("totp", world.row.digest, True)


def test_a_key_is_not_asked_for_what_is_refused(world, post):
    for data, words in REFUSED.values():
        answer = post("item_begin", **data)
        assert answer.status_code == 422
        assert words in answer.json()["error"]
    read_sources(world)
    assert "You have no security key." in post("item_begin", verdict="approve").json()["error"]
    release_claim(actor=world.actor("reviewer"), item_id=world.row.id, epoch=world.held.epoch)
    assert "You do not hold this item any more" in post("item_begin", verdict="approve").json()["error"]
