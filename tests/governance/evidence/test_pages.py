"""The evidence pages as a person meets them."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client
from django.urls import reverse

from auditlog.models import Event
from governance.evidence.naming import safe_name
from governance.evidence_declarations import evidence_found, pages_to_review
from governance.evidence_uses import USES, Use
from governance.models import Evidence
from governance.services.uploads import clear_held_uploads
from tests.governance.evidence.files import good_pdf, pdf
from tests.governance.evidence.hostile import HOSTILE
from tests.governance.evidence.making import claims
from tests.governance.evidence.test_inspection import BLACK

ADD = "/evidence/add/"


def fields(**changes):
    said = {key: value.isoformat() if hasattr(value, "isoformat") else value or "" for key, value in claims().items()}
    return {**said, "file": SimpleUploadedFile("soc2.pdf", good_pdf("page")), **changes}


def token_of(response) -> str:
    found = re.search(r'name="kept" value="([^"]+)"', response.content.decode())
    return found.group(1) if found else ""


def test_add_works(world, asked) -> None:
    response = world.client("vendor_analyst").post(ADD, fields(), follow=True)
    row = Evidence.objects.get()
    assert response.redirect_chain[-1][0] == f"/evidence/{row.id}/"
    assert b"soc2.pdf" in response.content


def test_accepted_file_is_kept_when_other_fields_are_wrong(world, asked) -> None:
    client = world.client("vendor_analyst")
    response = client.post(ADD, fields(issuer="", period_end="soon", scope="Bedrock"))
    assert response.status_code == 422
    page = response.content.decode()
    assert "soc2.pdf" in page
    assert "is kept; no need to choose it again" in page
    assert "year-month-day" in page
    assert ">\nBedrock</textarea>" in page or ">Bedrock</textarea>" in page
    again = fields(kept=token_of(response))
    del again["file"]
    assert client.post(ADD, again).status_code == 302
    row = Evidence.objects.get()
    assert (row.name, row.size) == ("soc2.pdf", len(good_pdf("page")))


def test_fault_that_the_service_finds_keeps_the_file_too(world, asked) -> None:
    response = world.client("vendor_analyst").post(ADD, fields(scope=""))
    assert response.status_code == 422
    assert token_of(response)
    assert "which services" in response.content.decode()


def test_kept_file_is_this_sessions_only(world, asked) -> None:
    token = token_of(world.client("vendor_analyst").post(ADD, fields(issuer="")))
    again = fields(kept=token)
    del again["file"]
    for client in (world.client("privacy_officer"), world.client("vendor_analyst")):
        response = client.post(ADD, again)
        assert response.status_code == 422
        assert b"no longer kept" in response.content
    assert not Evidence.objects.exists()


def test_kept_file_is_dropped_after_a_day(world, asked, time_machine) -> None:
    client = world.client("vendor_analyst")
    token = token_of(client.post(ADD, fields(issuer="")))
    assert clear_held_uploads() == 0
    again = fields(kept=token[:-3] + "xyz")
    del again["file"]
    assert b"no longer kept" in client.post(ADD, again).content


@pytest.mark.parametrize("hostile", HOSTILE[::16], ids=lambda each: each.id)
def test_hostile_upload_is_a_message_at_the_field(world, asked, hostile) -> None:
    response = world.client("vendor_analyst").post(ADD, fields(file=SimpleUploadedFile(hostile.name, hostile.make())))
    assert response.status_code == 422
    assert 'id="id_file_error"' in response.content.decode()
    assert not Evidence.objects.exists()


def test_too_large_is_refused_while_it_streams(world, asked, settings) -> None:
    settings.EVIDENCE_MAX_BYTES = 2000
    response = world.client("vendor_analyst").post(
        ADD, fields(file=SimpleUploadedFile("big.pdf", b"%PDF-" + b"x" * 300_000))
    )
    assert response.status_code == 422
    page = response.content.decode()
    assert "at most 2.0" in page
    assert "293.0" in page


def test_disk_full_while_it_streams(world, asked, monkeypatch) -> None:
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TemporaryUploadedFile, "write", full, raising=False)
    response = world.client("vendor_analyst").post(ADD, fields())
    assert response.status_code == 422
    assert "no room to keep this file" in response.content.decode()


def test_without_a_file(world, asked) -> None:
    said = fields()
    del said["file"]
    response = world.client("vendor_analyst").post(ADD, said)
    assert response.status_code == 422
    assert "Choose a file." in response.content.decode()


def test_read_shows_why_it_does_not_count(world, maker) -> None:
    row = maker.clean(issuer="Schellman & Co")
    page = world.client("auditor").get(f"/evidence/{row.id}/").content.decode()
    assert "This does not count yet" in page
    assert "L2-36" in page
    assert row.digest in page
    assert "Schellman &amp; Co" in page


def test_read_shows_that_it_counts_and_where_it_is_used(world, maker) -> None:
    row = maker.reviewed()
    finder = lambda actor, ids: {each: [Use("Assessment", "Claude on Bedrock", "/vendors/x/")] for each in ids}  # noqa: E731
    USES.append(finder)
    try:
        page = world.client("auditor").get(f"/evidence/{row.id}/").content.decode()
    finally:
        USES.remove(finder)
    assert "This counts today" in page
    assert "Claude on Bedrock" in page


def test_list_filters(world, maker) -> None:
    maker.new(issuer="Schellman")
    maker.clean(issuer="A-LIGN", kind="iso27001", valid_until=claims()["period_end"].replace(year=2090))
    client = world.client("auditor")

    def issuers(query: str) -> set[str]:
        page = client.get(f"/evidence/?{query}").content.decode()
        return {name for name in ("Schellman", "A-LIGN") if f">{name}</td>" in page}

    assert issuers("") == {"Schellman", "A-LIGN"}
    assert issuers("kind=iso27001") == {"A-LIGN"}
    assert issuers("state=waiting") == {"Schellman"}
    assert issuers("q=schell") == {"Schellman"}
    assert issuers("state=withdrawn") == set()
    assert issuers("kind=nonsense&after=%00") == {"Schellman", "A-LIGN"}


def test_who_only_adds_sees_their_own(world, maker) -> None:
    mine, other = maker.new(by="system_owner"), maker.new()
    client = world.client("system_owner")
    assert client.get(f"/evidence/{mine.id}/").status_code == 200
    assert client.get(f"/evidence/{other.id}/").status_code == 404
    assert str(other.id) not in client.get("/evidence/").content.decode()


def test_review_page_marks_and_records(world, maker) -> None:
    row = maker.clean(pdf(content=BLACK, pages=2))
    url = reverse("governance:evidence_review", args=[row.id])
    client = world.client("security_approver")
    assert "Look closely at page 1, 2" in client.get(url).content.decode()
    response = client.post(url, {"verdict": "unredacted", "page-1": "unredacted", "reason": "Only a table head."})
    assert response.status_code == 422
    page = response.content.decode()
    assert "Page 2 shows signs" in page
    assert "Only a table head." in page
    assert 'name="page-1" value="unredacted" checked' in page
    done = client.post(url, {"verdict": "redacted", "page-1": "redacted", "page-2": "redacted", "page-x": "1"})
    assert done.status_code == 302
    row.refresh_from_db()
    assert row.redaction_marks == {"1": "redacted", "2": "redacted"}


def test_uploader_sees_why_not(world, maker) -> None:
    row = maker.clean()
    page = world.client("vendor_analyst").get(reverse("governance:evidence_review", args=[row.id])).content.decode()
    assert "somebody else looks through its pages" in page


def test_withdraw_page(world, maker) -> None:
    row = maker.new()
    client = world.client("vendor_analyst")
    assert client.post(f"/evidence/{row.id}/withdraw/", {"reason": ""}).status_code == 422
    assert client.post(f"/evidence/{row.id}/withdraw/", {"reason": "Wrong file."}).status_code == 302
    assert "Wrong file." in client.get(f"/evidence/{row.id}/").content.decode()
    assert Event.objects.filter(subject_id=row.id, action="governance.evidence.withdrawn").exists()


def test_my_work_and_search(world, maker) -> None:
    row = maker.clean(issuer="Schellman")
    assert [item.title for item in pages_to_review(world.actor("security_approver"))] == [
        "Look through the pages of soc2.pdf"
    ]
    assert list(pages_to_review(world.actor("vendor_analyst"))) == []  # their own upload
    assert list(pages_to_review(world.actor("auditor"))) == []
    assert [hit.url for hit in evidence_found(world.actor("auditor"), "schell")] == [f"/evidence/{row.id}/"]
    assert list(evidence_found(world.actor("employee"), "schell")) == []


def test_strangers_are_sent_to_sign_in(maker) -> None:
    row = maker.new()
    for url in ("/evidence/", ADD, f"/evidence/{row.id}/", f"/evidence/{row.id}/download/"):
        assert "/accounts/login" in Client().get(url)["Location"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("soc2.pdf", "soc2.pdf"), ("../../a.pdf", "a.pdf"), ("C:\\x\\a.pdf", "a.pdf"), ("a\x00b\x07.pdf", "ab.pdf"),
        ("fdp\u202efdp.exe", "fdpfdp.exe"), ("\u200b.pdf", "evidence.pdf"), ("", "evidence.pdf"), ("CON.pdf", "_CON.pdf"),
        ('a"<b>|?*.pdf', "a__b____.pdf"), ("x" * 300 + ".pdf", "x" * 116 + ".pdf"), ("Bericht Größe.pdf", "Bericht Größe.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"), (" . .pdf", "evidence.pdf"), ("report", "report.pdf"),
    ],
)  # fmt: skip
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name, "application/pdf") == safe
