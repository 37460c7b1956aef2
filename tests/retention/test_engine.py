"""The engine by its rules: intents before calls, answers by name, holds, kills, sweeps, receipts."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Sum
from django.utils import timezone

from auditlog.actors import job_actor
from auditlog.change import audited
from auditlog.errors import GovernanceError, SeparationOfDutiesError, StateError
from auditlog.models import Event
from retention.connectors.base import Item, Outcome, State, TroubleError
from retention.errors import StoppedError
from retention.models import Batch, DeletionCase, Lease, Receipt, Residue, Step
from retention.services.afterwards import sweep_afterwards
from retention.services.certifying import ask_certificate
from retention.services.deciding import ask_deletion
from retention.services.holds import lift_hold, place_hold
from retention.services.plans import ask_plan, count_item
from retention.services.receipts import ask_product
from retention.services.starting import start_due_cases
from retention.services.steps import retry_step, work_step
from retention.vocabulary import CaseState
from tenants.models import Agreement
from tenants.services import edit_store, withdraw_store
from tests.retention.shelf import Killed, Shelf
from tests.tenants.world import data_store, day, facts, terminate

pytestmark = pytest.mark.django_db
JOB = job_actor("tests.worker")


@pytest.fixture(autouse=True)
def _at_once(settings):
    settings.RETENTION_COOLING_OFF = dt.timedelta(0)
    settings.RETENTION_FOLDERS = ["/srv"]
    from auditlog.jobs import JOBS

    JOBS.setdefault("retention.certificate_finish", lambda *a, **k: None)


@pytest.fixture
def shelf(monkeypatch):
    monkeypatch.setattr("retention.services.erasing.FIRST_WAIT", 0)
    return Shelf([f"acme/{n:03}" for n in range(130)]).install(monkeypatch)


@pytest.fixture
def case(world, shelf):
    """A terminated tenant's case with one store."""
    data_store(world, "files", kind="filesystem", selector="/srv/acme/", account="", backup_days=None)
    terminate(world)
    return DeletionCase.objects.get(tenant=world.tenant)


def plan(world, case):
    made = ask_plan(actor=world.actor("privacy_officer"), case_id=case.id)
    for item in made.items.all():
        count_item(str(item.id), actor=JOB)
    case.refresh_from_db()
    return case


def approved(world, case):
    """Planned, asked for by one officer, signed by another, begun."""
    plan(world, case)
    approval = ask_deletion(actor=world.actor("privacy_officer"), case_id=case.id)
    world.sign("second_privacy_officer", approval)
    start_due_cases()
    case.refresh_from_db()
    return case


def work(case, most: int = 50):
    """What workers do, until nothing is due."""
    for _n in range(most):
        before = list(case.steps.values_list("state", "sweeps", "destroyed", "kept"))
        for step in case.steps.filter(replaced_at=None):
            work_step(str(step.id), actor=JOB)
        case.refresh_from_db()
        if before == list(case.steps.values_list("state", "sweeps", "destroyed", "kept")):
            break
    return case


def died(run):
    """A worker killed at this point: what it had not committed is gone, its lease stays."""
    try:
        run()
    except Killed:
        Lease.objects.update(until=timezone.now() - dt.timedelta(seconds=1))  # thirty seconds later
        return
    raise AssertionError("It was to be killed.")


def accounted(step):
    """Every batch adds up, and the step is their sum."""
    step.refresh_from_db()
    sums = step.batches.aggregate(i=Sum("intended"), a=Sum("acknowledged"), k=Sum("kept"), r=Sum("repeated"))
    assert sums["i"] == sums["a"] + sums["k"] + sums["r"]
    assert step.destroyed == sums["a"]
    return step


