"""A restored backup replays the tombstones before it serves (I57)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command
from django.utils import timezone

from auditlog.change import audited
from auditlog.errors import AuthorityError
from auditlog.sequencer import seal
from console.health import readiness
from retention import tombstones
from retention.connectors.base import Item
from retention.models import DeletionCase, Tombstone
from retention.services.replaying import replay_tombstones
from tests.retention.shelf import Shelf
from tests.retention.test_engine import JOB, approved, work
from tests.reviews.world import item, queue
from tests.tenants.world import data_store, terminate

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _apart(settings, tmp_path):
    settings.RETENTION_COOLING_OFF = dt.timedelta(0)
    settings.RETENTION_FOLDERS = ["/srv"]
    settings.AUDITLOG_KEYS_DIR = tmp_path


@pytest.fixture
def shelf(world, monkeypatch):
    row = Shelf([f"acme/{n}" for n in range(30)]).install(monkeypatch)
    data_store(world, "files", kind="filesystem", selector="/srv/acme/", account="", backup_days=None)
    return row


def erased(world):
    terminate(world)
    case = work(approved(world, DeletionCase.objects.get(tenant=world.tenant)))
    assert case.state == "verifying"
    return case


def test_they_lie_outside_the_database_and_name_nobody(world, shelf):
    erased(world)
    seal()
    assert tombstones.write_tombstones() == 1
    assert tombstones.write_tombstones() == 0, "each once"
    text = tombstones.tombstone_file().read_text()
    assert '"store": "files"' in text
    assert "/srv" not in text
    assert tombstones.lost() == []


def test_i57_a_restored_database_does_not_serve_until_they_are_replayed(world):
    queue(world)
    erased_item = item(world)
    erased(world)
    seal()
    tombstones.write_tombstones()
    # The backup of the day before: the item is there with what it said, and nothing is known of its erasure.
    with audited(JOB, "reviews.item.erased", subject_kind="reviews.item", subject_id=erased_item.id) as change:
        Tombstone.objects.all().delete()
        erased_item.refresh_from_db()
        erased_item.content_erased_at, erased_item.reference = None, "DR-1"
        change.witness(erased_item)
        erased_item.content.title = "Back again"
        erased_item.content.save()
    assert readiness()["tombstones"] == "failed"
    call_command("replay_tombstones", dry_run=True)
    assert readiness()["tombstones"] == "failed"
    call_command("replay_tombstones")
    erased_item.content.refresh_from_db()
    assert erased_item.content.title == ""
    assert readiness()["tombstones"] == "ok"


def test_i57_a_restored_store_is_swept_again(world, shelf):
    case = erased(world)
    shelf.there |= {Item("file", "acme/3", "", 10), Item("file", "acme/new", "", 10)}
    call_command("replay_tombstones", store="files")
    step = case.steps.get()
    assert shelf.there == set()
    assert (step.state, step.destroyed, step.repeated) == ("verified", 31, 1)
    assert Tombstone.objects.get().replayed_at <= timezone.now()


def test_only_who_runs_the_machine_replays(world, shelf):
    erased(world)
    for actor in (world.actor("privacy_officer"), world.actor("administrator")):
        with pytest.raises(AuthorityError):
            replay_tombstones(actor=actor, store_key="files")
