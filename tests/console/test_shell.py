"""What every page carries: navigation, banner, headers; and the pages of failure."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from console.views.errors import bad_request, server_error
from governance.authority import Right
from governance.navigation import PLACES, navigation_for, register_nav

STYLE = reverse("console:style_page")


def links(page) -> set[str]:
    nav = page.content.decode().split('class="sidebar"')[1].split("</nav>")[0]
    return set(re.findall(r'class="nav__link" href="([^"]+)"', nav))


def test_navigation_shows_only_what_is_theirs(world):
    people = reverse("governance:person_list")
    assert people in links(world.client("administrator").get(STYLE))
    assert people not in links(world.client("employee").get(STYLE))


def test_the_current_place_is_marked_once(world):
    page = world.client("employee").get(reverse("console:notification_list")).content.decode()
    assert page.count('aria-current="page"><svg') == 1


def test_the_deepest_place_is_current(world, monkeypatch):
    monkeypatch.setattr("governance.navigation.PLACES", dict(PLACES))
    places = dict(navigation_for(world.actor("administrator"), "/people/add/"))
    assert [link.label for links in places.values() for link in links if link.current] == ["People"]


def test_a_place_that_does_not_exist_is_left_out(world, monkeypatch):
    monkeypatch.setattr("governance.navigation.PLACES", {})
    register_nav("Nowhere", "Nothing", "nowhere:nothing", "x", Right.READ_LOG)
    assert navigation_for(world.actor("auditor"), "/") == []


def test_demo_cannot_be_mistaken(world, settings):
    settings.DEMO = True
    assert 'class="demo"' in world.client("employee").get(STYLE).content.decode()
    settings.DEMO = False
    assert 'class="demo"' not in world.client("employee").get(STYLE).content.decode()


def test_headers_of_every_page(world):
    page = world.client("employee").get(STYLE)
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe" not in policy
    assert re.search(r"style-src 'self'(;|$)", policy)
    assert re.search(r"script-src 'self' 'nonce-[^']+'", policy)
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in page["Permissions-Policy"]


def test_nothing_inline_nothing_remote(world):
    page = world.client("administrator").get(STYLE).content.decode()
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|javascript:", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)


def test_the_style_page_asks_the_database_little(world, django_assert_max_num_queries):
    client = world.client("employee")
    client.get(STYLE)
    with django_assert_max_num_queries(5):
        client.get(STYLE)


def test_nobody_who_works_with_it_meets_the_style_page(world, settings):
    settings.STYLE_PAGE = False
    client = world.client("administrator")
    assert client.get(STYLE).status_code == 404
    assert STYLE not in client.get(reverse("console:preferences")).content.decode()


def test_not_found_looks_the_same_to_everybody(world):
    page = world.client("employee").get("/nothing-here/")
    assert page.status_code == 404
    assert "There is no such page for you" in page.content.decode()
    assert Client().get("/nothing-here/").status_code == 404


@pytest.mark.parametrize("name", ["400", "403_csrf", "404", "429", "500", "503"])
def test_pages_of_failure_need_nothing(name):
    page = render_to_string(f"{name}.html")
    assert "<h1>" in page
    assert "data-person" not in page


def test_our_mistake_names_the_request():
    request = RequestFactory().get("/", HTTP_X_REQUEST_ID="abcdef-123")
    answer = server_error(request)
    assert answer.status_code == 500
    assert "abcdef-123" in answer.content.decode()
    assert bad_request(request, ValueError()).status_code == 400


def test_a_page_too_old_says_so(world):
    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("console:preferences"))
    assert answer.status_code == 403
    assert "grown old" in answer.content.decode()
