"""Browser tests drive the Chromium of this machine; where there is none they are skipped, and said so loudly.

Mark a test ``@pytest.mark.browser`` and ask for pytest-playwright's ``page`` or ``context``. ``CHROMIUM=/path`` names
another browser. Nothing is downloaded.
"""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = "NO BROWSER TESTS: no Chromium on this machine (Debian: apt install chromium; or set CHROMIUM=/path)"


def find_chromium() -> str | None:
    """The browser to drive."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the machine's own browser; root needs it without its sandbox."""
    args = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": [*args, "--disable-dev-shm-usage"]}


def pytest_configure(config: pytest.Config) -> None:
    """Django refuses its ORM beside a running event loop, which Playwright keeps on the test's thread."""
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what cannot be driven here."""
    if find_chromium():
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=MISSING))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One loud line, not hidden among the dots."""
    skipped = terminalreporter.stats.get("skipped", [])
    missing = sum(MISSING in str(report.longrepr) for report in skipped)
    if missing:
        terminalreporter.section("browser", red=True, bold=True)
        terminalreporter.line(f"{MISSING}: {missing} tests skipped", red=True)