def test_from_termination_to_certificate(world, case, shelf):
    assert case.state == CaseState.OPEN
    approved(world, case)
    assert case.state == CaseState.EXECUTING
    work(case)
    step = accounted(case.steps.get())
    assert (step.destroyed, step.destroyed_bytes, shelf.there) == (130, 1300, set())
    assert case.state == CaseState.VERIFYING
    asked = ask_certificate(actor=world.actor("privacy_officer"), case_id=case.id)
    world.sign("second_privacy_officer", asked)
    case.refresh_from_db()
    assert case.state == CaseState.CERTIFIED
    certificate = case.certificates.get()
    assert certificate.is_final
    assert '"destroyed":"130"' in certificate.body
    assert "acme/0" not in certificate.body, "no name of anything stands in it (I58)"
    assert Event.objects.filter(action="retention.case.certified", subject_id=case.id).exists()


def test_i50_the_clock_starts_with_the_termination(world, case):
    assert case.clock_from == case.tenant.terminated_on
    assert case.due_on == case.clock_from + dt.timedelta(days=30)
    lights = {n: case.light_on(case.clock_from + dt.timedelta(days=n)) for n in (0, 24, 25, 30, 31)}
    assert lights == {0: "green", 24: "green", 25: "amber", 30: "amber", 31: "red"}


def test_i51_nothing_is_erased_while_an_agreement_runs(world, case, shelf):
    plan(world, case)
    approval = ask_deletion(actor=world.actor("privacy_officer"), case_id=case.id)
    world.sign("second_privacy_officer", approval)
    record_late_agreement(world)
    start_due_cases()
    case.refresh_from_db()
    assert case.state == CaseState.COOLING_OFF
    assert len(shelf.there) == 130


def record_late_agreement(world):
    """An agreement that runs on though its tenant is terminated: such as one found in a drawer."""
    with audited(world.actor("privacy_officer"), "tenants.agreement.recorded", subject_kind="tenants.agreement"):
        Agreement.objects.create(tenant=world.tenant, reference="FOUND", kind="master", starts_on=day(-10))


def test_i51_the_last_gate_looks_again(world, case, shelf):
    approved(world, case)
    record_late_agreement(world)
    work(case)
    assert len(shelf.there) == 130
    attempts = Event.objects.filter(action="retention.batch.intended", outcome="refused")
    assert attempts.count() == 1, "the attempt is kept, and not made again every few seconds"
    assert (case.state, case.steps.get().trouble) == ("blocked", "agreement_runs")


def hold(world, **changes):
    facts = {
        "tenant_id": world.tenant.id, "matter": "Case 12 O 34/26", "reason": "The court asked for it.",
        "owner_id": world.person["privacy_officer"].id, "review_on": day(90),
    }  # fmt: skip
    return place_hold(actor=world.actor("privacy_officer"), **(facts | changes))


def test_i52_a_hold_stops_it_in_mid_run_and_it_goes_on_to_the_exact_total(world, case, shelf):
    approved(world, case)
    held = []
    shelf.after = [None, lambda items: held.append(hold(world))]
    work(case)
    left = len(shelf.there)
    assert left == 130 - 40, "the batch that was on its way, and none after it"
    assert case.state == CaseState.HELD
    assert held[0].effective_at is None, "a call was on its way when it was placed"
    held[0].refresh_from_db()
    assert held[0].effective_at is not None
    work(case)
    assert len(shelf.there) == left
    assert case.light_on(case.due_on + dt.timedelta(days=1)) == "red", "the clock stays visible"
    lift_hold(actor=world.actor("privacy_officer"), hold_id=held[0].id, reason="Settled.")
    case.refresh_from_db()
    assert case.state == CaseState.EXECUTING
    work(case)
    assert accounted(case.steps.get()).destroyed == 130
    assert case.state == CaseState.VERIFYING


def test_i52_every_door_is_shut_and_each_attempt_is_kept(world, case):
    plan(world, case)
    hold(world)
    with pytest.raises(GovernanceError) as refused:
        ask_deletion(actor=world.actor("privacy_officer"), case_id=case.id)
    assert refused.value.code == "HELD"
    assert Event.objects.filter(action="retention.case.submitted", outcome="refused").exists()


def test_i52_a_hold_on_one_store_leaves_the_others(world, case, shelf):
    data_store(world, "vault", kind="attested", selector="Backup vault", account="", backup_days=None)
    approved(world, case)
    hold(world, store_id=case.steps.get(item__own="", item__store__key="files").item.store_id)
    work(case)
    assert len(shelf.there) == 130
    assert case.state == CaseState.EXECUTING, "the other store is still worked on"


