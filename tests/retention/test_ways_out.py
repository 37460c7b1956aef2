"""No state without a way out, and no work that stops without a word."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from auditlog.change import audited
from auditlog.errors import GovernanceError
from retention.connectors.base import Item, Outcome, State, TroubleError
from retention.models import DeletionCase, Step, SubjectRequest, Watch
from retention.services import steps as steps_service
from retention.services.afterwards import look_again, sweep_afterwards
from retention.services.cases import open_case
from retention.services.certifying import ask_certificate, why_not_certify
from retention.services.connections import remove_connection
from retention.services.plans import ask_plan
from retention.services.receipts import attest_step
from retention.services.steps import retry_step, sweep_steps, work_step
from retention.services.subjects import select_part, sweep_subjects
from tenants.services import register_tenant
from tests.calling import account_for, call, token_for
from tests.retention import world_holds as made
from tests.retention.shelf import FILES, ShelfConnector
from tests.retention.test_engine import JOB, approved, make_due, work
from tests.retention.test_subjects import request_of
from tests.tenants.world import agreement, data_store, day, terminate

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(settings):
    settings.RETENTION_COOLING_OFF = dt.timedelta(0)
    settings.RETENTION_FOLDERS = ["/srv"]


def locked(shelf, name, code="object_lock", until=None):
    shelf.locked[name] = Outcome(Item("file", name, "", 10), State.KEPT, code, "COMPLIANCE", until, "compliance")


def certify(world, case):
    world.sign("second_privacy_officer", ask_certificate(actor=world.actor("privacy_officer"), case_id=case.id))
    case.refresh_from_db()


@pytest.mark.parametrize("code", ["key_pending", "object_lock", "legal_hold"])
def test_residue_that_went_by_itself_closes_the_case(world, case, shelf, monkeypatch, code):
    """A key on its date, a locked object by a life-cycle rule, one under a legal hold by its owner's hand."""
    monkeypatch.setattr(steps_service, "SLICE", 0.5)
    locked(shelf, "acme/003", code, timezone.now() + dt.timedelta(days=7))
    work(approved(world, case))
    certify(world, case)
    assert case.state == "certified_with_residue"
    step = case.steps.get()
    shelf.there.clear()
    shelf.locked.clear()
    make_due(JOB, step)
    sweep_afterwards()
    for _n in range(4):
        work_step(str(step.id), actor=JOB)
    step.refresh_from_db()
    assert step.state == "verified", f"after {step.sweeps} sweeps it still waits for what is not there any more"


def test_a_lock_that_ends_while_a_late_store_is_planned_stops_nobody_else(world, case, shelf):
    locked(shelf, "acme/003", until=timezone.now() + dt.timedelta(days=7))
    work(approved(world, case))
    certify(world, case)
    data_store(world, "late", selector="/srv/late/", **FILES)
    case.refresh_from_db()
    assert case.state == "open"
    make_due(JOB, case.steps.get())
    with audited(JOB, "retention.watch.looked", subject_kind="retention.case", subject_id=case.id):
        Watch.objects.update(due_at=timezone.now())
    sweep_afterwards()  # raises StateError every five minutes: no watch is looked at, no case of anybody settled


def test_residue_due_in_the_time_to_call_it_off_skips_nothing(world, case, shelf, settings):
    locked(shelf, "acme/003", until=timezone.now() + dt.timedelta(days=7))
    work(approved(world, case))
    certify(world, case)
    data_store(world, "late", selector="/srv/late/", **FILES)
    settings.RETENTION_COOLING_OFF = dt.timedelta(hours=24)
    approved(world, case)
    assert case.state == "cooling_off"
    make_due(JOB, case.steps.get())
    sweep_afterwards()
    case.refresh_from_db()
    assert case.state == "cooling_off" or case.steps.count() == 2, "it executes, without a step for what was approved"


class SlowShelf(ShelfConnector):
    def pages(self):
        for page in super().pages():
            time.sleep(0.02)
            yield page


