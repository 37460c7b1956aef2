"""The clock moved: amber, red, a backup's last day, data that comes back; each does what it should."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from governance.models import Notification
from retention.connectors.base import Item
from retention.models import DeletionCase, Reminder, Watch
from retention.queries.forecast import will_be_done_on
from retention.services.afterwards import look_again, sweep_afterwards
from retention.services.certifying import ask_certificate
from retention.services.connections import set_connection
from retention.services.deadlines import sweep_deadlines
from tests.clock import later
from tests.retention.shelf import Shelf
from tests.retention.test_engine import JOB, approved, hold, plan, work
from tests.tenants.world import data_store, day, terminate

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(settings):
    settings.RETENTION_COOLING_OFF = dt.timedelta(0)
    settings.RETENTION_FOLDERS = ["/srv"]


@pytest.fixture
def shelf(world, monkeypatch):
    row = Shelf([f"acme/{n}" for n in range(30)]).install(monkeypatch)
    data_store(world, "files", kind="filesystem", selector="/srv/acme/", account="", backup_days=10)
    return row


@pytest.fixture
def case(world, shelf):
    terminate(world)
    return DeletionCase.objects.get(tenant=world.tenant)


def told(world, name: str) -> int:
    return Notification.objects.filter(kind="retention.deadline", person=world.person[name]).count()


def test_day_25_is_amber_day_31_is_red_and_people_are_told_once(world, case):
    sweep_deadlines()
    assert not Reminder.objects.exists()
    with later(days=10):
        sweep_deadlines()
        assert Reminder.objects.get().kind == "ahead-20"
    with later(days=25):
        assert case.light == "amber"
        sweep_deadlines()
        sweep_deadlines()
        assert set(Reminder.objects.values_list("kind", flat=True)) == {"ahead-20", "amber"}
    with later(days=30):
        assert case.light == "amber", "the thirtieth day is in time"
    before = told(world, "administrator")
    with later(days=31):
        assert case.light == "red"
        sweep_deadlines()
        sweep_deadlines()
        assert Reminder.objects.filter(kind="red-1").count() == 1
        assert told(world, "administrator") == before + 1, "once it is late, administrators hear of it, too"


def test_i52_a_hold_does_not_stop_the_clock(world, case):
    hold(world)
    with later(days=31):
        assert case.light == "red"
        sweep_deadlines()
        assert Reminder.objects.filter(kind="red-1").exists()


def test_a_hold_is_looked_at_again_by_its_day(world, case):
    row = hold(world, review_on=day(5))
    with later(days=6):
        sweep_deadlines()
        sweep_deadlines()
        assert (
            Notification.objects.filter(
                kind="retention.hold", person=row.owner, text__contains="looked at again"
            ).count()
            == 1
        )


def test_a_deadline_that_will_be_missed_is_told_the_day_it_is_known(world, case):
    plan(world, case)
    assert will_be_done_on(case) == day(10)
    with later(days=21):
        assert will_be_done_on(case) > case.due_on, "ten days of backups do not fit into nine"
        sweep_deadlines()
        assert Reminder.objects.filter(kind="will_miss").exists()


def test_a_key_has_to_be_scheduled_a_week_before(world, case):
    bucket = data_store(world, "bucket", selector="acme-files/", account="", backup_days=None)
    set_connection(
        actor=world.actor("privacy_officer"), store_id=bucket.id, settings={"kms_key_id": "alias/acme"}, secrets={}
    )
    with later(days=18):
        sweep_deadlines()
        assert not Reminder.objects.filter(kind="key").exists()
    with later(days=19):
        sweep_deadlines()
        assert Reminder.objects.filter(kind="key").exists()


def test_a_backups_last_day_closes_the_case_with_a_supplement(world, case):
    work(approved(world, case))
    assert case.state == "awaiting_backup_expiry"
    world.sign("second_privacy_officer", ask_certificate(actor=world.actor("privacy_officer"), case_id=case.id))
    case.refresh_from_db()
    assert case.state == "certified_with_residue"
    with later(days=9):
        sweep_afterwards()
        case.refresh_from_db()
        assert case.state == "certified_with_residue"
    with later(days=11):
        sweep_afterwards()
        case.refresh_from_db()
        assert case.state == "verifying"
        world.sign("second_privacy_officer", ask_certificate(actor=world.actor("privacy_officer"), case_id=case.id))
        case.refresh_from_db()
        assert case.state == "certified"
        assert [c.is_final for c in case.certificates.order_by("number")] == [False, True]


def test_data_that_comes_back_raises_an_incident(world, case, shelf):
    work(approved(world, case))
    assert [(w.due_at - w.step.verified_at).days for w in Watch.objects.all()] == [1, 7, 30]
    with later(days=2):
        for watch in Watch.objects.filter(due_at__lte=timezone.now()):
            look_again(str(watch.id), actor=JOB)
        case.refresh_from_db()
        assert case.state == "awaiting_backup_expiry", "nothing is there"
    shelf.there.add(Item("file", "acme/restored", "", 10))
    with later(days=8):
        for watch in Watch.objects.filter(due_at__lte=timezone.now(), looked_at=None):
            look_again(str(watch.id), actor=JOB)
        case.refresh_from_db()
        assert case.state == "open"
        assert Notification.objects.filter(kind="retention.incident", person=world.person["administrator"]).exists()
        work(approved(world, case))
        assert shelf.there == set()
        assert case.steps.count() == 2, "what was erased before stays accounted for"
        asked = ask_certificate(actor=world.actor("privacy_officer"), case_id=case.id)
        assert '"destroyed":"31"' in asked.snapshot
