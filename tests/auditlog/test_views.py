"""The auditor's pages."""

from __future__ import annotations

import io
import uuid
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from auditlog.models import Checkpoint, Event
from auditlog.queries import timeline
from auditlog.sequencer import seal
from auditlog.services.labels import erase_labels
from auditlog.sheets import inert
from auditlog.verifier import Bundle
from auditlog.verify import verify_database
from tests.auditlog.tampering import edited_body, happen, happen_here, rewrite, sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(world):
    seal()
    return world.client("auditor")


def read(client, name, query="", **args):
    return client.get(reverse(f"auditlog:{name}", kwargs=args) + query)


def test_the_list_says_what_happened_and_by_whom(auditor, world):
    page = read(auditor, "event_list").content.decode()
    assert "Administrator" in page
    assert "Acme Works" in page
    assert "Checkpoint" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?outcome=refused", 0), ("?subject_kind=tenants.tenant", 2), ("?actor=administrator", 3),
        ("?since=2999-01-01", 0), ("?until=2000-01-01", 0), ("?action=auditlog.key.rotated", 0),
    ],
)  # fmt: skip
def test_filters(auditor, query, shown):
    rows = read(auditor, "event_list", query).context["page"].rows
    assert (len(rows) == 0) if shown == 0 else (len(rows) >= shown)


def test_filter_by_tenant_and_by_any_id(auditor, world):
    rows = read(auditor, "event_list", f"?id={world.tenant.pk}").context["page"].rows
    assert {row.subject_id for row in rows} == {world.tenant.pk}
    uid = rows[0].uid
    assert [row.uid for row in read(auditor, "event_list", f"?id={uid}").context["page"].rows] == [uid]
    assert read(auditor, "event_list", f"?tenant={world.tenant.pk}").status_code == 200


@pytest.mark.parametrize(
    "query",
    ["?since=x", "?id=x", "?since=2026-02-02&until=2026-01-01", "?action=no.such", "?after=x", "?before=9" * 30],
)
def test_bad_filters_say_so_and_break_nothing(auditor, query):
    assert read(auditor, "event_list", query).status_code == 200


def test_pages_follow_one_another_and_back(auditor, actor):
    happen(actor, 120)
    first = read(auditor, "event_list").context["page"]
    second = read(auditor, "event_list", first.next_url).context["page"]
    back = read(auditor, "event_list", second.previous_url).context["page"]
    assert [row.id for row in back.rows] == [row.id for row in first.rows]
    assert first.previous_url == ""
    assert first.rows[-1].id > second.rows[0].id
    ids = [row.id for row in first.rows + second.rows]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 100


def test_an_event_is_checked_while_it_is_shown(auditor):
    event = Event.objects.order_by("id").first()
    answer = read(auditor, "event_detail", uid=event.uid)
    assert answer.context["proof"].holds
    assert answer.context["proof"].checkpoint == Checkpoint.objects.first()
    assert "Sealed in checkpoint" in answer.content.decode()


def test_an_edited_event_shows(auditor):
    event = Event.objects.order_by("id").first()
    rewrite(event, edited_body(event, outcome="refused"))
    page = read(auditor, "event_detail", uid=event.uid)
    assert not page.context["proof"].holds
    assert "forged, or edited" in page.content.decode()


def test_a_subject_leads_to_its_page_or_says_that_it_is_gone(auditor, world):
    assert read(auditor, "subject_open", kind="tenants.tenant", subject_id=world.tenant.pk).status_code == 302
    gone = read(auditor, "subject_open", kind="tenants.tenant", subject_id=uuid.uuid4())
    assert gone.status_code == 404
    assert "This is gone" in gone.content.decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_asks_its_purpose_and_is_recorded(auditor, kind):
    url = reverse("auditlog:event_export")
    assert auditor.post(url, {"format": kind}).status_code == 422
    assert auditor.post(url, {"format": kind, "purpose": "marketing"}).status_code == 422
    answer = auditor.post(f"{url}?subject_kind=tenants.tenant", {"format": kind, "purpose": "usage"})
    assert answer.status_code == 200
    assert f"log.{kind}" in answer["Content-Disposition"]
    event = Event.objects.order_by("-id").first()
    assert event.action == "auditlog.list.exported"
    assert event.content["details"]["purpose"] == "usage"
    assert event.content["details"]["filters"] == {"subject_kind": "tenants.tenant"}


def test_cells_are_never_formulas():
    assert [inert(value) for value in ("=1+1", "+1", "-1", "@a", "a", None)] == ["'=1+1", "'+1", "'-1", "'@a", "a", ""]


def test_the_whole_log_goes_away_and_verifies(auditor, tmp_path):
    url = reverse("auditlog:bundle_download")
    assert auditor.post(url, {}).status_code == 422
    answer = auditor.post(url, {"purpose": "quality", "labels": "on"})
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:
        packed.extractall(tmp_path)
    report = Bundle(tmp_path / "log-bundle").check()
    assert report.findings == []
    assert Event.objects.filter(action="auditlog.bundle.exported").exists()


def test_verifying_shows_what_was_found(auditor):
    url = reverse("auditlog:log_verify")
    assert "Not verified yet" in auditor.get(url).content.decode()
    assert "events hold" in auditor.post(url, follow=True).content.decode()
    sql("DELETE FROM auditlog_event WHERE id = %s", Event.objects.order_by("id").first().id)
    page = auditor.post(url, follow=True).content.decode()
    assert "event_missing" in page


def test_checkpoints_keys_and_tiles_are_served_as_c2sp_says(auditor, actor):
    happen(actor, 300)
    seal()
    note = auditor.get("/log/checkpoint").content.decode()
    assert note == Checkpoint.objects.order_by("-id").first().note
    assert auditor.get("/log/keys").content.decode().count("+") >= 2
    assert len(auditor.get("/log/tile/0/000").content) == 8192
    assert len(auditor.get("/log/tile/0/001.p/7").content) == 7 * 32
    assert len(auditor.get("/log/tile/1/000.p/1").content) == 32
    for wrong in ("0/001", "0/1", "0/x000", "0/000.p/0", "0/000.p/256", "9/000", "0/..", "0/x001/x002"):
        assert auditor.get(f"/log/tile/{wrong}").status_code == 404, wrong
    assert "Checkpoints" in auditor.get("/log/checkpoints/").content.decode()


def test_a_timeline_takes_three_queries_however_long(world):
    happen_here(world)
    seal()
    with CaptureQueriesContext(connection) as queries:
        shown = timeline("tenants.tenant", world.tenant.pk)
        assert len(shown.events) >= 1
    assert len(queries) <= 3


def test_i99_erased_names_are_gone_and_the_log_still_verifies(auditor, world):
    person = world.person["administrator"]
    erase_labels(actor=world.actor("privacy_officer"), kind="governance.person", ref_id=person.pk)
    seal()
    page = read(auditor, "event_list", f"?actor={person.pk}")
    assert {row.actor for row in page.context["page"].rows} == {"(name erased)"}
    assert verify_database().findings == []