def test_a_store_whose_residue_takes_longer_to_list_than_a_slice_is_verified(world, case, shelf, monkeypatch):
    """As a bucket with some hundred thousand locked versions: 20 s of listing."""
    monkeypatch.setattr("tests.retention.shelf.ShelfConnector", SlowShelf)
    monkeypatch.setattr(steps_service, "SLICE", 0.1)
    shelf.page = 1
    for item in list(shelf.there):
        locked(shelf, item.name, until=timezone.now() + dt.timedelta(days=900))
    approved(world, case)
    step = case.steps.get()
    for _n in range(25):
        work_step(str(step.id), actor=JOB)
    step.refresh_from_db()
    assert (step.state, step.sweeps > 0, step.trouble) != ("running", False, ""), "for ever, and nothing is told"


def test_a_product_whose_clock_is_a_minute_ahead_can_be_certified(world):
    step, secret = made.asked_product(world)
    at = timezone.now() + dt.timedelta(minutes=1)
    body = made.body_of_receipt(step, verified_empty_at=at.isoformat())
    token = token_for(world, account_for(world, "assistant", ["retention:receipt"]))
    answer = call("POST", "/api/v1/deletion-receipts", token=token, body=body, **made.signed(secret, body))
    assert answer.status_code == 200
    case = DeletionCase.objects.get(pk=step.case_id)
    assert case.state == "verifying"
    with pytest.raises(GovernanceError):  # there is no way out for anybody
        retry_step(actor=world.actor("privacy_officer"), step_id=step.id)
    assert why_not_certify(case) == ""


def test_i53_a_store_registered_after_a_persons_data_was_verified_reopens_the_request(world, shelf):
    agreement(world)
    store = data_store(world, "files", selector="/srv/acme/", data_classes=("personal",), **FILES)
    case = request_of(world).case
    officer = world.actor("privacy_officer")
    select_part(actor=officer, case_id=case.id, store_id=store.id, selector="/srv/acme/4711/")
    work(approved(world, case))
    assert case.state == "verifying"
    late = data_store(world, "late", selector="/srv/late/", data_classes=("personal",), **FILES)
    sweep_steps()
    sweep_afterwards()
    case.refresh_from_db()
    refusals = []
    for attempt in (
        lambda: select_part(actor=officer, case_id=case.id, store_id=late.id, selector="", is_none=True),
        lambda: ask_plan(actor=officer, case_id=case.id),
        lambda: ask_certificate(actor=officer, case_id=case.id),
    ):
        try:
            attempt()
        except GovernanceError as refusal:
            refusals.append(refusal.message)
        else:
            return
    raise AssertionError(f"no way out of {case.state}: {refusals}")


def test_two_hundred_steps_under_a_hold_starve_nobody(world, case, shelf, monkeypatch):
    approved(world, case)
    step = case.steps.get()
    with audited(JOB, "retention.step.begun", subject_kind="retention.case", subject_id=case.id):
        Step.objects.filter(pk=step.pk).update(retry_at=timezone.now() - dt.timedelta(minutes=5))
    other = register_tenant(
        actor=world.actor("administrator"), key="other", name="Other Ltd", allowed_regions=world.tenant.allowed_regions
    )
    agreement(world, "MSA-O", other)
    for n in range(200):
        data_store(world, f"f{n}", other, selector=f"/srv/other/{n}/", **FILES)
    terminate(world, other)
    theirs = approved(world, DeletionCase.objects.get(tenant=other))
    made.hold(world, other)
    woken = []
    monkeypatch.setattr(steps_service, "soon", lambda job, step_id, actor: woken.append(step_id))
    for _n in range(3):
        sweep_steps()
    assert theirs.steps.count() == 200
    assert str(step.id) in woken, "its worker was killed, and no sweep ever finds it"


