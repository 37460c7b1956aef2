"""Answers are saved as they are given."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from auditlog.errors import AuthorityError, NotFoundError
from tests.vendors.questionnaires import world as rows
from tests.vendors.questionnaires.files import YAML
from vendors.models import Answer, AssessmentDrafter
from vendors.services.answers import (
    Given,
    answers_snapshot,
    missing_answers,
    save_answers,
    score_assessment,
    seen_digest,
)


@pytest.fixture
def assessment(world):
    return rows.assessment(world, rows.questionnaire(world), rows.some_service(world))


def stored(assessment) -> dict[str, object]:
    return dict(Answer.objects.filter(assessment=assessment).values_list("question__key", "value"))


def test_good_answers_are_kept_when_others_are_refused(world, assessment) -> None:
    outcome = rows.answer(world, assessment, training="no", retention="many", since="soon", places=["eu", "mars"])
    assert outcome.saved == ["training"]
    assert set(outcome.refused) == {"retention", "since", "places"}
    assert "30 or 99.9" in outcome.refused["retention"]
    assert stored(assessment) == {"training": "no"}


def test_values_by_kind(world, assessment) -> None:
    rows.answer(
        world,
        assessment,
        training="yes",
        retention="1 000,5",
        since="2026-02-03",
        places=["us", "eu"],
        opt_out=" a\r\nb ",
    )
    assert stored(assessment) == {
        "training": "yes", "retention": "1000.5", "since": "2026-02-03", "places": ["eu", "us"], "opt_out": "a\nb",
    }  # fmt: skip


def test_none_of_these_is_an_answer(world, assessment) -> None:
    rows.answer(world, assessment, places=["__none__"])
    assert stored(assessment) == {"places": []}
    assert rows.answer(world, assessment, places=["__none__", "eu"]).refused["places"]


def test_answer_is_taken_back(world, assessment) -> None:
    rows.answer(world, assessment, training="no")
    rows.answer(world, assessment, training="")
    assert stored(assessment) == {"training": None}
    assert "training" in [question.key for question in missing_answers(assessment)]


def test_unchanged_answers_leave_no_event(world, assessment) -> None:
    rows.answer(world, assessment, training="no")
    at = Answer.objects.get().answered_at
    outcome = rows.answer(world, assessment, training="no")
    assert outcome.unchanged == ["training"]
    assert Answer.objects.get().answered_at == at


def test_answer_of_somebody_else_is_not_overwritten_unseen(world, assessment) -> None:
    before = seen_digest(None)
    rows.answer(world, assessment, training="no")
    other = world.actor("second_vendor_analyst")
    given = {"training": Given(["yes"], None, before)}
    outcome = save_answers(actor=other, assessment_id=assessment.id, answers=given)
    assert "Save again" in outcome.refused["training"]
    assert stored(assessment) == {"training": "no"}
    again = {"training": Given(["yes"], None, seen_digest(Answer.objects.get()))}
    assert save_answers(actor=other, assessment_id=assessment.id, answers=again).saved == ["training"]


def test_what_was_not_touched_is_not_written_over(world, assessment) -> None:
    rows.answer(world, assessment, training="no")
    seen = seen_digest(None)  # a page loaded before that answer, with this field left empty
    other = world.actor("second_vendor_analyst")
    outcome = save_answers(actor=other, assessment_id=assessment.id, answers={"training": Given([], "", seen)})
    assert outcome.unchanged == ["training"]
    assert stored(assessment) == {"training": "no"}


def test_who_answers_is_a_drafter(world, assessment) -> None:
    given = {"training": Given(["no"])}
    save_answers(actor=world.actor("second_vendor_analyst"), assessment_id=assessment.id, answers=given)
    person = world.person["second_vendor_analyst"]
    assert AssessmentDrafter.objects.filter(assessment=assessment, person=person).exists()


@pytest.mark.parametrize("role", ["auditor", "security_approver", "administrator", "employee"])
def test_others_do_not_answer(world, assessment, role) -> None:
    with pytest.raises(AuthorityError):
        save_answers(actor=world.actor(role), assessment_id=assessment.id, answers={"training": Given(["no"])})


def test_i20_missing_answers_counts_only_shown_questions(world, assessment) -> None:
    assert [question.key for question in missing_answers(assessment)] == ["training", "retention"]
    rows.answer(world, assessment, training="yes", retention="1")
    assert [question.key for question in missing_answers(assessment)] == ["opt_out"]
    rows.answer(world, assessment, training="no")
    assert missing_answers(assessment) == []


def test_snapshot_holds_what_is_shown(world, assessment) -> None:
    rows.answer(world, assessment, training="yes", opt_out="Never.")
    rows.answer(world, assessment, training="no")
    snapshot = answers_snapshot(assessment)
    assert snapshot["answers"] == {"training": {"value": "no", "comment": ""}}
    assert snapshot["questionnaire"]["version"] == 1
    assert score_assessment(assessment).total == 100


def test_answering_in_the_browser(world, assessment, django_assert_max_num_queries) -> None:
    client = world.client("vendor_analyst")
    start = client.get(reverse("vendors:assessment_answers", args=[assessment.id]))
    address = reverse("vendors:answer_section", args=[assessment.id, "data"])
    assert start.url == address
    page = client.get(address).content.decode()
    assert page.count("<fieldset") == 3
    assert 'id="q-opt_out"' in page
    save = reverse("vendors:answer_save", args=[assessment.id, "data"])
    blank = {
        "w-training": "",
        "w-retention": "",
        "w-opt_out": "",
        "a-training": "yes",
        "a-retention": "often",
        "c-training": "Hm",
    }
    refused = client.post(save, blank)
    assert refused.status_code == 422
    assert 'value="often"' in refused.content.decode()
    assert stored(assessment) == {"training": "yes"}
    with django_assert_max_num_queries(45):
        done = client.post(save, blank | {"a-retention": "30", "go_to": "people"})
    assert done.url == reverse("vendors:answer_section", args=[assessment.id, "people"])
    assert Answer.objects.get(question__key="training").comment == "Hm"


def test_autosave_tells_the_page_what_to_show(world, assessment) -> None:
    client = world.client("vendor_analyst")
    save = reverse("vendors:answer_save", args=[assessment.id, "data"])
    response = client.post(save, {"w-training": "", "a-training": "yes"}, headers={"HX-Request": "true"})
    told = json.loads(response["HX-Trigger-After-Settle"])["answersSaved"]
    assert told["shown"] == ["training", "retention", "opt_out"]
    text = response.content.decode()
    assert "Saved" in text
    assert "Trains on our data" in text
    response = client.post(save, {"w-training": "", "a-training": "no"}, headers={"HX-Request": "true"})
    assert json.loads(response["HX-Trigger-After-Settle"])["answersSaved"]["shown"] == ["training", "retention"]


def test_readers_see_answers_without_fields(world, assessment) -> None:
    rows.answer(world, assessment, training="no")
    page = world.client("auditor").get(reverse("vendors:answer_section", args=[assessment.id, "data"])).content.decode()
    assert 'name="a-training"' not in page
    assert "question__answer" in page


def test_unknown_section_and_assessment_are_404(world, assessment) -> None:
    client = world.client("vendor_analyst")
    assert client.get(reverse("vendors:answer_section", args=[assessment.id, "nowhere"])).status_code == 404
    assert client.get(reverse("vendors:assessment_answers", args=[world.tenant.id])).status_code == 404
    with pytest.raises(NotFoundError):
        save_answers(actor=world.actor("vendor_analyst"), assessment_id=world.tenant.id, answers={})


def test_long_questions_keep_paragraphs_and_bullets(world) -> None:
    text = YAML.replace("text: Since when?", 'text: "First.\\n\\n• one\\n• two\\n\\nSince when?"')
    row = rows.assessment(world, rows.questionnaire(world, text), rows.some_service(world))
    page = (
        world.client("vendor_analyst").get(reverse("vendors:answer_section", args=[row.id, "people"])).content.decode()
    )
    assert '<li class="prose__item">one</li>' in page
