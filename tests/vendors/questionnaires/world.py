"""Sample rows of questionnaires: one imported, one waiting, one assessment that waits for the vendor."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from typing import Any

from django.utils import timezone

from tests.vendors.questionnaires.files import DOCUMENTS, VSAQ, YAML
from vendors.models import Assessment, Questionnaire, QuestionnaireUpload, RespondentLink, Service
from vendors.services.answers import Given, save_answers
from vendors.services.assessments import choose_questionnaire, start_assessment
from vendors.services.documents import attach_document
from vendors.services.questionnaires import import_questionnaire, upload_questionnaire
from vendors.services.respondents import invite_respondent
from vendors.services.services import ServiceDetails, add_service
from vendors.services.vendors import VendorDetails, add_vendor

NUMBERS = itertools.count(1)


def upload(world: Any, text: str = YAML, name: str = "basics.yaml") -> QuestionnaireUpload:
    """A file read by the analyst."""
    return upload_questionnaire(actor=world.actor("vendor_analyst"), content=text.encode(), file_name=name)


def questionnaire(world: Any, text: str = YAML, name: str = "AI service basics") -> Questionnaire:
    """A questionnaire imported by the analyst."""
    row = upload(world, text, "basics.yaml")
    return import_questionnaire(actor=world.actor("vendor_analyst"), upload_id=row.id, name=name, required="marked")


def assessment(world: Any, row: Questionnaire, service: Service) -> Assessment:
    """An assessment of ``service`` with this questionnaire."""
    actor = world.actor("vendor_analyst")
    begun = Assessment.objects.filter(service=service, state="draft").first()
    begun = begun or start_assessment(actor=actor, service_id=service.id)
    return choose_questionnaire(actor=actor, assessment_id=begun.id, questionnaire_id=row.id)


def link(world: Any, row: Assessment, days: int = 14) -> tuple[RespondentLink, str]:
    """A link for somebody at the vendor."""
    return invite_respondent(
        actor=world.actor("vendor_analyst"),
        assessment_id=row.id,
        recipient="Rhea Respondent",
        expires_at=timezone.now() + dt.timedelta(days=days),
    )


def answer(world: Any, row: Assessment, **values: Any) -> Any:
    """Answers by the analyst; lists for several choices."""
    given = {key: Given(value if isinstance(value, list) else [value]) for key, value in values.items()}
    return save_answers(actor=world.actor("vendor_analyst"), assessment_id=row.id, answers=given)


def some_service(world: Any) -> Service:
    """A service of a vendor, made for these tests."""
    actor = world.actor("vendor_analyst")
    number = next(NUMBERS)
    vendor = add_vendor(actor=actor, details=VendorDetails(name=f"Quill {number}"))
    details = ServiceDetails(
        name=f"Quill API {number}", plan_tier="enterprise", hosting="direct", owner_id=world.person["system_owner"].id
    )
    return add_service(actor=actor, vendor_id=vendor.id, details=details)


def build(world: Any) -> None:
    """Rows for the matrix."""
    world.questionnaire = questionnaire(world)
    world.questionnaire_upload = upload(world, VSAQ, "cloud.json")
    world.answered = assessment(world, world.questionnaire, some_service(world))
    world.respondent_link, world.respondent_token = link(world, world.answered)
    asking = questionnaire(world, DOCUMENTS, "With a report")
    world.with_document = assessment(world, asking, some_service(world))
    world.answer_document = attach_document(
        actor=world.actor("vendor_analyst"), assessment_id=world.with_document.id, key="report", file=report()
    )


def report() -> io.BytesIO:
    """A file nobody has sent yet."""
    file = io.BytesIO(f"Report {next(NUMBERS)}".encode())
    file.name = "report.txt"
    return file
