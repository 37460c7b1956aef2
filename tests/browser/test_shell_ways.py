"""How the shell is used: keyboard, phone, no scripts, a session that ends while somebody types."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.harness import Visits

pytestmark = pytest.mark.browser


def test_slash_opens_search_and_arrows_walk_the_hits(visit: Visits):
    page = visit("security_approver", "/")
    page.keyboard.press("/")
    page.keyboard.type("second")
    page.locator("#finder a.hit").first.wait_for()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#finder a.hit").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#finder")).not_to_be_visible()


def test_control_k_opens_search(visit: Visits):
    page = visit("employee", "/")
    page.keyboard.press("Control+k")
    expect(page.locator("#finder input")).to_be_focused()


def test_search_works_without_scripts(visit: Visits):
    page = visit("security_approver", "/", scripts=False)
    page.locator("[data-search-open]").click()
    page.get_by_label("Search for").fill("administrator")
    page.get_by_label("Search for").press("Enter")
    expect(page.get_by_role("link", name="Second Administrator")).to_be_visible()


def test_escape_closes_the_menu_and_gives_back_the_focus(visit: Visits):
    page = visit("employee", "/")
    page.locator("summary.person").click()
    expect(page.get_by_role("link", name="Preferences")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Preferences")).not_to_be_visible()
    expect(page.locator("summary.person")).to_be_focused()


def test_phone_opens_the_navigation_without_scripts(visit: Visits):
    page = visit("administrator", "/", width=390, scripts=False)
    expect(page.get_by_role("link", name="People")).not_to_be_visible()
    page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("link", name="People").click()
    expect(page).to_have_url(re.compile("/people/$"))


def test_a_draft_survives_an_expired_session(visit: Visits, settings):
    page = visit("employee", "/preferences/")
    cookies = page.context.cookies()
    page.get_by_label("Dark").check()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Keep preferences").click()
    page.wait_for_url(re.compile("/accounts/login/"))
    page.context.add_cookies(cookies)
    page.goto("/preferences/")
    expect(page.get_by_label("Dark")).to_be_checked()


def test_a_draft_is_forgotten_once_it_was_kept(visit: Visits):
    page = visit("employee", "/preferences/")
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Keep preferences").click()
    page.get_by_text("Preferences kept.").wait_for()
    assert "countersign:draft" not in page.evaluate("Object.keys(sessionStorage).join()")


def test_a_draft_is_never_shown_to_the_next_person(visit: Visits):
    page = visit("employee", "/preferences/")
    page.get_by_label("Dark").check()
    page.on("dialog", lambda dialog: dialog.accept())
    cookie = visit.world.client("auditor").cookies["session"].value
    page.context.clear_cookies(name="session")
    page.context.add_cookies([{"name": "session", "value": cookie, "url": visit.origin}])
    page.goto("/preferences/")
    expect(page.get_by_label("Dark")).not_to_be_checked()
    assert "countersign:draft" not in page.evaluate("Object.keys(sessionStorage).join()")


def test_leaving_a_changed_form_asks_first(visit: Visits):
    page = visit("employee", "/preferences/")
    page.get_by_label("Dark").check()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="My work").first.click()
    page.wait_for_url(re.compile(r":\d+/$"))
    assert asked == ["beforeunload"]


DRAFTS = "Object.keys(sessionStorage).filter((key) => key.startsWith('countersign:'))"
AGED = """([storage, key, days]) => {
  const kept = JSON.parse(window[storage].getItem(key));
  window[storage].setItem(key, JSON.stringify({ ...kept, at: Date.now() - days * 24 * 60 * 60 * 1000 }));
}"""


@pytest.mark.parametrize(("days", "stays"), [(0.9, True), (1.1, False)])
def test_words_are_kept_on_the_device_for_a_day(visit: Visits, days, stays):
    page = visit("employee", "/preferences/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_label("Dark").check()
    [draft] = page.evaluate(DRAFTS)
    page.evaluate("localStorage.setItem('countersign:review:somebody:x', '{}')")
    page.evaluate(AGED, ["sessionStorage", draft, days])
    page.evaluate(AGED, ["localStorage", "countersign:review:somebody:x", days])
    page.goto(visit.origin + "/people/")  # another page, which does not fill the form again
    assert page.evaluate(DRAFTS) == ([draft] if stays else [])
    assert page.evaluate("localStorage.length") == (1 if stays else 0)


@pytest.mark.parametrize("address", ["/", "/accounts/logout/"])
def test_who_signs_out_leaves_nothing_on_the_device(visit: Visits, address):
    page = visit("employee", address)
    page.evaluate("localStorage.setItem('countersign:review:me:x', JSON.stringify({ at: Date.now() }))")
    page.evaluate("localStorage.setItem('whatever else', '1')")
    if address == "/":
        page.locator("summary.person").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/accounts/login/"))
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.locator("h1").is_visible()


def test_the_way_back_after_signing_out_shows_nothing(visit: Visits):
    page = visit("employee", "/preferences/")
    page.locator("summary.person").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/accounts/login/"))
    page.go_back()
    page.wait_for_url(re.compile("/accounts/login/"))