def test_a_watch_that_could_not_look_looks_again(world, case, shelf):
    work(approved(world, case))
    with audited(JOB, "retention.watch.looked", subject_kind="retention.case", subject_id=case.id):
        Watch.objects.update(due_at=timezone.now() - dt.timedelta(minutes=1))
    shelf.trouble = TroubleError("unreachable", "ConnectTimeoutError")
    for watch in Watch.objects.all():
        look_again(str(watch.id), actor=JOB)
    shelf.trouble = None
    shelf.there.add(Item("file", "acme/restored", "", 10))
    assert not Watch.objects.exclude(looked_at=None).exists()
    with audited(JOB, "retention.watch.looked", subject_kind="retention.case", subject_id=case.id):
        Watch.objects.update(due_at=timezone.now())  # an hour later
    for watch in Watch.objects.all():
        look_again(str(watch.id), actor=JOB)
    case.refresh_from_db()
    assert case.state == "open", "a minute without a network, and a restore is never noticed"


def test_a_tenant_whose_customer_asked_for_deletion_can_be_terminated(world):
    tenant = register_tenant(
        actor=world.actor("administrator"), key="asked", name="Asked Ltd", allowed_regions=["eu-central-1"]
    )
    agreement(world, "MSA-A", tenant, ends_on=day(-10))
    open_case(actor=world.actor("privacy_officer"), tenant_id=tenant.id, received_on=day(0))
    terminate(world, tenant)  # IntegrityError: retention_case_once


def test_a_finished_request_is_forgotten_though_one_of_its_stores_is_not_watched(world, shelf):
    agreement(world)
    store = data_store(world, "files", selector="/srv/acme/", data_classes=("personal",), **FILES)
    vault = data_store(
        world, "vault", kind="attested", selector="Vault", account="", backup_days=None, data_classes=("personal",)
    )
    case = request_of(world).case
    officer = world.actor("privacy_officer")
    select_part(actor=officer, case_id=case.id, store_id=store.id, selector="/srv/acme/4711/")
    select_part(actor=officer, case_id=case.id, store_id=vault.id, selector="Tape 4711")
    work(approved(world, case))
    step = case.steps.get(item__store=vault)
    attest_step(actor=officer, step_id=step.id, attested_by="Keeper", statement="Burnt.", evidence_id=None)
    certify(world, case)
    assert case.state == "certified"
    with audited(JOB, "retention.watch.looked", subject_kind="retention.case", subject_id=case.id):
        Watch.objects.update(looked_at=timezone.now())
    sweep_subjects()
    assert not SubjectRequest.objects.exclude(sealed_subject="").exists()


def test_i57_a_restored_store_is_swept_though_a_finished_request_was_in_it(world, shelf, settings, tmp_path):
    settings.AUDITLOG_KEYS_DIR = tmp_path
    agreement(world)
    store = data_store(world, "files", selector="/srv/acme/", data_classes=("personal",), **FILES)
    case = request_of(world).case
    officer = world.actor("privacy_officer")
    select_part(actor=officer, case_id=case.id, store_id=store.id, selector="/srv/acme/4711/")
    work(approved(world, case))
    certify(world, case)
    with audited(JOB, "retention.watch.looked", subject_kind="retention.case", subject_id=case.id):
        Watch.objects.update(looked_at=timezone.now())
    sweep_subjects()
    call_command("replay_tombstones", store="files")
    case.refresh_from_db()
    assert case.state == "certified", f"{case.state} for good: whose part it was is not kept any more"


def test_i57_a_restored_store_is_swept_while_its_case_is_open_again(world, case, shelf, settings, tmp_path):
    settings.AUDITLOG_KEYS_DIR = tmp_path
    work(approved(world, case))
    certify(world, case)
    data_store(world, "late", selector="/srv/late/", **FILES)
    shelf.there.add(Item("file", "acme/003", "", 10))
    call_command("replay_tombstones", store="files")  # StateError: nothing is swept, of this tenant or the next
    assert shelf.there == set()


def test_a_receipt_for_a_store_whose_connection_was_removed_is_refused(world):
    step, secret = made.asked_product(world)
    remove_connection(actor=world.actor("privacy_officer"), store_id=step.item.store_id)
    body = made.body_of_receipt(step)
    token = token_for(world, account_for(world, "assistant", ["retention:receipt"]))
    calm = Client(raise_request_exception=False)
    answer = call("POST", "/api/v1/deletion-receipts", token=token, body=body, client=calm, **made.signed(secret, body))
    assert answer.status_code < 500, "EmptyWebhookSecretError is no ValueError"
