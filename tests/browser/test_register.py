"""The register as somebody keeps it: a file looked at and imported, a tenant terminated, on a desk and on a phone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import formats, timezone
from playwright.sync_api import Page, expect

from tenants.models import Tenant
from tests.browser.harness import Visits, overflow, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHEET = (
    "record,tenant,key,name,allowed_regions,kind,starts_on,ends_on,customer_owns_data,company_owns_platform\n"
    "tenant,nova,,Nova Metals,eu-central-1 eu-west-1,,,,,\n"
    "site,nova,main,Main works,,,,,,\n"
    "agreement,nova,MSA-9,,,master,2026-01-01,,yes,no\n"
    "tenant,acme,,Acme Works AG,,,,,,\n"
)


def told(day: dt.date) -> str:
    return formats.date_format(day, "j M Y")


def choose(page: Page, text: str) -> None:
    page.goto("/tenants/import/")
    page.get_by_label("CSV file").set_input_files({"name": "r.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.get_by_role("button", name="Read file").click()


@pytest.mark.parametrize("look", [{"theme": "light", "width": 1280}, {"theme": "dark", "width": 390}])
def test_a_file_is_looked_at_then_imported(visit: Visits, look):
    page = visit("privacy_officer", "/tenants/", **look)
    choose(page, SHEET + "site,nowhere,x,X,,,,,,\n")
    expect(page.get_by_text("One line is refused")).to_be_visible()
    expect(page.get_by_role("button", name="Import")).to_have_count(0)
    assert not violations(page)
    choose(page, SHEET)
    expect(page.get_by_text("Acme Works AG")).to_be_visible()
    assert not violations(page)
    assert overflow(page) == 0
    page.get_by_role("button", name="Import 4 lines").click()
    expect(page.get_by_text("3 added, 1 changed.")).to_be_visible()
    page.get_by_role("link", name="Nova Metals").click()
    expect(page.get_by_text("The IP term is missing")).to_be_visible()
    assert not violations(page)


def test_a_termination_says_until_when_before_it_is_made(visit: Visits):
    world = visit.world
    page = visit("privacy_officer", f"/tenants/{world.tenant.id}/")
    page.get_by_role("link", name="Terminate…").click()
    today = timezone.now().date()
    follows = page.locator("#what-follows")
    expect(follows).to_contain_text(told(today + dt.timedelta(days=30)))
    page.get_by_label("Takes effect on").fill((today + dt.timedelta(days=60)).isoformat())
    page.get_by_label("Takes effect on").dispatch_event("change")
    expect(follows).to_contain_text(told(today + dt.timedelta(days=90)))
    page.get_by_label("Why").fill("Notice of 3 March.")
    assert not violations(page)
    page.get_by_role("button", name="Terminate tenant").click()
    expect(page.get_by_text("Everything gone by")).to_be_visible()
    assert Tenant.objects.get(pk=world.tenant.pk).due_on == today + dt.timedelta(days=90)
    assert not violations(page)
