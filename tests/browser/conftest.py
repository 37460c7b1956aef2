"""Fixtures of the browser tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.harness import Visits
from tests.chromium import browser_type_launch_args as machine_launch_args  # noqa: F401
from tests.world import World

QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def browser_type_launch_args(machine_launch_args: dict[str, Any]) -> dict[str, Any]:  # noqa: F811
    """The machine's browser, which talks to nobody but us."""
    return {**machine_launch_args, "args": [*machine_launch_args["args"], *QUIET]}


@pytest.fixture
def visit(live_server: Any, browser: Browser, transactional_db: None) -> Iterator[Visits]:
    """Open pages of a live console as anybody of the company; the browser must have nothing to complain about."""
    visits = Visits(browser, live_server.url, World())
    yield visits
    visits.close()
    assert not visits.complaints, "\n".join(visits.complaints)


@pytest.fixture
def keyed(visit: Visits, settings: Any) -> Visits:
    """A live console that security keys take for their own: it is the relying party at its own origin."""
    settings.PUBLIC_URL = visit.origin
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = [visit.origin]
    settings.OTP_WEBAUTHN_RP_ID = "localhost"
    return visit