def test_i52_nobody_is_asked_to_erase_under_a_hold(world, case):
    data_store(world, "vault", kind="attested", selector="Backup vault", account="", backup_days=None)
    approved(world, case)
    hold(world)
    work(case)
    assert not Event.objects.filter(action="retention.step.asked").exists()
    assert set(case.steps.values_list("trouble", flat=True)) == {""}
    with pytest.raises(StoppedError):  # one placed after the worker has looked
        ask_product(actor=JOB, step=case.steps.get(item__store__key="vault"))


def test_i53_a_store_registered_meanwhile_reopens_it(world, case):
    approved(world, case)
    work(case)
    assert case.state == CaseState.VERIFYING
    data_store(world, "late", kind="attested", selector="Backup vault", account="", backup_days=None)
    case.refresh_from_db()
    assert case.state == CaseState.OPEN
    with pytest.raises(StateError):
        ask_certificate(actor=world.actor("privacy_officer"), case_id=case.id)
    plan(world, case)
    assert [item.facts["key"] for item in case.plan.items.all()] == ["late"]


def test_i53_a_store_is_not_taken_out_of_the_deletion(world, case):
    store = case.tenant.stores.get(key="files")
    with pytest.raises(StateError):
        withdraw_store(actor=world.actor("privacy_officer"), store_id=store.id, reason="Not ours.")


def test_i53_a_receipt_is_taken_after_the_last_deletion(world, case):
    approved(world, case)
    work(case)
    step = case.steps.get()
    assert Receipt.objects.get(step=step).taken_at >= step.last_deleted_at
    with audited(JOB, "retention.step.begun", subject_kind="retention.case", subject_id=case.id):
        Step.objects.filter(pk=step.pk).update(last_deleted_at=timezone.now() + dt.timedelta(seconds=5))
    with pytest.raises(StateError):
        ask_certificate(actor=world.actor("privacy_officer"), case_id=case.id)


def test_i54_who_executes_never_certifies(world, case):
    approved(world, case)
    work(case)
    world.give("employee", "privacy_officer")
    asked = ask_certificate(actor=world.actor("second_privacy_officer"), case_id=case.id)
    with pytest.raises(SeparationOfDutiesError):
        world.sign("privacy_officer", asked)
    assert world.sign("employee", asked)


@pytest.mark.parametrize("where", ["faults", "after"])
@pytest.mark.parametrize("batch", [0, 3, 6])
def test_i55_killed_at_any_point_it_goes_on_from_where_it_was(world, case, shelf, where, batch):
    approved(world, case)

    def kill(items):
        raise Killed

    setattr(shelf, where, [None] * batch + [kill])
    step = case.steps.get()
    died(lambda: work_step(str(step.id), actor=JOB))
    assert Batch.objects.filter(step=step, state="intended").exists(), "the intent was committed before the call"
    work(case)
    step = accounted(step)
    assert (step.destroyed, step.repeated, shelf.there) == (130, 0, set())
    assert len(shelf.erased) == 130


def test_i55_a_worker_whose_lease_is_over_destroys_nothing(world, case, shelf):
    approved(world, case)
    step = case.steps.get()

    def taken_over(items):
        Lease.objects.filter(about=step.id).update(epoch=99)

    shelf.after = [taken_over]
    work_step(str(step.id), actor=JOB)
    assert len(shelf.erased) == 20, "the batch that was on its way, and none after it"


@pytest.mark.parametrize("code", ["denied", "vanished", "credentials"])
def test_i56_each_trouble_is_told_apart_and_blocks_its_store(world, case, shelf, code):
    approved(world, case)
    shelf.trouble = TroubleError(code, "AccessDenied on DeleteObjects")
    work(case)
    step = case.steps.get()
    assert (step.trouble, step.state, case.state) == (code, "failed", CaseState.BLOCKED)
    shelf.trouble = None
    retry_step(actor=world.actor("privacy_officer"), step_id=step.id)
    work(case)
    assert accounted(step).destroyed == 130


