"""One search over what a person may see."""

from __future__ import annotations

from django.urls import reverse

URL = reverse("console:search")


def test_groups_hits_by_kind(world):
    page = world.client("administrator").get(URL, {"q": "second"})
    kinds = dict(page.context["groups"])
    assert {hit.title for hit in kinds["Person"]} >= {"Second Administrator", "Second Vendor Analyst"}


def test_finds_nothing_one_may_not_see(world):
    page = world.client("employee").get(URL, {"q": "second"})
    assert page.context["groups"] == []
    assert "Second Administrator" not in page.content.decode()


def test_htmx_gets_only_the_hits(world):
    client = world.client("administrator")
    fragment = client.get(URL, {"q": "second"}, headers={"HX-Request": "true"}).content.decode()
    assert "Second Administrator" in fragment
    assert "<html" not in fragment


def test_odd_words_are_harmless(world):
    client = world.client("administrator")
    for words in ("", "a", " " * 9, "%_'\"<script>", "\x00\x00ab", "é" * 5000):
        page = client.get(URL, {"q": words})
        assert page.status_code == 200
        assert "<script>" not in page.content.decode().replace("<script type", "").split("<main")[1]
