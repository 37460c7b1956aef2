"""Supervisors who compare each draft with its work order and decide, by keyboard, until nothing waits.

In the suite a few items; by hand as many as wait in a running demo (one process for each supervisor)::

    python -m tests.browser.supervisors var/example.json "Nora Lund"     # what manage.py demo --json wrote
"""

from __future__ import annotations

import base64
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path

from django_otp.oath import TOTP
from playwright.sync_api import Page, TimeoutError, sync_playwright

from tests.chromium import find_chromium

LEFT, RIGHT = re.compile(r"\bL\s?/?\s?H\b|\bleft\b", re.I), re.compile(r"\bR\s?/?\s?H\b|\bright\b", re.I)

#: The draft's fields and what each source quotes, as the page shows them.
READ = """() => ({
  fields: [...document.querySelectorAll('[data-field]')].map(one => [
    one.querySelector('.slip__label bdi')?.textContent || one.querySelector('.slip__label').textContent.trim(),
    one.dataset.original]),
  quotes: [...document.querySelectorAll('.source__excerpt')].map(one => one.textContent),
  epoch: document.querySelector('[name=epoch]').value,
})"""


def side_of(text: str) -> str:
    """What a technician meant."""
    return "left" if LEFT.search(text) else "right" if RIGHT.search(text) else "none"


def correction(fields: dict[str, str], quotes: list[str]) -> tuple[str, str] | None:
    """The field that is wrong, and what the work order says; nothing when the draft is right."""
    asset = next((quote for quote in quotes if quote.startswith("Excavator")), fields.get("Asset", ""))
    words = next((quote for quote in quotes if not quote.startswith("Excavator")), "")
    if fields.get("Asset") != asset:
        return "Asset", asset
    if fields.get("Side") not in (side_of(words), "centre", "rear"):
        return "Side", side_of(words)
    return None


def take_first(page: Page) -> bool:
    """Take the next item of the first queue; false when none waits."""
    page.goto("/reviews/")
    button = page.locator("form[action='/reviews/next/'] button:not([disabled])").first
    if button.count() == 0:
        return False
    button.click()
    page.wait_for_load_state()
    return "/items/" in page.url


def open_sources(page: Page) -> None:
    """Open every source that is still closed."""
    while (unread := page.locator("[data-open-source]")).count():
        before = unread.count()
        unread.first.click()
        page.wait_for_function("n => document.querySelectorAll('[data-open-source]').length < n", arg=before)
        page.keyboard.press("Escape")


def decide(page: Page, code) -> str:
    """Decide about the item on the page and wait for the next one; gives the verdict."""
    shown = page.evaluate(READ)
    fields = dict(shown["fields"])
    wrong = correction(fields, shown["quotes"])
    if page.locator("form#decision[data-critical='1']").count():
        open_sources(page)
    verdict = "approve"
    if wrong and fields[wrong[0]] and wrong[1] != "none":
        verdict = "approve_with_edits"
        if not page.locator("form.review--editing").count():  # else an earlier try was kept
            page.keyboard.press("e")
        index = [name for name, _value in shown["fields"]].index(wrong[0])
        page.locator(f"[name=edit-{index}]").fill(wrong[1])
        page.locator(f"[name=edit-{index}]").blur()
    elif wrong:
        verdict = "refuse"
    was = page.url
    if verdict == "refuse":
        page.keyboard.press("r")
        page.locator("[name=reason_code]").first.check(force=True)
    else:
        page.locator("[data-verb=approve]").click()
    confirm(page, was, code)
    return verdict


def confirm(page: Page, was: str, code) -> None:
    """Give the code if one is asked for, and wait until the page is another one."""
    for _try in range(4):
        try:
            page.wait_for_url(lambda url: url != was, timeout=700, wait_until="domcontentloaded")
            return
        except TimeoutError:
            field, button = page.locator("[name=code]:visible"), page.locator("[data-confirm]:visible")
            if field.count():
                field.fill(code())
            if button.count():
                button.first.click()
    page.wait_for_url(lambda url: url != was)


def work(page: Page, code, *, most: int = 0, every: int = 100, say=lambda words: None) -> Counter[str]:
    """Decide until nothing waits (or ``most`` are decided); gives how many of each verdict."""
    found: Counter[str] = Counter()
    started = time.monotonic()
    while not most or found.total() < most:
        if not page.locator("form#decision").count() and not take_first(page):
            break
        if not page.locator("form#decision").count():
            continue
        found[decide(page, code)] += 1
        if found.total() % every == 0:
            say(f"{found.total()} decided, {found.total() / (time.monotonic() - started):.1f} a second: {dict(found)}")
    return found


def main() -> None:
    """One supervisor of the demo company."""
    company = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    member = next(one for one in company["people"] if one["name"] == sys.argv[2])
    app, used = TOTP(base64.b32decode(member["totp_secret"])), set()

    def code() -> str:
        while True:
            app.time = time.time()
            if (now := f"{app.token():06d}") not in used:
                used.add(now)
                return now
            time.sleep(1)

    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        desk = browser.new_context(
            base_url=company["url"], viewport={"width": 800, "height": 600}, reduced_motion="reduce"
        )
        desk.route(
            re.compile(r"\.(css|woff2|svg|png)"), lambda route: route.abort()
        )  # painting costs more than deciding
        page = desk.new_page()
        page.set_default_timeout(60_000)
        page.goto("/accounts/login/")
        page.fill("input[name=email]", member["email"])
        page.fill("input[name=password]", member["password"])
        page.click("form button[type=submit]")
        page.fill("input[name=code]", code())
        page.locator("form:has(input[name=code]) button[type=submit]").first.click()
        page.wait_for_url(lambda url: "/accounts/" not in url)
        name = member["name"]
        print(name, dict(work(page, code, say=lambda words: print(name, words, flush=True))), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
