"""Documents beside answers: from the vendor through a link, and from the analyst."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from auditlog.errors import AuthorityError, InvalidInputError, NotFoundError, StateError
from auditlog.models import Event
from governance.models import Evidence
from governance.services.people import disable_person
from tests.vendors import world as company
from tests.vendors.questionnaires import world as rows
from tests.vendors.questionnaires.files import DOCUMENTS
from tests.vendors.questionnaires.test_respondents import opened
from vendors.models import Answer, AnswerDocument
from vendors.services import documents
from vendors.services.answers import answers_snapshot
from vendors.services.documents import attach_document, remove_document
from vendors.services.respondents import respondent_actor, revoke_respondent_link


def pdf(name="report.pdf"):
    file = io.BytesIO(company.pdf())
    file.name = name
    return file


@pytest.fixture
def asked(world):
    assessment = rows.assessment(world, rows.questionnaire(world, DOCUMENTS, "With a report"), rows.some_service(world))
    link, token = rows.link(world, assessment)
    return assessment, link, token


def send(link, key="report", **given):
    actor = respondent_actor(link, "test")
    return attach_document(actor=actor, assessment_id=link.assessment_id, key=key, **{"file": pdf()} | given)


def test_a_respondents_file_is_quarantined_and_the_inviter_answers_for_it(world, asked):
    assessment, link, _token = asked
    document = send(link)
    evidence = document.evidence
    assert (evidence.scan_state, evidence.kind) == ("waiting", "other")
    assert evidence.uploaded_by == world.person["vendor_analyst"]
    received = Event.objects.get(action="governance.evidence.received")
    assert (received.actor_kind, received.actor_id) == ("respondent", link.id)
    assert received.content["acting_for"] == str(world.person["vendor_analyst"].id)
    assert Answer.objects.get(assessment=assessment).value == "report.pdf"
    assert Answer.objects.get(assessment=assessment).answered_through == link
    assert answers_snapshot(assessment)["documents"] == {"report": [evidence.digest]}


def test_the_same_file_again_is_no_second_evidence(asked):
    _assessment, link, _token = asked
    first, content = pdf(), None
    content = first.getvalue()
    document = send(link, file=first)
    again = io.BytesIO(content)
    again.name = "again.pdf"
    with pytest.raises(InvalidInputError, match="already"):
        send(link, file=again)
    assert Evidence.objects.get(digest=document.evidence.digest)


def test_only_for_questions_that_ask_for_a_document(asked):
    _assessment, link, _token = asked
    with pytest.raises(NotFoundError):
        send(link, key="words")


def test_a_respondent_cannot_name_evidence_on_file(world, asked):
    _assessment, link, _token = asked
    with pytest.raises(InvalidInputError):
        send(link, file=None, evidence_id=company.soc2(world).id)
    assert not AnswerDocument.objects.exists()


def test_ended_links_send_nothing(world, asked):
    _assessment, link, _token = asked
    revoke_respondent_link(actor=world.actor("vendor_analyst"), link_id=link.id)
    with pytest.raises(NotFoundError):
        send(link)
    assert not Evidence.objects.exists()


def test_nobody_left_to_answer_for_it(world, asked):
    _assessment, link, _token = asked
    disable_person(actor=world.actor("administrator"), person_id=world.person["vendor_analyst"].id)
    with pytest.raises(AuthorityError):
        send(link)


@pytest.mark.parametrize(("name", "most"), [("MOST_FILES", 1), ("MOST_BYTES", 1500)])
def test_a_link_has_its_limits(asked, monkeypatch, name, most):
    _assessment, link, _token = asked
    send(link)
    monkeypatch.setattr(documents, name, most)
    with pytest.raises(InvalidInputError, match="This link"):
        for _number in range(3):
            send(link)


def test_what_is_not_a_document_stays_out(asked):
    _assessment, link, token = asked
    client, url = opened(token), reverse("vendors:respond_documents", args=[link.id, "report"])
    for file in (SimpleUploadedFile("page.html", b"<script>1</script>"), SimpleUploadedFile("x.pdf", b"MZ\x90"), None):
        answer = client.post(url, {"file": file} if file else {})
        assert answer.status_code == 422
    assert not Evidence.objects.exists()


def test_pages_of_the_vendor(asked):
    _assessment, link, token = asked
    client, url = opened(token), reverse("vendors:respond_documents", args=[link.id, "report"])
    assert client.post(url, {"file": SimpleUploadedFile("soc2.pdf", company.pdf())}).status_code == 302
    page = client.get(url).content.decode()
    assert "soc2.pdf" in page
    assert "/evidence/" not in page
    assert "soc2.pdf" in client.get(reverse("vendors:respond_section", args=[link.id, "proof"])).content.decode()
    document = AnswerDocument.objects.get()
    assert client.get(reverse("governance:evidence_download", args=[document.evidence_id])).status_code in (302, 404)
    away = reverse("vendors:respond_document_remove", args=[link.id, "report", document.id])
    assert client.post(away).status_code == 302
    assert Answer.objects.get().value is None
    assert Evidence.objects.filter(withdrawn_at=None).count() == 1


def test_analyst_picks_evidence_or_sends_a_file(world, asked):
    assessment, link, _token = asked
    theirs = send(link)
    revoke_respondent_link(actor=world.actor("vendor_analyst"), link_id=link.id)
    client, evidence = world.client("vendor_analyst"), company.soc2(world)
    url = reverse("vendors:answer_documents", args=[assessment.id, "report"])
    both = {"file": SimpleUploadedFile("more.pdf", company.pdf()), "evidence": str(evidence.id)}
    assert client.post(url, {}).status_code == client.post(url, both).status_code == 422
    assert client.post(url, {"evidence": str(evidence.id)}).status_code == 302
    assert client.post(url, {"file": SimpleUploadedFile("more.pdf", company.pdf())}).status_code == 302
    assert "sent by the vendor" in client.get(url).content.decode()
    assert AnswerDocument.objects.filter(assessment=assessment).count() == 3
    away = reverse("vendors:answer_document_remove", args=[assessment.id, "report", theirs.id])
    assert client.post(away).status_code == 302
    assert "Answer" in client.get(reverse("governance:evidence_read", args=[evidence.id])).content.decode()


def test_a_respondent_takes_off_only_what_they_sent(world, asked):
    assessment, link, _token = asked
    mine = attach_document(
        actor=world.actor("vendor_analyst"),
        assessment_id=assessment.id,
        key="report",
        evidence_id=company.soc2(world).id,
    )
    with pytest.raises(StateError):
        remove_document(actor=respondent_actor(link, "test"), assessment_id=assessment.id, document_id=mine.id)
