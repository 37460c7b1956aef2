"""What a security approver confirms alone, with a security key: to live with a risk, and to revoke."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from governance.assertions import verify_kept_assertion
from governance.models import StepUp
from tests.browser.harness import THEMES, WIDTHS, overflow, picture, violations
from tests.browser.people import signed_in_with_key
from tests.vendors import world as company
from vendors.services.authorisations import REVOKE, revocation_digest
from vendors.services.findings import ACCEPT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
APPROVER = "security_approver"


@pytest.fixture
def approver(keyed) -> Page:
    """A security approver who has nothing but a security key."""
    return signed_in_with_key(keyed, APPROVER)


def test_a_risk_is_accepted_with_a_security_key(visit, approver):
    finding = company.finding_on(visit.world, company.complete(visit.world))
    approver.goto(f"/vendors/findings/{finding.id}/")
    approver.get_by_role("button", name="Accept with security key").click()
    expect(approver.locator("[data-key-status]")).to_contain_text("Why we can live with it: This field is required.")
    approver.get_by_label("Why we can live with it").fill("The gateway strips names before anything is sent.")
    approver.get_by_label("Until", exact=True).fill(company.days(30).isoformat())
    approver.get_by_role("button", name="Accept with security key").click()
    expect(approver.get_by_text("The risk is accepted.")).to_be_visible()
    finding.refresh_from_db()
    assert (finding.state, finding.step_up.method, finding.step_up.purpose) == ("accepted", "security_key", ACCEPT)
    assert verify_kept_assertion(finding.step_up, origins=[visit.origin]) == []


def test_an_authorisation_is_revoked_with_a_security_key(visit, approver):
    authorisation = company.approve(visit.world)
    approver.goto(f"/vendors/services/{authorisation.service_id}/revoke/")
    approver.get_by_label("Why", exact=True).fill("The vendor was breached.")
    approver.get_by_role("button", name="Revoke with security key").click()
    expect(approver.get_by_text("Revoked. Nobody may use")).to_be_visible()
    authorisation.refresh_from_db()
    step_up = StepUp.objects.get(purpose=REVOKE)
    assert authorisation.state == "revoked"
    assert step_up.digest == revocation_digest(authorisation.id, "The vendor was breached.")
    assert verify_kept_assertion(step_up, origins=[visit.origin]) == []


def test_both_pages_look_right(visit):
    authorisation = company.approve(visit.world)
    finding = company.finding_on(visit.world, authorisation.assessment)
    pages = {
        "accept": f"/vendors/findings/{finding.id}/",
        "revoke": f"/vendors/services/{authorisation.service_id}/revoke/",
    }
    for theme, width in zip(THEMES, WIDTHS, strict=True):
        for name, path in pages.items():
            page = visit(APPROVER, path, theme=theme, width=width)
            assert violations(page) == []
            assert overflow(page) == 0
            picture(page, f"confirm-{name}-{width}-{theme}")
