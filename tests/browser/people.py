"""People of the browser's stories: they have a password and a second factor, and sign in by the pages."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import time_machine
from django_otp.oath import TOTP
from playwright.sync_api import Locator, Page, expect

from auditlog.change import audited
from governance.services.devices import enrol_authenticator
from tests.browser.harness import Visits

PASSWORD = "correct horse battery staple"

#: Longer than one step of an authenticator app (30 s), so that the next code is another one.
NEXT_CODE = dt.timedelta(seconds=31)


@contextmanager
def moving_clock() -> Iterator[time_machine.Coordinates]:
    """A clock that ticks and can be moved on.

    time_machine replaces the clock of the whole process, so the live server's threads, its sweeps and the codes made
    here share it. The browser keeps its own: it only shows how long a code still counts. Cookies written in the future
    only last longer there; sessions end by the server's clock.
    """
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=True) as clock:
        yield clock


def seed(name: str) -> bytes:
    """What the person's authenticator app holds (20 bytes)."""
    return hashlib.sha256(f"app of {name}".encode()).digest()[:20]


def code(name: str) -> str:
    """What the person's app shows now."""
    app = TOTP(seed(name))
    app.time = time.time()
    return f"{app.token():06d}"


def equip(visits: Visits, *names: str, app: bool = True) -> None:
    """Give people a password, and (``app``) an authenticator enrolled earlier."""
    for name in names:
        person, actor = visits.world.person[name], visits.world.actor(name)
        with audited(actor, "governance.person.password_set", subject_kind="governance.person", subject_id=person.id):
            person.set_password(PASSWORD)
            person.save(update_fields=["password"])
        if app:
            enrol_authenticator(actor=actor, secret_hex=seed(name).hex(), name="Phone")


@dataclass
class Desk:
    """Somebody at their browser."""

    name: str
    page: Page
    clock: Any

    def sign_in(self) -> None:
        """Password, then the code of the app."""
        self.clock.shift(NEXT_CODE)
        give_password(self.page, f"{self.name}@example.com")
        expect(self.page.get_by_role("heading", name="Your second factor")).to_be_visible()
        self.page.get_by_role("textbox", name="Code").fill(code(self.name))
        self.click("Sign in")
        expect(self.page.get_by_role("heading", name="My work")).to_be_visible()

    def field(self, label: str) -> Locator:
        """A field by the whole of its label."""
        return self.page.get_by_label(re.compile(rf"^{re.escape(label)}(\s+optional)?$")).first

    def fill(self, typed: dict[str, str]) -> None:
        """Type into fields, by label."""
        for label, value in typed.items():
            self.field(label).fill(value)

    def choose(self, label: str, option: str) -> None:
        """Pick the option of a list that has these words."""
        value = self.field(label).locator("option", has_text=option).first.get_attribute("value")
        self.field(label).select_option(value=value)

    def tick(self, group: str, *labels: str) -> None:
        """Tick choices of a group."""
        for label in labels:
            self.page.get_by_role("group", name=group).get_by_label(label, exact=True).check()

    def click(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str, exact: bool = True) -> None:
        """Open a link."""
        self.page.get_by_role("link", name=name, exact=exact).first.click()

    def sees(self, text: str | re.Pattern[str]) -> None:
        """The page says so."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def is_at(self, heading: str) -> None:
        """The page's heading says so."""
        expect(self.page.get_by_role("heading", level=1, name=heading)).to_be_visible()

    def missing(self) -> list[str]:
        """What the list beside the assessment says is still missing."""
        expect(self.page.get_by_role("heading", name="What is missing")).to_be_visible()
        return self.page.locator(".todo li a").all_inner_texts()


def give_password(page: Page, email: str) -> None:
    """The first page of signing in."""
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def key_for(page: Page, *, verifies: bool = True) -> tuple[Any, str]:
    """Plug a security key into the browser; without ``verifies`` it has no PIN and no finger."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": verifies,
               "isUserVerified": verifies, "automaticPresenceSimulation": True}  # fmt: skip
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, made["authenticatorId"]


def enrol_key(page: Page) -> None:
    """Enrol the key that is plugged in, at the first sign-in."""
    page.get_by_role("link", name="Use a security key or passkey instead").click()
    page.get_by_label("Name").fill("blue key")
    page.get_by_role("button", name="Enrol security key").click()
    expect(page.get_by_role("heading", name="Keep these recovery codes")).to_be_visible()
    page.get_by_role("button", name="I have kept them").click()


def signed_in_with_key(visits: Visits, name: str) -> Page:
    """Somebody who has nothing but a security key, at their work; the console must know its own address (``keyed``)."""
    equip(visits, name, app=False)
    page = visits("", "/accounts/login/")
    key_for(page)
    give_password(page, f"{name}@example.com")
    enrol_key(page)
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    return page
