"""What an AI drafted says so, in what is signed, on every page and to products (I78), and is shown inert (I82)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from reviews.api import brief, item_out
from reviews.models import Decision, ItemContent
from reviews.services.settling import outcome
from reviews.snapshot import record_of
from tests.reviews import world as reviews

LABEL = "AI-generated"


@pytest.fixture
def row(world):
    reviews.queue(world)
    return reviews.item(world)


def test_i78_the_label_is_part_of_the_digest(row):
    record = record_of(row, ItemContent.objects.get(item=row), row.citations.all())
    assert record["label"] == LABEL
    assert reviews.digest_of(record) == row.digest
    assert reviews.digest_of({**record, "label": "written by hand"}) != row.digest


def test_i78_products_are_told(world, row):
    row = reviews.settled(world, row)
    assert outcome(row, Decision.objects.get())["label"] == item_out(row).label == brief(row).label == LABEL


@pytest.mark.parametrize("who", ["reviewer", "auditor"])
def test_i78_the_item_says_it_to_whoever_holds_it_and_to_all_others(world, row, who):
    reviews.claim(world, row)
    assert LABEL in world.client(who).get(reverse("reviews:item_read", args=[row.id])).content.decode()


def test_i78_lists_say_it(world, row):
    assert LABEL in world.client("auditor").get(reverse("reviews:item_list")).content.decode().split("<tbody>")[1]
    client = world.client("reviewer")
    refusing = client.get(reverse("reviews:queue_refuse", args=[row.queue_id])).content.decode()
    assert LABEL in refusing
    reviews.claim(world, row)
    assert LABEL in client.get(reverse("reviews:queue_list")).content.decode()


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("item_read", "reviewer"), ("item_list", "auditor"), ("queue_list", "reviewer"),
        ("queue_backlog", "system_owner"), ("queue_refuse", "reviewer"),
    ],
)  # fmt: skip
def test_i82_no_page_lets_markup_of_a_draft_through(world, row, name, who):
    evil = "<img src=x onerror=hack()> https://evil.example/"
    cited = [reviews.cite(reviews.source(world, asset=evil), field="asset")]
    fields = [{"name": "asset", "label": evil, "value": evil}]
    item = reviews.item(world, title=evil, reference=evil[:40], fields=fields, text=evil, model=evil, citations=cited)
    if name in ("item_read", "queue_list"):
        reviews.claim(world, item)
    args = {"item_read": [item.id], "queue_backlog": [item.queue_id], "queue_refuse": [item.queue_id]}
    page = world.client(who).get(reverse(f"reviews:{name}", args=args.get(name))).content.decode()
    assert "&lt;img src=x" in page
    assert "<img src=x" not in page
    assert 'href="https://evil' not in page
