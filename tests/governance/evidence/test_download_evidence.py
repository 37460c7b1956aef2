"""Downloads: inert, verified, recorded, and never out of quarantine."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from auditlog.change import audited
from auditlog.models import Event
from governance.services.evidence_reading import DamagedEvidenceError, download_evidence
from tests.governance.evidence.files import GOOD


def url(row) -> str:
    return reverse("governance:evidence_download", args=[row.id])


def inert(response) -> None:
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "script-src" not in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Frame-Options"] == "DENY"


def test_works(world, maker) -> None:
    row = maker.clean(name="SOC 2 “final”.pdf")
    response = world.client("auditor").get(url(row))
    body = b"".join(response.streaming_content)
    assert response.status_code == 200
    assert len(body) == row.size == int(response["Content-Length"])
    inert(response)
    event = Event.objects.get(subject_id=row.id, action="governance.evidence.downloaded")
    assert event.actor_id == world.person["auditor"].id


@pytest.mark.parametrize("label", GOOD)
def test_every_kind_leaves_inert(world, maker, label: str) -> None:
    name, make, _type = GOOD[label]
    row = maker.clean(make(), name=name, kind="other")
    inert(world.client("vendor_analyst").get(url(row)))


@pytest.mark.parametrize("state", ["waiting", "infected", "failed"])
def test_i20_nothing_in_quarantine_is_handed_out(world, maker, check, settings, state: str, own_store) -> None:
    row = maker.new()
    if state == "infected":
        row.scan_state = "infected"
        _set(row, world)
    if state == "failed":
        (own_store / "evidence" / row.digest[:2] / row.digest[2:4] / row.digest).unlink()
        row = check(row)
    assert row.scan_state == state
    client = world.client("security_approver")
    response = client.get(url(row))
    assert response.status_code == 409
    assert b"It cannot be opened" in response.content
    assert client.get(reverse("governance:evidence_picture", args=[row.id, 1, 320])).status_code == 409
    assert not Event.objects.filter(subject_id=row.id, action="governance.evidence.downloaded", outcome="done").exists()


def _set(row, world) -> None:
    actor, action = world.actor("vendor_analyst"), "governance.evidence.checked"
    with audited(actor, action, subject_kind="governance.evidence", subject_id=row.id) as change:
        change.witness(row)


def test_i24_other_bytes_are_never_handed_out(world, maker, own_store) -> None:
    row = maker.clean()
    path = own_store / "evidence" / row.digest[:2] / row.digest[2:4] / row.digest
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(DamagedEvidenceError):
        download_evidence(actor=world.actor("auditor"), evidence_id=row.id)
    response = world.client("auditor").get(url(row))
    assert response.status_code == 409
    assert Event.objects.filter(subject_id=row.id, outcome="refused", body__contains="EVIDENCE_DAMAGED").count() == 2


def test_page_picture(world, maker) -> None:
    row = maker.clean()
    client = world.client("security_approver")
    for number in (1, 2):
        response = client.get(reverse("governance:evidence_picture", args=[row.id, number, 320]))
        assert response["Content-Type"] == "image/png"
        assert b"".join(response.streaming_content).startswith(b"\x89PNG")
        assert "sandbox" in response["Content-Security-Policy"]
    assert Event.objects.filter(subject_id=row.id, action="governance.evidence.pages_opened").count() == 1
    for number, width in ((0, 320), (3, 320), (1, 9999)):
        assert client.get(reverse("governance:evidence_picture", args=[row.id, number, width])).status_code == 404


def test_uploaded_picture_is_drawn_anew(world, maker) -> None:
    out, said = io.BytesIO(), PngInfo()
    said.add_text("Comment", "a note beside the pixels")
    Image.new("RGB", (40, 30), "navy").save(out, "PNG", pnginfo=said)
    row = maker.clean(out.getvalue(), name="map.png", kind="architecture")
    response = world.client("auditor").get(reverse("governance:evidence_picture", args=[row.id, 1, 320]))
    assert b"a note beside" in out.getvalue()
    assert b"a note beside" not in b"".join(response.streaming_content)
