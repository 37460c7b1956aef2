"""The shell's pages in both themes, wide and narrow: axe finds nothing, nothing sticks out."""

from __future__ import annotations

import pytest

from governance.services.roles import request_role_change
from tests.browser.harness import THEMES, WIDTHS, Visits, overflow, picture, violations

pytestmark = pytest.mark.browser

PAGES = {
    "my-work": ("security_approver", "/"),
    "my-work-empty": ("employee", "/"),
    "style": ("employee", "/style/"),
    "search": ("security_approver", "/search/?q=approver"),
    "search-nothing": ("employee", "/search/?q=nothing-like-it"),
    "notifications": ("security_approver", "/notifications/"),
    "preferences": ("employee", "/preferences/"),
    "not-found": ("employee", "/nothing/"),
    "not-yours": ("employee", "/people/"),
    "refused": ("employee", "/failing/refused/"),
}
FAILURES = ("400", "403_csrf", "404", "429", "500", "503")


def looked_at(page, name: str) -> list[str]:
    picture(page, name)
    wide = overflow(page)
    return violations(page) + ([f"sticks out by {wide} px"] if wide > 0 else [])


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
def test_pages_of_the_shell(visit: Visits, settings, theme, width):
    settings.ROOT_URLCONF, settings.DEMO = "tests.browser.error_urls", True
    request_role_change(
        actor=visit.world.actor("administrator"), person_id=visit.world.person["employee"].id, verb="give",
        role="vendor_analyst", reason="They start on Monday.",
    )  # fmt: skip
    found = {}
    for name, (who, path) in PAGES.items():
        page = visit(who, path, theme=theme, width=width)
        found[name] = looked_at(page, f"shell-{name}-{width}-{theme}")
        page.context.close()
    assert not {name: lines for name, lines in found.items() if lines}


PLACES = """[...document.querySelectorAll('.sidebar, .shell__column, .demo')].map(
    (e) => { const at = e.getBoundingClientRect(); return [e.classList[0], at.left, at.top, at.width]; })"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("demo", [False, True])
def test_sidebar_and_page_stand_side_by_side(visit: Visits, settings, demo, width):
    """With the demo's banner above both, and without it: the sidebar must not drop below the page."""
    settings.DEMO = demo
    page = visit("security_approver", "/", theme="light" if demo else "dark", width=width)
    assert looked_at(page, f"shell-{'demo' if demo else 'plain'}-{width}") == []
    at = {name: box for name, *box in page.evaluate(PLACES)}
    assert ("demo" in at) == demo
    top = page.locator(".demo").bounding_box()["height"] if demo else 0
    if width == 390:  # a drawer, opened by the menu button
        page.get_by_role("button", name="Menu").click()
        assert page.locator(".sidebar").bounding_box()["y"] == 0
        assert at["shell__column"][:2] == [0, top]
    else:
        assert at["sidebar"][:2] == [0, top]
        assert at["shell__column"][:2] == [at["sidebar"][2], top]


@pytest.mark.parametrize("theme", THEMES)
def test_pages_of_failure(visit: Visits, settings, theme):
    settings.ROOT_URLCONF = "tests.browser.error_urls"
    page = visit("", "/failing/500/", theme=theme, width=390)
    found = {}
    for code in FAILURES:
        page.goto(f"/failing/{code}/")
        found[code] = looked_at(page, f"failure-{code}-{theme}")
    assert not {name: lines for name, lines in found.items() if lines}


def test_person_choice_of_theme_wins_over_the_device(visit: Visits):
    page = visit("employee", "/preferences/", theme="light")
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Keep preferences").click()
    page.get_by_role("status").get_by_text("Preferences kept.").wait_for()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 21, 30)"


def test_fingers_find_big_targets(visit: Visits):
    page = visit("security_approver", "/", width=390)
    small = page.evaluate(
        "[...document.querySelectorAll('.topbar a, .topbar button, .topbar summary, .btn')]"
        ".filter(e => e.offsetParent && e.getBoundingClientRect().height < 38).map(e => e.outerHTML.slice(0, 80))"
    )
    assert not small
