"""Documents beside answers, as the vendor's respondent and the analyst see them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.harness import THEMES, WIDTHS, overflow, picture, violations
from tests.vendors import world as company
from tests.vendors.questionnaires import world as rows
from tests.vendors.questionnaires.files import DOCUMENTS
from vendors.models import AnswerDocument

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_vendor_attaches_a_document_and_the_analyst_finds_it(visit):
    world = visit.world
    asked = rows.assessment(world, rows.questionnaire(world, DOCUMENTS, "With a report"), rows.some_service(world))
    link, token = rows.link(world, asked)
    for theme, width in zip(THEMES, WIDTHS, strict=True):
        page = visit("", f"/vendors/respond/open/{token}/", theme=theme, width=width)
        page.goto(f"/vendors/respond/{link.id}/sections/proof/")
        page.get_by_role("link", name="document").first.click()
        page.get_by_label("File").set_input_files(
            {"name": f"report-{width}.pdf", "mimeType": "application/pdf", "buffer": company.pdf()}
        )
        page.get_by_role("button", name="Attach document").click()
        expect(page.locator("main").get_by_text(f"report-{width}.pdf").first).to_be_visible()
        looked_at(page, f"documents-vendor-{width}-{theme}")
        page.get_by_role("link", name="Back to the questions").click()
        looked_at(page, f"documents-question-{width}-{theme}")
        analyst = visit(
            "vendor_analyst", f"/vendors/assessments/{asked.id}/documents/report/", theme=theme, width=width
        )
        expect(analyst.get_by_text("sent by the vendor").first).to_be_visible()
        looked_at(analyst, f"documents-analyst-{width}-{theme}")
    assert AnswerDocument.objects.filter(attached_through=link).count() == 2


def looked_at(page, name):
    picture(page, name)
    assert violations(page) == []
    assert overflow(page) == 0
