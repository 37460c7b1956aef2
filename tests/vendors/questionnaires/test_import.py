"""Upload, look, import: versions that never change."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from auditlog.errors import AuthorityError, InvalidInputError, NotFoundError, StateError
from tests.vendors.questionnaires import world as rows
from tests.vendors.questionnaires.files import VSAQ, YAML
from vendors.models import Question, Questionnaire, QuestionnaireUpload
from vendors.services.questionnaires import import_questionnaire, set_aside_upload, upload_questionnaire


def test_import_makes_version_1(world) -> None:
    row = rows.questionnaire(world)
    assert (row.name, row.version, row.question_count) == ("AI service basics", 1, 5)
    assert [section.weight for section in row.sections.all()] == [3, 1]


def test_import_of_same_name_makes_next_version(world) -> None:
    rows.questionnaire(world)
    second = rows.questionnaire(world, YAML.replace("Since when?", "From when?"), "ai SERVICE basics")
    assert (second.name, second.version) == ("AI service basics", 2)


def test_import_of_same_questions_is_refused(world) -> None:
    rows.questionnaire(world)
    with pytest.raises(InvalidInputError, match="version 1") as refusal:
        rows.questionnaire(world)
    assert refusal.value.field == "name"


def test_published_version_does_not_change(world) -> None:
    row = rows.questionnaire(world)
    for thing in (row, row.sections.first(), Question.objects.filter(questionnaire=row).first()):
        with pytest.raises(Exception, match="does not change|outside"):
            thing.save()


def test_weights_and_required(world) -> None:
    upload = rows.upload(world, VSAQ, "cloud.json")
    row = import_questionnaire(
        actor=world.actor("vendor_analyst"),
        upload_id=upload.id,
        name="Cloud",
        weights={"Options": 0},
        required="choices",
    )
    assert [section.weight for section in row.sections.all()] == [0, 1]
    required = set(row.questions.filter(required=True).values_list("key", flat=True))
    assert required == {"program", "audited", "declared", "why"}
    with pytest.raises(InvalidInputError):
        other = rows.upload(world, VSAQ, "cloud.json")
        import_questionnaire(
            actor=world.actor("vendor_analyst"),
            upload_id=other.id,
            name="C",
            weights={"Options": 101},
            required="marked",
        )


def test_only_analysts_import(world) -> None:
    for role in ("auditor", "security_approver", "administrator", "employee"):
        with pytest.raises(AuthorityError):
            upload_questionnaire(actor=world.actor(role), content=YAML.encode(), file_name="x.yaml")
    assert not QuestionnaireUpload.objects.exists()


def test_unreadable_file_names_the_line(world) -> None:
    with pytest.raises(InvalidInputError, match="Line 2") as refusal:
        upload_questionnaire(actor=world.actor("vendor_analyst"), content=b'{\n"a" 1}', file_name="x.json")
    assert refusal.value.field == "file"


def test_set_aside(world) -> None:
    upload = rows.upload(world)
    set_aside_upload(actor=world.actor("vendor_analyst"), upload_id=upload.id)
    with pytest.raises(NotFoundError):
        set_aside_upload(actor=world.actor("vendor_analyst"), upload_id=upload.id)
    row = rows.questionnaire(world)
    with pytest.raises(StateError):
        set_aside_upload(actor=world.actor("vendor_analyst"), upload_id=row.upload_id)


def test_journey_in_the_browser(world) -> None:
    client = world.client("vendor_analyst")
    file = SimpleUploadedFile("cloud.json", VSAQ.encode())
    response = client.post(reverse("vendors:questionnaire_upload"), {"file": file})
    upload = QuestionnaireUpload.objects.get()
    assert response.url == reverse("vendors:questionnaire_preview", args=[upload.id])
    page = client.get(response.url).content.decode()
    assert "slider" in page
    assert "Import questionnaire" in page
    address = reverse("vendors:questionnaire_import", args=[upload.id])
    bad = client.post(
        address, {"name": "Cloud", "required": "choices", "weight-Options": "200", "weight-block_program": "1"}
    )
    assert bad.status_code == 422
    assert "200" in bad.content.decode()
    done = client.post(
        address, {"name": "Cloud", "required": "choices", "weight-Options": "2", "weight-block_program": "1"}
    )
    row = Questionnaire.objects.get()
    assert done.url == reverse("vendors:questionnaire_detail", args=[row.id])
    assert client.get(done.url, {"q": "standard"}).status_code == 200
    assert (
        client.get(reverse("vendors:questionnaire_list"), {"q": "Which standard"}).content.decode().count("Cloud") >= 1
    )
    yaml = client.get(reverse("vendors:questionnaire_download", args=[row.id]))
    assert yaml.content.startswith(b"format: countersign-questionnaire/1")
    assert "attachment" in yaml["Content-Disposition"]


def test_bad_file_comes_back_at_its_field(world) -> None:
    file = SimpleUploadedFile("x.json", b'{"questionnaire": [}')
    response = world.client("vendor_analyst").post(reverse("vendors:questionnaire_upload"), {"file": file})
    assert response.status_code == 422
    assert "Line 1" in response.content.decode()


def test_markup_in_a_file_is_shown_as_text(world) -> None:
    nasty = YAML.replace("Since when?", "<script>alert(1)</script><img src=x onerror=alert(1)>Since {{ when }}?")
    row = rows.questionnaire(world, nasty)
    page = world.client("auditor").get(reverse("vendors:questionnaire_detail", args=[row.id])).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_lists_run_few_queries(world, django_assert_max_num_queries) -> None:
    row = rows.questionnaire(world)
    client = world.client("vendor_analyst")
    for address in (reverse("vendors:questionnaire_list"), reverse("vendors:questionnaire_detail", args=[row.id])):
        client.get(address)
        with django_assert_max_num_queries(15):
            client.get(address)
