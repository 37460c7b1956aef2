"""Reviews in a browser: by keyboard alone, with one thumb, by two at once, and when the session or the claim ends."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from auditlog.change import audited
from reviews.models import Claim, Decision, DecisionDraft, ReviewItem
from reviews.services.claims import release_claim
from tests.browser.harness import Visits, overflow, violations
from tests.reviews import payloads
from tests.reviews import world as reviews

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIDE = "Side"


def screen(visit: Visits, who: str, row: ReviewItem, **look: object) -> Page:
    """Somebody at the review screen of an item, with scripts at work."""
    reviews.claim(visit.world, row, who)
    page = visit(who, f"/reviews/items/{row.id}/", **look)
    expect(page.locator("[data-say].say--panel")).to_be_hidden()
    return page


def verdicts() -> list[str]:
    return sorted(Decision.objects.filter(undone_at=None).values_list("verdict", flat=True))


def test_by_keyboard_alone(visit: Visits):
    world = visit.world
    reviews.queue(world, undo_seconds=30)
    rows = [reviews.item(world, criticality="critical" if n == 0 else "routine") for n in range(3)]
    page = screen(visit, "reviewer", rows[0])
    approve = page.get_by_role("button", name="Approve")
    expect(approve).to_be_disabled()
    expect(page.get_by_text("Open the cited source first: 1 is unread.")).to_be_visible()
    page.keyboard.press("o")
    expect(page.locator("#source-1")).to_contain_text("Excavator A")
    expect(approve).to_be_enabled()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("e")
    area = page.get_by_role("textbox", name=SIDE)
    expect(area).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("area")  # the letters are typed: a, e and r are no verbs here
    expect(page.locator("#field-1 del")).to_have_text("left")
    expect(page.locator("#field-1 ins")).to_have_text("area")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="Approve it with your edits")).to_be_visible()
    assert not violations(page)
    page.locator("[data-confirm]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(str(rows[1].id)))
    assert verdicts() == ["approve_with_edits"]
    expect(page.locator("[data-undo]")).to_contain_text(rows[0].reference)
    page.keyboard.press("u")
    page.wait_for_url(re.compile(str(rows[0].id)))
    expect(page.get_by_role("textbox", name=SIDE)).to_have_value("area")
    assert verdicts() == []
    page.keyboard.press("n")
    page.wait_for_url(re.compile(str(rows[1].id)))
    expect(page.locator("[data-say].say--panel")).to_be_hidden()
    page.keyboard.press("r")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.get_by_label("In words").focus()
    page.keyboard.type("reads wrong")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: str(rows[1].id) not in url)
    assert Decision.objects.get(verdict="refuse").reason == "reads wrong"


def test_with_one_thumb(visit: Visits):
    world = visit.world
    reviews.queue(world)
    row = reviews.item(world)
    page = screen(visit, "reviewer", row, width=390, theme="dark")
    assert overflow(page) <= 0
    bar = page.get_by_role("group", name="Your decision")
    for button in bar.get_by_role("button").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 44
        assert box["width"] >= 44
        assert box["y"] > 860 * 0.75
    page.locator(".claim__cite").first.tap()
    sheet = page.locator("#source-1.source--sheet")
    expect(sheet).to_contain_text("L/H BUCKET CYL LEAKING.")
    box = sheet.bounding_box()
    assert box
    assert box["y"] + box["height"] > 855
    assert not violations(page)
    page.get_by_role("button", name="Close the source").tap()
    expect(sheet).to_have_count(0)
    bar.get_by_role("button", name="Refuse").tap()
    page.get_by_label("Acting on it would be unsafe").tap()
    assert not violations(page)
    page.get_by_role("button", name="Refuse draft").tap()
    page.wait_for_url(re.compile(r"/reviews/$"))
    assert Decision.objects.get().reason_code == "unsafe"


def test_claims_and_sources_light_up_together(visit: Visits):
    world = visit.world
    reviews.queue(world)
    sources = [reviews.source(world), reviews.source(world)]
    cited = [reviews.cite(sources[0], starts=0, ends=6), reviews.cite(sources[1], starts=4, ends=15)]
    page = screen(visit, "reviewer", reviews.item(world, citations=cited), theme="dark")
    page.locator("mark.claim").nth(1).hover()
    expect(page.locator("#source-1")).to_have_class(re.compile("linked"))
    expect(page.locator("#source-2")).to_have_class(re.compile("linked"))
    page.locator("#source-2").hover()
    expect(page.locator("mark.claim").nth(0)).not_to_have_class(re.compile("linked"))
    expect(page.locator("mark.claim").nth(2)).to_have_class(re.compile("linked"))
    assert not violations(page)


def test_two_at_once_never_decide_the_same(visit: Visits):
    world = visit.world
    queue = reviews.queue(world)
    source = reviews.source(world)
    for _n in range(6):
        reviews.item(world, sources=[source])
    reviews.reviewer(world, "rosa")
    pages = [visit(who, "/reviews/") for who in ("reviewer", "rosa")]
    for page in pages:
        page.get_by_role("button", name="Take next").click()
        page.wait_for_url("**/items/**")
    for _n in range(3):
        assert pages[0].url != pages[1].url
        for page in pages:
            was = page.url
            page.get_by_role("button", name="Approve").click()
            page.wait_for_url(lambda url, was=was: url != was)
    assert Decision.objects.filter(queue=queue).count() == 6
    assert len(set(Decision.objects.values_list("item_id", flat=True))) == 6
    assert set(Decision.objects.values_list("person__name", flat=True)) == {"Reviewer", "Rosa"}


def test_a_lost_claim_loses_no_word(visit: Visits):
    world = visit.world
    reviews.queue(world)
    row = reviews.item(world)
    page = screen(visit, "reviewer", row)
    page.keyboard.press("r")
    page.get_by_label("In words").fill("The hose is on the other side.")
    with audited(world.actor("reviewer"), "reviews.claim.renewed", subject_kind="reviews.item", subject_id=row.id):
        Claim.objects.filter(item=row).update(until="2020-01-01T00:00:00Z")
    page.get_by_role("button", name="Refuse draft").click()
    expect(page.get_by_text("Your time with this item is over.")).to_be_visible()
    assert not Decision.objects.exists()
    page.get_by_role("button", name="Take it again").click()
    expect(page.locator("[name=epoch]").first).to_have_value("2")
    expect(page.locator("[data-say].say--panel")).to_be_hidden()
    page.keyboard.press("r")
    expect(page.get_by_label("In words")).to_have_value("The hose is on the other side.")
    assert Claim.objects.get(item=row, ended_at=None).epoch == 2


def test_a_session_that_ends_while_typing_loses_nothing(visit: Visits):
    world = visit.world
    reviews.queue(world)
    row = reviews.item(world)
    page = screen(visit, "reviewer", row)
    cookies = page.context.cookies()
    page.keyboard.press("e")
    page.context.clear_cookies()
    page.get_by_role("textbox", name=SIDE).fill("right, at the boom")
    expect(page.get_by_text("Your session has ended. What you typed is kept on this device.")).to_be_visible()
    link = page.get_by_role("link", name="Sign in again")
    assert f"next=/reviews/items/{row.id}/" in (link.get_attribute("href") or "")
    assert not DecisionDraft.objects.exists()
    page.context.add_cookies(cookies)  # they sign in, and come back where they were
    page.goto(f"/reviews/items/{row.id}/")
    expect(page.get_by_role("textbox", name=SIDE)).to_have_value("right, at the boom")
    expect(page.get_by_text("Kept", exact=True)).to_be_visible()
    assert DecisionDraft.objects.get().edits == {"side": "right, at the boom"}
    other = visit("reviewer", f"/reviews/items/{row.id}/", width=820)
    expect(other.get_by_role("textbox", name=SIDE)).to_have_value("right, at the boom")
    assert overflow(other) <= 0


def test_it_works_without_scripts(visit: Visits):
    world = visit.world
    reviews.queue(world)
    row = reviews.item(world)
    reviews.claim(world, row)
    page = visit("reviewer", f"/reviews/items/{row.id}/", scripts=False)
    page.get_by_role("button", name="Open source 1").click()
    expect(page.locator("#source-1")).to_contain_text("Excavator A")
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("textbox", name=SIDE).fill("right")
    page.get_by_role("button", name="Edit").click()
    expect(page.locator("#field-1 ins")).to_have_text("right")
    page.get_by_role("button", name="Approve with edits").click()
    page.wait_for_url(re.compile(r"/reviews/$"))
    assert verdicts() == ["approve_with_edits"]


def test_i82_payloads_do_nothing_in_a_browser(visit: Visits):
    """Every payload of the table, a few hundred to a page: no script runs and no request leaves."""
    world = visit.world
    reviews.queue(world, most_claims=20)
    table = [text for text in payloads.all_payloads() if "\x00" not in text]
    source = reviews.source(world, **{f"v{n}": text for n, text in enumerate(table[::3])})
    parts = [table[at : at + 59] for at in range(0, len(table), 59)]
    page = visit("reviewer", "/reviews/")
    for part in parts:
        fields = [{"name": f"f{n}", "label": text[:60], "value": text} for n, text in enumerate(part)]
        row = reviews.item(world, fields=fields, text="\n".join(part), citations=[reviews.cite(source, field="f0")])
        reviews.claim(world, row)
        page.goto(f"/reviews/items/{row.id}/")
        assert page.locator("[data-field]").count() == len(part) + 1
        assert page.evaluate("window.hacked") is None
        assert page.locator(".slip__value :is(img, script, iframe, form, svg, style, object, video)").count() == 0
        if part is not parts[-1]:
            held = Claim.objects.get(item=row, ended_at=None)
            release_claim(actor=world.actor("reviewer"), item_id=row.id, epoch=held.epoch)
    page.keyboard.press("o")
    expect(page.locator("#source-1 dl")).to_be_visible()
    assert page.evaluate("window.hacked") is None


def test_a_wrong_code_comes_back_to_the_same_verb(visit: Visits):
    world = visit.world
    reviews.queue(world, step_up="always")
    page = screen(visit, "reviewer", reviews.item(world))
    page.keyboard.press("a")
    page.get_by_label("Code from your authenticator app").fill("000000")
    page.keyboard.press("Enter")
    expect(page.locator("#id_code_error")).to_be_visible()
    expect(page.get_by_role("heading", name="Approve this draft as it is")).to_be_visible()
    expect(page.locator("[data-confirm]")).to_have_text("Approve draft")
    expect(page.locator("[data-confirm]")).to_have_attribute("value", "approve")
    assert not violations(page)


def test_the_next_person_finds_nothing_on_the_device(visit: Visits):
    world = visit.world
    reviews.queue(world)
    row = reviews.item(world)
    page = screen(visit, "reviewer", row)
    page.evaluate("localStorage.setItem('countersign:review:somebody-else:x', '1')")
    page.reload()
    expect(page.locator("[data-say].say--panel")).to_be_hidden()
    assert page.evaluate("localStorage.length") == 0