def test_i56_throttling_backs_off_by_itself(world, case, shelf):
    approved(world, case)
    shelf.trouble = TroubleError("throttled", "SlowDown")
    work(case)
    step = case.steps.get()
    assert (step.trouble, step.state, case.state) == ("throttled", "running", CaseState.EXECUTING)
    assert step.retry_at > timezone.now()


def test_an_item_nobody_answered_for_is_asked_again(world, case, shelf):
    approved(world, case)
    shelf.faults = [lambda items: [], lambda items: [Outcome(items[0], State.AGAIN, "throttled")]]
    work(case)
    assert accounted(case.steps.get()).destroyed == 130


def test_sweeps_go_on_until_one_finds_nothing(world, case, shelf):
    approved(world, case)
    shelf.loses = 2
    work(case)
    step = accounted(case.steps.get())
    assert (step.destroyed, shelf.there) == (130, set())
    assert step.sweeps >= 3


def test_what_was_erased_and_is_there_again_counts_once(world, case, shelf):
    approved(world, case)
    again = Item("file", "acme/000", "", 10)
    shelf.after = [None, None, lambda items: shelf.there.add(again)]
    work(case)
    step = accounted(case.steps.get())
    assert (step.destroyed, step.repeated, shelf.there) == (130, 1, set())


def test_a_store_that_lists_what_it_has_erased_blocks_at_last(world, case, shelf):
    approved(world, case)
    lies = Item("file", "acme/000", "", 10)
    shelf.after = [lambda items: shelf.there.add(lies)] * 200
    work(case)
    step = case.steps.get()
    assert (step.trouble, step.state, step.destroyed) == ("failed", "failed", 130)
    assert step.repeated >= 10


def test_what_is_locked_is_residue_until_its_date(world, case, shelf):
    approved(world, case)
    until = timezone.now() + dt.timedelta(days=40)
    name = "acme/007"
    shelf.locked = {
        name: Outcome(Item("file", name, "", 10), State.KEPT, "object_lock", "COMPLIANCE", until, "compliance")
    }
    work(case)
    step = accounted(case.steps.get())
    assert (step.destroyed, step.kept, step.state, case.state) == (129, 1, "residue", CaseState.VERIFYING)
    world.sign("second_privacy_officer", ask_certificate(actor=world.actor("privacy_officer"), case_id=case.id))
    case.refresh_from_db()
    assert case.state == CaseState.CERTIFIED_WITH_RESIDUE
    shelf.locked = {}
    make_due(JOB, step)
    sweep_afterwards()
    case.refresh_from_db()
    assert case.state == CaseState.EXECUTING
    work(case)
    step.refresh_from_db()
    assert (step.destroyed, step.kept, step.intended, step.state) == (130, 0, 130, "verified")
    assert not Residue.objects.filter(cleared_at=None).exists()
    world.sign("second_privacy_officer", ask_certificate(actor=world.actor("privacy_officer"), case_id=case.id))
    case.refresh_from_db()
    assert case.state == CaseState.CERTIFIED
    assert list(case.certificates.values_list("number", flat=True)) == [2, 1]


def make_due(actor, step):
    past = timezone.now() - dt.timedelta(seconds=1)
    with audited(actor, "retention.step.begun", subject_kind="retention.case", subject_id=step.case_id):
        Residue.objects.filter(step=step).update(until=past)
        Step.objects.filter(pk=step.pk).update(retry_at=past)


def test_i10_an_edit_after_the_signature_voids_it(world, case):
    plan(world, case)
    approval = ask_deletion(actor=world.actor("privacy_officer"), case_id=case.id)
    store = case.tenant.stores.get(key="files")
    changed = facts(world, kind="filesystem", selector="/srv/acme-new/", account="", backup_days=None)
    edit_store(actor=world.actor("privacy_officer"), store_id=store.id, facts=changed)
    assert world.sign("second_privacy_officer", approval) is None
    case.refresh_from_db()
    assert case.state == CaseState.PLANNED


def test_no_name_stays_in_the_ledger(world, case):
    approved(world, case)
    work(case)
    assert not Batch.objects.exclude(items=b"").exists()
