"""What every browser test uses: sign in as somebody, ask axe, look at the page.

``visit("auditor", theme="dark", width=390)`` (a fixture) gives a page of a live console, signed in. When the test
ends, anything the browser complained about (scripts, the content-security policy, a request to another host) fails it.

``SLOW=400`` in the environment makes every answer come so many milliseconds late: who does not wait for a page is found.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import axe_playwright_python
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, expect

from tests.world import World

RESULTS = Path(settings.BASE_DIR) / "test-results"
AXE_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
THEMES = ("light", "dark")
WIDTHS = (1280, 390)
LATE = int(os.environ.get("SLOW", "0"))
PATIENCE = 20_000  # milliseconds; a shared machine stands still for seconds

expect.set_options(timeout=PATIENCE)


@functools.cache
def axe_source() -> str:
    """The axe that comes with the test tools."""
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


def violations(page: Page) -> list[str]:
    """What axe finds on the page, one line for each element. Evaluated from outside, so the page's CSP stays on.

    Without preload: axe would copy style sheets into the page, which the CSP stops and the browser complains about.
    """
    page.evaluate(axe_source())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, preload: false})", list(AXE_RULES))["violations"]
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def picture(page: Page, name: str, *, whole: bool = True) -> Path:
    """A picture in ``test-results/`` for somebody to look at."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.png"
    page.screenshot(path=path, full_page=whole)
    return path


@dataclass
class Visits:
    """Opens pages and listens to what their browser complains about."""

    browser: Browser
    origin: str
    world: World
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(
        self, name: str = "", path: str = "/", *, theme: str = "light", width: int = 1280, scripts: bool = True
    ) -> Page:
        """A page as ``name`` (empty: a stranger) at ``path``; narrower than 600 px it is a phone."""
        phone = width < 600
        context = self.browser.new_context(
            base_url=self.origin, color_scheme=theme, viewport={"width": width, "height": 860},
            has_touch=phone, is_mobile=phone, java_script_enabled=scripts, reduced_motion="reduce",
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        if name:
            cookie = self.world.client(name).cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": self.origin}])
        self.contexts.append(context)
        page = context.new_page()
        if LATE:
            line = {"offline": False, "latency": LATE, "downloadThroughput": -1, "uploadThroughput": -1}
            context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._watch)
        page.on("response", self._judge)
        page.goto(path)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"{message.text} ({message.page.url if message.page else ''})")

    def _judge(self, response: Response) -> None:
        if response.status >= 500 and "/failing/" not in response.url:
            self.complaints.append(f"{response.status}: {response.url}")

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.complaints.append(f"asked another host: {request.url}")

    def close(self) -> None:
        """End every session of the test."""
        for context in self.contexts:
            context.close()


Visit = Callable[..., Page]
