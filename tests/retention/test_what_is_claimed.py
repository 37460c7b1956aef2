"""Nothing is claimed that is not so: certificates, holds, counts, restores."""

from __future__ import annotations

import datetime as dt
import json
import time

import pytest
from django.core.management import call_command
from django.utils import timezone

from auditlog.change import audited
from auditlog.errors import GovernanceError
from auditlog.sequencer import seal
from console.health import readiness
from governance.own_data import OWN_PARTS
from retention import tombstones
from retention.connectors.base import Item, Outcome, State
from retention.models import DeletionCase, Lease, LegalHold, Tombstone, Watch
from retention.services import leases
from retention.services.afterwards import look_again
from retention.services.cases import cancel_case, open_case
from retention.services.certifying import ask_certificate
from retention.services.deciding import ask_deletion
from retention.services.holds import lift_hold
from retention.services.starting import start_due_cases
from retention.services.steps import work_step
from tenants.services import register_tenant, reinstate_tenant
from tests.clock import later
from tests.retention import world_holds as made
from tests.retention.shelf import FILES, Shelf, ShelfConnector
from tests.retention.test_engine import JOB, approved, plan, work
from tests.reviews.world import item, queue
from tests.tenants.world import agreement, data_store, day, terminate

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(settings, tmp_path):
    settings.RETENTION_COOLING_OFF = dt.timedelta(0)
    settings.RETENTION_FOLDERS = ["/srv"]
    settings.AUDITLOG_KEYS_DIR = tmp_path


@pytest.fixture
def shelf(monkeypatch):
    monkeypatch.setattr("retention.services.erasing.FIRST_WAIT", 0)
    return Shelf([f"acme/{n:03}" for n in range(60)], page=20).install(monkeypatch)


def certify(world, case, asks="privacy_officer", signs="second_privacy_officer"):
    asked = ask_certificate(actor=world.actor(asks), case_id=case.id)
    signed = world.sign(signs, asked)
    case.refresh_from_db()
    return signed


def restored(row):
    """The backup of the day before: the item says what it said, and nothing is known of its erasure."""
    with audited(JOB, "reviews.item.erased", subject_kind="reviews.item", subject_id=row.id) as change:
        Tombstone.objects.all().delete()
        row.refresh_from_db()
        row.content_erased_at, row.reference = None, "DR-1"
        change.witness(row)
        row.content.title = "Back again"
        row.content.save()


def test_i57_a_backup_that_is_restored_a_second_time_replays_its_tombstones_too(world):
    queue(world)
    row = item(world)
    terminate(world)
    work(approved(world, DeletionCase.objects.get(tenant=world.tenant)))
    seal()
    tombstones.write_tombstones()
    restored(row)
    call_command("replay_tombstones")
    assert readiness()["tombstones"] == "ok"
    restored(row)
    row.content.refresh_from_db()
    assert row.content.title == "Back again"
    assert readiness()["tombstones"] == "failed", "it serves what was erased"


def hold(world, tenant=None):
    return made.hold(world, tenant)


def test_i52_a_hold_is_not_in_effect_while_a_call_is_on_its_way(world, case, shelf):
    """A call may take 60 s (S3) or five minutes (SQL); the lease ends after 30."""
    approved(world, case)
    told = []

    def slow(items):
        Lease.objects.update(until=timezone.now() - dt.timedelta(seconds=1))  # the call takes 31 s by now
        told.append((hold(world).effective_at, len(shelf.there)))

    shelf.faults = [slow]
    work_step(str(case.steps.get().id), actor=JOB)
    effective_at, there = told[0]
    assert effective_at is None or len(shelf.there) == there, "“in effect”, and %s objects went after it" % (
        there - len(shelf.there)
    )


def test_i52_a_hold_is_not_in_effect_while_a_product_is_asked_to_erase(world):
    step, _secret = made.asked_product(world)
    assert step.trouble == "awaited"
    assert hold(world, step.case.tenant).effective_at is None, "the product goes on erasing: nobody told it to stop"


def test_what_comes_again_in_the_first_sweep_counts_once(world, case, shelf, monkeypatch):
    """A first sweep that is cut (by time, a hold, a kill) begins anew under the same number."""
    approved(world, case)
    step = case.steps.get()
    first = Item("file", "acme/000", "", 10)
    for _n in range(5):
        shelf.faults = [None, lambda items: hold(world) and None]
        work_step(str(step.id), actor=JOB)
        for row in LegalHold.objects.filter(lifted_at=None):
            lift_hold(actor=world.actor("privacy_officer"), hold_id=row.id, reason="Over.")
        shelf.there.add(first)  # a writer goes on, or the store lists what it has erased
        case.refresh_from_db()
    work(case)
    step.refresh_from_db()
    assert step.destroyed == len(shelf.at_first), f"{step.destroyed} of {len(shelf.at_first)} objects were destroyed"


