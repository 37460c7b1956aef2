"""Every page of a furnished console, as somebody who may do most there: wide and light, and on a phone in the dark.

The addresses are those that the authorisation matrix lists, so a page nobody lists fails there and a listed one is
looked at here. What is not a page (downloads, pictures, tiles, JSON) is told from what the server answers.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser.harness import Visits, overflow, violations
from tests.listing import routes
from tests.matrix import ROLES, Route
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Who looks at a page: the first of these who may, since those who may change something see the most of it.
LOOKERS = ("vendor_analyst", "privacy_officer", "security_approver", "administrator", "auditor", *ROLES, "anonymous")
LOOKS = {"wide": {"theme": "light", "width": 1280}, "phone": {"theme": "dark", "width": 390}}

#: The admin's pages are alike for every table: these stand for them.
ADMIN = ("admin:index", "admin:vendors_vendor_changelist", "admin:vendors_vendor_change")

#: Pages for people who are not signed in.
STRANGERS = ("account_login", "account_reset_password", "signin:welcome_link", "vendors:respond_open")

#: Pages that say that something is not there: a spent invitation, nothing to confirm.
GONE = ("/accounts/welcome/", "/step-up/")

#: Parts that a page asks for to refresh itself: looked at within it.
PARTS = ("retention:case_progress",)

#: What a respondent sees once the link has been opened.
RESPONDENT = ("vendors:respond_start", "vendors:respond_section", "vendors:respond_sheet_import")


def looker(route: Route) -> str:
    """Who looks at the page."""
    return "anonymous" if route.name in STRANGERS else next(name for name in LOOKERS if name in route.allow)


def is_page(world: World, who: str, path: str) -> bool:
    """Whether the server answers with a page to look at, and not with a file or a redirect."""
    response = world.browser(who).get(path, follow=True)
    if response.streaming:
        b"".join(response)
    return response["Content-Type"].startswith("text/html") and "attachment" not in response.get(
        "Content-Disposition", ""
    )


def pages(world: World) -> Iterator[tuple[str, str, str]]:
    """Name, looker and address of every page. Arguments that are made anew at each call are made once."""
    arguments = functools.cache(lambda make: make(world))
    for route in routes():
        if route.method != "GET" or not route.allow or (route.name.startswith("admin:") and route.name not in ADMIN):
            continue
        if route.name in PARTS:
            continue
        who, path = looker(route), reverse(route.name, kwargs=arguments(route.args))
        if route.name == "vendors:respond_open" or is_page(world, who, path):
            yield route.name, who, path


def wrong_with(page: Page, path: str) -> list[str]:
    """What somebody would object to."""
    response = page.goto(path)
    found = violations(page)
    if response is None or not (response.ok or any(path.startswith(gone) for gone in GONE)):
        found.append(f"answers {response and response.status}")
    if page.locator("h1").count() != 1:
        found.append(f"has {page.locator('h1').count()} h1")
    if not page.title().strip():
        found.append("has no title")
    if (wide := overflow(page)) > 0:
        found.append(f"sticks out by {wide} px")
    return found


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_sound(visit: Visits, look: str):
    world = visit.world.furnish()
    tabs: dict[str, Page] = {}
    found: dict[str, Any] = {}
    seen = 0
    for name, who, path in list(pages(world)):
        if who not in tabs:
            tabs[who] = visit("" if who == "anonymous" else who, "/accounts/login/", **LOOKS[look])
        found[f"{name} as {who}"] = wrong_with(tabs[who], path)
        seen += 1
        if name == "vendors:respond_open":
            for more in (route for route in routes() if route.name in RESPONDENT and route.method == "GET"):
                found[more.name] = wrong_with(tabs[who], reverse(more.name, kwargs=more.args(world)))
    assert seen > 60
    assert not {name: lines for name, lines in found.items() if lines}
