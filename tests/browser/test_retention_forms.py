"""Forms of the retention room that answer while somebody fills them in."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.harness import Visits, overflow, violations
from tests.retention import walk
from tests.retention import world_holds as made
from tests.tenants.world import data_store

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_address_typed_unseen_is_read_back_without_user_and_password(visit: Visits):
    table = data_store(visit.world, "orders", kind="sql", selector="orders.tenant_key=acme", account="")
    page = visit("administrator", reverse("retention:connection_edit", args=[table.id]))
    field, told = page.get_by_label("Database address"), page.locator("output")
    field.press_sequentially("postgresql://me:top@sec/ret@db.example/orders")
    assert not told.inner_text()
    field.blur()
    assert not told.inner_text(), "nothing that could be part of a password"
    field.fill("postgresql://me:top-secret@db.example:5433/orders?sslmode=require")
    field.blur()
    expect(told).to_have_text("Reads as: postgresql://db.example:5433/orders")
    assert not violations(page)
    page.get_by_role("button", name="Save connection").click()
    expect(page.get_by_role("complementary").get_by_text("postgresql://db.example:5433/orders")).to_be_visible()
    assert "top-secret" not in page.content()


def test_a_tenant_that_is_held_says_so_before_its_case_is_opened(visit: Visits):
    tenant = walk.leaving_tenant(visit.world, name="Held Ltd")
    made.hold(visit.world, tenant, matter="Warranty claim AW-88")
    page = visit("privacy_officer", reverse("retention:case_open"), width=390)
    expect(page.get_by_role("link", name="Warranty claim AW-88")).to_be_hidden()
    page.get_by_label("Tenant").select_option(label=f"Held Ltd ({tenant.key})")
    expect(page.get_by_role("link", name="Warranty claim AW-88")).to_be_visible()
    assert not violations(page)
    assert overflow(page) <= 0
