"""A deletion is followed live: its page goes on by itself, loads anew when the case moves, and then asks no more."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from auditlog.change import audited
from retention.models import DeletionCase, Step
from tests.browser.harness import Visits, overflow, violations
from tests.retention import walk
from tests.retention.shelf import Shelf
from tests.retention.world_cases import case_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def running(visit: Visits, monkeypatch, settings) -> DeletionCase:
    """A case of 130 files that workers are about to erase."""
    settings.RETENTION_FOLDERS = ["/srv"]
    Shelf([f"a/{n:03}" for n in range(130)]).install(monkeypatch)
    case = case_of(visit.world, "Nordwind", 12, kind="filesystem", selector="/srv/nordwind/")
    return walk.started(visit.world, case)


def erase_half(case: DeletionCase) -> None:
    now = timezone.now()
    with audited(walk.JOB, "retention.step.begun", subject_kind="retention.case", subject_id=case.id):
        Step.objects.filter(case=case).update(
            state="running", started_at=now - dt.timedelta(seconds=30), last_deleted_at=now, destroyed=65, intended=65
        )


def test_a_deletion_is_followed_live(visit: Visits, running: DeletionCase):
    path = reverse("retention:case_read", args=[running.id])
    page = visit("privacy_officer", path)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/progress/" in request.url else None)
    expect(page.get_by_text("0 of 130 done")).to_be_visible()
    erase_half(running)
    expect(page.get_by_text("65 of 130 done")).to_be_visible()
    expect(page.locator("#case-said")).to_have_text("0 of 1 store verified. About 50 percent is deleted.")
    assert not violations(page)
    walk.worked(running)
    expect(page.get_by_role("button", name="Ask for certificate")).to_be_visible()
    assert asked
    asked.clear()
    page.wait_for_timeout(4_500)
    assert not asked
    assert overflow(page) <= 0


def test_without_scripts_the_page_says_how_to_follow(visit: Visits, running: DeletionCase):
    page = visit("auditor", reverse("retention:case_read", args=[running.id]), scripts=False)
    expect(page.get_by_text("0 of 130 done")).to_be_visible()
    erase_half(running)
    page.get_by_role("link", name="Load this page again to see how far it is").click()
    expect(page.get_by_text("65 of 130 done")).to_be_visible()
