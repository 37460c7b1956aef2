"""The vendor's own link: one questionnaire, until it ends."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from auditlog.errors import AuthorityError, InvalidInputError, NotFoundError
from governance.models import Notification
from tests.vendors.questionnaires import world as rows
from vendors.models import Answer, RespondentLink
from vendors.services.answers import Given, save_answers
from vendors.services.respondents import (
    hand_back_answers,
    invite_respondent,
    respondent_actor,
    revoke_respondent_link,
    token_digest,
)


@pytest.fixture
def asked(world):
    assessment = rows.assessment(world, rows.questionnaire(world), rows.some_service(world))
    link, token = rows.link(world, assessment)
    return assessment, link, token


def opened(token: str) -> Client:
    client = Client()
    assert client.get(reverse("vendors:respond_open", args=[token])).status_code == 302
    return client


def section(link, key="data"):
    return reverse("vendors:respond_section", args=[link.id, key])


def save(link, key="data"):
    return reverse("vendors:respond_save", args=[link.id, key])


def test_token_is_kept_only_as_digest(asked) -> None:
    _assessment, link, token = asked
    row = RespondentLink.objects.get(pk=link.id)
    assert row.token_digest == token_digest(token)
    assert token not in str(row.__dict__)


def test_invitation_hands_the_assessment_to_the_vendor(world, asked) -> None:
    assessment, _link, _token = asked
    assessment.refresh_from_db()
    assert assessment.state == "awaiting_vendor"


def test_invitation_ends_within_90_days(world, asked) -> None:
    for days in (-1, 91):
        with pytest.raises(InvalidInputError):
            rows.link(world, asked[0], days)
    with pytest.raises(AuthorityError):
        invite_respondent(
            actor=world.actor("auditor"), assessment_id=asked[0].id, recipient="x",
            expires_at=timezone.now() + dt.timedelta(days=1),
        )  # fmt: skip


def test_respondent_answers_and_hands_back(world, asked) -> None:
    assessment, link, token = asked
    client = opened(token)
    assert "Rhea Respondent" in client.get(reverse("vendors:respond_start", args=[link.id])).content.decode()
    page = client.get(section(link)).content.decode()
    assert 'name="a-training"' in page
    response = client.post(save(link), {"w-training": "", "a-training": "no", "w-retention": "", "a-retention": "30"})
    assert response.url == section(link)
    answer = Answer.objects.get(question__key="training")
    assert (answer.answered_by, answer.answered_through) == (None, link)
    done = client.post(reverse("vendors:respond_hand_back", args=[link.id]))
    assert "Thank you" in done.content.decode()
    assessment.refresh_from_db()
    assert assessment.state == "in_review"
    assert Notification.objects.filter(person=world.person["vendor_analyst"], text__contains="Rhea").exists()
    assert client.get(section(link)).status_code == 410
    assert client.post(save(link), {"w-training": "", "a-training": "yes"}).status_code == 410


def test_respondent_sees_no_scores_and_no_other_page(world, asked) -> None:
    _assessment, link, token = asked
    client = opened(token)
    client.post(save(link), {"w-training": "", "a-training": "no"})
    assert "score-training" not in client.get(section(link)).content.decode()
    for address in (
        reverse("vendors:questionnaire_list"),
        reverse("vendors:assessment_answers", args=[asked[0].id]),
        reverse("vendors:answer_sheet", args=[asked[0].id]),
        reverse("vendors:vendor_list"),
    ):
        assert client.get(address).status_code in (302, 404), address


def test_link_opens_nothing_for_others(world, asked) -> None:
    _assessment, link, token = asked
    other_assessment = rows.assessment(
        world, asked[0].questionnaire or rows.questionnaire(world), rows.some_service(world)
    )
    other, _other_token = rows.link(world, other_assessment)
    client = opened(token)
    assert client.get(section(other)).status_code == 404
    assert client.post(save(other), {"w-training": "", "a-training": "no"}).status_code == 404
    assert Client().get(section(link)).status_code == 404
    assert world.client("vendor_analyst").get(section(link)).status_code == 404
    assert Client().get(reverse("vendors:respond_open", args=[token + "x"])).status_code == 404
    with pytest.raises(NotFoundError):
        save_answers(
            actor=respondent_actor(link, "r"), assessment_id=other_assessment.id, answers={"training": Given(["no"])}
        )


def test_link_expires_at_use(asked) -> None:
    _assessment, link, token = asked
    client = opened(token)
    with time_machine.travel(timezone.now() + dt.timedelta(days=13), tick=False):
        client = opened(token)
        assert client.get(section(link)).status_code == 200
    with time_machine.travel(timezone.now() + dt.timedelta(days=14, seconds=1), tick=False):
        assert Client().get(reverse("vendors:respond_open", args=[token])).status_code == 410
        with pytest.raises(NotFoundError):
            save_answers(
                actor=respondent_actor(link, "r"), assessment_id=link.assessment_id, answers={"training": Given(["no"])}
            )
        with pytest.raises(NotFoundError):
            hand_back_answers(actor=respondent_actor(link, "r"))


def test_revoked_link_ends_at_once(world, asked) -> None:
    _assessment, link, token = asked
    client = opened(token)
    revoke_respondent_link(actor=world.actor("vendor_analyst"), link_id=link.id)
    assert client.get(section(link)).status_code == 410
    assert client.post(save(link), {"w-training": "", "a-training": "no"}).status_code == 410
    assert not Answer.objects.exists()


def test_what_was_taken_back_is_not_answered(world, asked) -> None:
    from vendors.services.assessments import take_back

    _assessment, link, token = asked
    client = opened(token)
    take_back(actor=world.actor("vendor_analyst"), assessment_id=link.assessment_id)
    assert client.post(save(link), {"w-training": "", "a-training": "no"}).status_code == 409
    assert 'name="a-training"' not in client.get(section(link)).content.decode()


def test_sheet_through_the_link(asked) -> None:
    _assessment, link, token = asked
    client = opened(token)
    content = client.get(reverse("vendors:respond_sheet", args=[link.id])).content
    book = openpyxl.load_workbook(io.BytesIO(content))
    for row in book.active.iter_rows(min_row=2):
        row[7].value = {"training": "No", "retention": "many", "since": "=1+1"}.get(str(row[0].value))
    stream = io.BytesIO()
    book.save(stream)
    address = reverse("vendors:respond_sheet_import", args=[link.id])
    page = client.post(address, {"file": SimpleUploadedFile("a.xlsx", stream.getvalue())}).content.decode()
    assert "1 answers saved" in page
    assert "formula" in page
    assert list(Answer.objects.values_list("question__key", "value")) == [("training", "no")]
    assert client.post(address, {"file": SimpleUploadedFile("a.xlsx", b"no")}).status_code == 422


def test_invite_page_shows_the_link_once(world) -> None:
    assessment = rows.assessment(world, rows.questionnaire(world), rows.some_service(world))
    client = world.client("vendor_analyst")
    address = reverse("vendors:respondent_invite", args=[assessment.id])
    day = (timezone.now() + dt.timedelta(days=7)).date().isoformat()
    page = client.post(address, {"recipient": "Rhea", "expires_on": day})
    assert "/respond/open/" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "/respond/open/" not in client.get(address).content.decode()
    bad = client.post(address, {"recipient": "Rhea", "expires_on": "2020-01-01"})
    assert bad.status_code == 422
    assert "90 days" in bad.content.decode()
    link = RespondentLink.objects.get()
    client.post(reverse("vendors:respondent_revoke", args=[assessment.id, link.id]))
    link.refresh_from_db()
    assert not link.is_live
