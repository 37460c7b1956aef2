"""A decision confirmed with a security key on the review screen itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from governance.assertions import verify_kept_assertion
from governance.models import KeyChallenge, StepUp
from reviews.models import Decision, ReviewItem
from reviews.services.decisions import PURPOSE
from tests.browser.harness import Visits, violations
from tests.browser.people import signed_in_with_key
from tests.reviews import world as reviews

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KEY = "Use security key"


@pytest.fixture
def reviewer(keyed: Visits) -> Page:
    """A reviewer who has nothing but a security key."""
    return signed_in_with_key(keyed, "reviewer")


def screen(visit: Visits, page: Page, row: ReviewItem) -> None:
    """The reviewer at the review screen, with scripts at work."""
    reviews.claim(visit.world, row)
    page.goto(f"/reviews/items/{row.id}/")
    expect(page.locator("[data-say].say--panel")).to_be_hidden()


def confirmed(visit: Visits, row: ReviewItem) -> Decision:
    """The decision about the item, which the key signed: nothing else, and verifiable without this server."""
    decision = Decision.objects.select_related("step_up").get(item=row)
    step_up = decision.step_up
    assert step_up
    assert (step_up.method, step_up.purpose, step_up.digest) == ("security_key", PURPOSE, row.digest)
    assert step_up.used_at
    assert verify_kept_assertion(step_up, origins=[visit.origin]) == []
    return decision


def test_every_decision_with_the_key(keyed, reviewer):
    reviews.queue(keyed.world, step_up="always")
    rows = [reviews.item(keyed.world) for _n in range(3)]
    screen(keyed, reviewer, rows[0])
    reviewer.keyboard.press("a")
    expect(reviewer.get_by_role("heading", name="Approve this draft as it is")).to_be_visible()
    assert not violations(reviewer)
    reviewer.get_by_role("button", name=KEY).click()
    reviewer.wait_for_url(re.compile(str(rows[1].id)))
    assert confirmed(keyed, rows[0]).verdict == "approve"
    reviewer.keyboard.press("e")
    reviewer.get_by_role("textbox", name="Side").fill("right")
    reviewer.keyboard.press("Escape")
    reviewer.keyboard.press("a")
    expect(reviewer.get_by_role("heading", name="Approve it with your edits")).to_be_visible()
    reviewer.get_by_role("button", name=KEY).click()
    reviewer.wait_for_url(re.compile(str(rows[2].id)))
    assert confirmed(keyed, rows[1]).edits == {"side": "right"}
    reviewer.keyboard.press("r")
    reviewer.get_by_label("Acting on it would be unsafe").check()
    reviewer.get_by_role("button", name=KEY).click()
    reviewer.wait_for_url(re.compile(r"/reviews/$"))
    assert confirmed(keyed, rows[2]).reason_code == "unsafe"


def test_only_critical_ones_ask_where_the_queue_says_so(keyed, reviewer):
    reviews.queue(keyed.world, step_up="critical")
    plain, critical = reviews.item(keyed.world), reviews.item(keyed.world, criticality="critical")
    screen(keyed, reviewer, plain)
    reviewer.keyboard.press("a")
    reviewer.wait_for_url(re.compile(str(critical.id)))
    assert Decision.objects.get(item=plain).step_up is None
    expect(reviewer.locator("[data-say].say--panel")).to_be_hidden()
    reviewer.keyboard.press("o")
    expect(reviewer.get_by_role("button", name="Approve")).to_be_enabled()
    reviewer.keyboard.press("a")
    reviewer.get_by_role("button", name=KEY).click()
    reviewer.wait_for_url(re.compile(r"/reviews/$"))
    assert confirmed(keyed, critical).verdict == "approve"


def test_the_key_is_not_asked_for_what_would_be_refused(keyed, reviewer):
    reviews.queue(keyed.world, step_up="always")
    source = reviews.source(keyed.world)
    row = reviews.item(keyed.world, sources=[source])
    before = StepUp.objects.count(), KeyChallenge.objects.count()
    screen(keyed, reviewer, row)
    reviewer.keyboard.press("r")
    reviewer.get_by_label("In words").fill("The record says otherwise.")
    reviewer.get_by_role("button", name=KEY).click()
    expect(reviewer.locator("[data-key-status]")).to_have_text("Choose why you refuse it.")
    reviewer.keyboard.press("Escape")
    reviews.source(keyed.world, source.record, text="R/H BUCKET CYL LEAKING.")
    reviewer.keyboard.press("a")
    reviewer.get_by_role("button", name=KEY).click()
    expect(reviewer.locator("[data-key-status]")).to_contain_text("What the draft cites has changed since")
    assert (StepUp.objects.count(), KeyChallenge.objects.count()) == before
    assert not Decision.objects.exists()
    reviewer.keyboard.press("Escape")
    reviewer.keyboard.press("r")
    expect(reviewer.locator("[data-key-status]")).to_be_empty()
    reviewer.get_by_label("The source has moved on").check()
    reviewer.get_by_role("button", name=KEY).click()
    reviewer.wait_for_url(re.compile(r"/reviews/$"))
    decision = confirmed(keyed, row)
    assert (decision.reason_code, decision.reason) == ("outdated", "The record says otherwise.")