def test_i54_who_executed_a_part_of_it_never_certifies(world, case, shelf):
    work(approved(world, case))  # asked for by privacy_officer
    data_store(world, "late", selector="/srv/late/", **FILES)
    plan(world, case)
    asked = ask_deletion(actor=world.actor("second_privacy_officer"), case_id=case.id)
    world.sign("privacy_officer", asked)
    start_due_cases()
    work(case)
    assert case.state == "verifying"
    for asks in ("privacy_officer", "second_privacy_officer"):  # each executed a part of it, and there is nobody else
        with pytest.raises(GovernanceError, match="Nobody could decide this"):
            ask_certificate(actor=world.actor(asks), case_id=case.id)
    world.give("employee", "privacy_officer")
    asked = ask_certificate(actor=world.actor("second_privacy_officer"), case_id=case.id)
    with pytest.raises(GovernanceError):  # who executed the first deletion
        world.sign("privacy_officer", asked)


def test_a_tenant_whose_data_was_destroyed_is_not_reinstated(world, case, shelf):
    work(approved(world, case))
    certify(world, case)
    assert case.state == "certified"
    data_store(world, "late", selector="/srv/late/", **FILES)  # the case is open again
    with pytest.raises(GovernanceError):
        reinstate_tenant(actor=world.actor("privacy_officer"), tenant_id=world.tenant.id, reason="They stay.")


def test_a_case_that_has_destroyed_is_not_cancelled(world, shelf):
    tenant = register_tenant(
        actor=world.actor("administrator"), key="asked", name="Asked Ltd", allowed_regions=["eu-central-1"]
    )
    data_store(world, "files", tenant, selector="/srv/acme/", region="eu-central-1", **FILES)
    case = open_case(actor=world.actor("privacy_officer"), tenant_id=tenant.id, received_on=day(0))
    work(approved(world, case))
    assert case.state == "verifying"
    data_store(world, "late", tenant, selector="/srv/late/", region="eu-central-1", **FILES)
    with pytest.raises(GovernanceError):  # "The case is cancelled. Nothing was erased."
        cancel_case(actor=world.actor("privacy_officer"), case_id=case.id, reason="They changed their mind.")


def test_what_the_console_got_after_the_inventory_goes_too(world, shelf):
    """A termination is counted and signed for during its notice; until its last day products go on sending."""
    agreement(world)
    queue(world)
    data_store(world, "files", selector="/srv/acme/", **FILES)
    terminate(world, terminated_on=day(10))
    case = DeletionCase.objects.get(tenant=world.tenant)
    plan(world, case)
    asked = ask_deletion(actor=world.actor("privacy_officer"), case_id=case.id)
    world.sign("second_privacy_officer", asked)
    item(world)
    with later(days=10):
        start_due_cases()
        work(case)
        assert case.state == "verifying"
        certify(world, case)
    left = [key for key, part in OWN_PARTS.items() if next(part.ids(world.tenant.id), None) is not None]
    assert not (case.state == "certified" and left), f"certified, and here is still: {left}"


def test_residue_that_was_erased_by_a_later_step_is_not_retained(world, case, shelf):
    until = timezone.now() + dt.timedelta(days=7)
    shelf.locked["acme/003"] = Outcome(
        Item("file", "acme/003", "", 10), State.KEPT, "object_lock", "COMPLIANCE", until, "compliance"
    )
    work(approved(world, case))
    certify(world, case)
    shelf.there.add(Item("file", "acme/restored", "", 10))
    with audited(JOB, "retention.watch.looked", subject_kind="retention.case", subject_id=case.id):
        Watch.objects.update(due_at=timezone.now())
    look_again(str(Watch.objects.first().id), actor=JOB)
    case.refresh_from_db()
    assert case.state == "open"
    shelf.locked = {}
    work(approved(world, case))
    assert shelf.there == set()
    certify(world, case)
    assert case.state == "certified"
    content = json.loads(case.certificates.first().body)
    assert content["is_final"]
    assert content["totals"]["retained"] == "0", "final, and says that something is kept that is gone"


def test_residue_is_compared_by_name(world, case, shelf, monkeypatch):
    """One that was locked went by itself, and another object came: as many as before."""
    shelf.locked["acme/003"] = Outcome(
        Item("file", "acme/003", "", 10), State.KEPT, "legal_hold", "Forbidden", None, "S3 legal hold"
    )
    work(approved(world, case))
    certify(world, case)
    shelf.there = {Item("file", "acme/restored", "", 10)}
    with audited(JOB, "retention.watch.looked", subject_kind="retention.case", subject_id=case.id):
        Watch.objects.update(due_at=timezone.now())
    look_again(str(Watch.objects.first().id), actor=JOB)
    case.refresh_from_db()
    assert case.state == "open", "what was restored is taken for the residue"


def test_one_worker_at_a_time_while_a_store_is_listed_afresh(world, case, shelf, monkeypatch):
    monkeypatch.setattr(leases, "TERM", dt.timedelta(seconds=2))
    approved(world, case)
    step, second = case.steps.get(), []

    def pages(self):
        for page in real(self):
            time.sleep(0.9)  # a bucket of a million objects takes longer than thirty seconds to list
            second.append(leases.take_lease(step.id))
            yield page

    real = ShelfConnector.pages
    monkeypatch.setattr(ShelfConnector, "pages", pages)
    work_step(str(step.id), actor=JOB)
    assert len(second) == 3
    assert not any(second), "another one began to list, too: one more every thirty seconds"
