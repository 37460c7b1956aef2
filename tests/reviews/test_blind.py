"""The second reviewer sees nothing of the first decision; the third sees both (I72). Seeds look like any item (I81)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.reviews import world as reviews

TELLTALE = (
    "First review",
    "Second review",
    "Waits for a second",
    "Waiting for a second",
    "eviewers disagree",
    "Unsafe words",
)


@pytest.fixture
def row(world):
    reviews.queue(world, second_review="all")
    return reviews.settled(world, reviews.item(world), "refuse", reason="Unsafe words about it.")


def pages(world, row, who):
    client = world.client(who)
    paths = [
        reverse("reviews:item_read", args=[row.id]), reverse("reviews:item_list"), reverse("reviews:queue_list"), "/",
        reverse("reviews:queue_read", args=[row.queue_id]), reverse("reviews:item_list") + "?state=open",
        reverse("reviews:item_export", args=["csv"]), f"/search/?q={row.reference}",
        reverse("reviews:queue_refuse", args=[row.queue_id]),
    ]  # fmt: skip
    return {path: client.get(path).content.decode() for path in paths}


def test_i72_the_second_reviewer_is_blind(world, row):
    assert row.state == "awaiting_second"
    reviews.reviewer(world, "rosa")
    for path, html in pages(world, row, "rosa").items():
        for word in (*TELLTALE, "Reviewer decided"):
            assert word not in html, path
    reviews.claim(world, row, "rosa")
    html = pages(world, row, "rosa")[reverse("reviews:item_read", args=[row.id])]
    assert 'data-verb="approve"' in html
    assert not [word for word in TELLTALE if word in html]


def test_i72_the_filter_finds_it_as_waiting(world, row):
    reviews.reviewer(world, "rosa")
    client = world.client("rosa")
    assert row.reference in client.get(reverse("reviews:item_list") + "?state=open").content.decode()
    assert row.reference in client.get(reverse("reviews:item_list") + "?state=awaiting_second").content.decode()
    html = client.get(reverse("reviews:item_list")).content.decode()
    assert 'value="awaiting_second"' not in html


def test_the_first_reviewer_sees_their_own(world, row):
    html = world.client("reviewer").get(reverse("reviews:item_read", args=[row.id])).content.decode()
    assert "Unsafe words about it." in html


def test_the_auditor_sees_it(world, row):
    html = world.client("auditor").get(reverse("reviews:item_read", args=[row.id])).content.decode()
    assert "Unsafe words about it." in html
    assert "First review" in html


def test_the_third_sees_both_and_others_neither(world, row):
    row = reviews.settled(world, row, "approve", who="rosa")
    assert row.state == "disputed"
    reviews.reviewer(world, "third")
    for path, html in pages(world, row, "third").items():
        assert not [word for word in TELLTALE if word in html], path
    reviews.claim(world, row, "third")
    html = pages(world, row, "third")[reverse("reviews:item_read", args=[row.id])]
    assert "Two reviewers disagree" in html
    assert "Unsafe words about it." in html
    assert "Second review" in html


def test_everybody_sees_all_once_it_is_final(world, row):
    row = reviews.settled(world, row, "refuse", who="rosa")
    assert row.state == "final"
    html = world.client("rosa").get(reverse("reviews:item_read", args=[row.id])).content.decode()
    assert "First review" in html


def test_a_decision_that_can_be_undone_looks_like_a_review(world):
    queue = reviews.queue(world, second_review="all", undo_seconds=60)
    row = reviews.item(world)
    reviews.decide(world, row)
    reviews.reviewer(world, "rosa")
    client = world.client("rosa")
    for path in (reverse("reviews:item_list"), reverse("reviews:item_read", args=[row.id])):
        html = client.get(path).content.decode()
        assert "can be undone" not in html
        assert "Being reviewed" in html
    refused = client.post(reverse("reviews:item_claim", args=[row.id])).content.decode()
    assert "Decided" not in refused
    assert queue.undo_seconds == 60
