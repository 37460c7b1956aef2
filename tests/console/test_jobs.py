"""Sweeps and jobs: once in an interval, by one worker, as whoever asked, and never lost."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from auditlog.actors import job_actor
from auditlog.errors import AuthorityError, UnknownActorError
from auditlog.jobs import JOBS, SWEEPS, carried, register_job, register_sweep, soon
from console import jobs
from console.jobs import actor_of, due_sweeps, run_job, run_sweep, take_sweep
from console.models import SweepRun
from console.queries import sweep_report
from console.tasks import job_run, sweep_run
from governance.authority import actor_for_account
from governance.services.people import disable_person
from governance.services.service_accounts import add_service_account, disable_service_account

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def ran(monkeypatch):
    """A sweep of our own, alone; the list grows by one for each run."""
    calls = []
    monkeypatch.setattr(jobs, "SWEEPS", SWEEPS)
    kept = dict(SWEEPS)
    SWEEPS.clear()
    register_sweep("tests.sweep", 10 * MINUTE, lambda: calls.append(timezone.now()))
    yield calls
    SWEEPS.clear()
    SWEEPS.update(kept)


@pytest.fixture
def asked(monkeypatch):
    """A job of our own; the list keeps what it was called with."""
    calls = []
    monkeypatch.setitem(JOBS, "tests.job", lambda *args, actor: calls.append((args, actor)))
    return calls


def test_sweep_runs_once_in_its_interval(ran):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        assert due_sweeps() == ["tests.sweep"]
        assert run_sweep("tests.sweep")
        assert due_sweeps() == []
        assert not run_sweep("tests.sweep")
    with time_machine.travel(now + 9 * MINUTE):
        assert not run_sweep("tests.sweep")
    with time_machine.travel(now + 10 * MINUTE):
        assert due_sweeps() == ["tests.sweep"]
        sweep_run("tests.sweep")
    assert len(ran) == 2


def test_nobody_runs_what_somebody_has(ran):
    assert take_sweep(SWEEPS["tests.sweep"])
    assert not run_sweep("tests.sweep")
    assert due_sweeps() == []
    assert not ran


def test_sweep_of_a_worker_that_died_is_taken_again(ran):
    take_sweep(SWEEPS["tests.sweep"])
    with time_machine.travel(timezone.now() + jobs.LEASE + dt.timedelta(seconds=1)):
        assert due_sweeps() == ["tests.sweep"]
        assert run_sweep("tests.sweep")


def test_failure_is_noted_and_tried_again_soon(ran):
    def fail():
        raise RuntimeError("the bucket is gone")

    register_sweep("tests.sweep", 60 * MINUTE, fail)
    assert run_sweep("tests.sweep")
    row = SweepRun.objects.get()
    assert row.error == "RuntimeError: the bucket is gone"
    assert row.next_at - row.started_at == MINUTE
    assert [report.state for report in sweep_report()] == ["failing"]
    register_sweep("tests.sweep", 60 * MINUTE, lambda: None)
    with time_machine.travel(timezone.now() + 2 * MINUTE):
        run_sweep("tests.sweep")
    assert SweepRun.objects.get().error == ""


def test_who_comes_too_late_does_not_end_the_run_of_another(ran):
    old = take_sweep(SWEEPS["tests.sweep"])
    with time_machine.travel(timezone.now() + 2 * jobs.LEASE, tick=False):
        new = take_sweep(SWEEPS["tests.sweep"])
        jobs.note_finish(SWEEPS["tests.sweep"], old, "")
        assert SweepRun.objects.get().started_at == new
        assert SweepRun.objects.get().lease_until is not None


def test_unknown_sweep_is_nothing(ran):
    assert not run_sweep("tests.gone")


def test_report_says_late(ran):
    SweepRun.objects.create(name="tests.sweep", next_at=timezone.now() - 5 * MINUTE, finished_at=timezone.now())
    [report] = sweep_report()
    assert report.state == "late"
    assert report.late >= 5 * MINUTE


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_of_many_workers_runs_it(ran):
    start = threading.Barrier(8)

    def worker():
        start.wait()
        try:
            run_sweep("tests.sweep")
        finally:
            connection.close()

    for _round in range(10):
        SweepRun.objects.all().delete()
        ran.clear()
        threads = [threading.Thread(target=worker) for _n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ran) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_long_sweep_keeps_its_lease(ran, monkeypatch):
    monkeypatch.setattr(jobs, "LEASE", dt.timedelta(seconds=0.6))
    register_sweep("tests.sweep", 10 * MINUTE, lambda: time.sleep(1.5))
    thread = threading.Thread(target=lambda: (run_sweep("tests.sweep"), connection.close()))
    thread.start()
    time.sleep(1.1)
    assert due_sweeps() == []
    thread.join()


def test_soon_runs_after_commit_only(asked, world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        soon("tests.job", "a", 1, actor=world.actor("vendor_analyst"))
    assert len(callbacks) == 1
    assert not asked


def test_soon_refuses_what_nobody_registered(world):
    with pytest.raises(LookupError):
        soon("tests.nothing", actor=world.actor("vendor_analyst"))


def test_i06_job_acts_as_the_person_with_the_roles_held_now(asked, world):
    who = json.loads(json.dumps(carried(world.actor("employee", request_id="req-12345678"))))
    world.give("employee", "vendor_analyst")
    job_run("tests.job", ["x", 2], who)
    [(args, actor)] = asked
    assert args == ("x", 2)
    assert (actor.id, actor.request_id, actor.source) == (world.person["employee"].id, "req-12345678", "task")
    assert actor.holds("vendor_analyst")
    assert actor.verified_at is None, "a second factor does not travel"


def test_i03_job_of_somebody_disabled_is_refused(asked, world):
    who = carried(world.actor("employee"))
    disable_person(actor=world.actor("administrator"), person_id=world.person["employee"].id)
    with pytest.raises(UnknownActorError):
        actor_of(who)
    job_run("tests.job", [], who)
    assert not asked


def test_i03_job_of_a_product_acts_as_it_is_now_or_not_at_all(world):
    admin = world.actor("administrator")
    account = add_service_account(actor=admin, name="A", product="a", environment="sandbox", scopes=["decide"])
    who = json.loads(json.dumps(carried(actor_for_account(account, source="api", request_id="req-12345678"))))
    actor = actor_of(who)
    assert (actor.kind, actor.id, actor.source) == ("service_account", account.id, "task")
    assert actor.scopes == {"decide"}
    disable_service_account(actor=admin, account_id=account.id)
    for gone in (who, who | {"id": str(world.person["employee"].id)}, who | {"kind": "respondent"}):
        with pytest.raises(UnknownActorError):
            actor_of(gone)


def test_job_of_a_job_keeps_whom_it_acts_for(asked, world):
    job = job_actor("tests.import", acting_for=world.person["employee"].id)
    job_run("tests.job", [], carried(job))
    [(_args, actor)] = asked
    assert (actor.kind, actor.id, actor.acting_for, actor.request_id) == ("job", job.id, job.acting_for, job.request_id)


def test_refusal_ends_a_job_quietly_and_a_failure_does_not(monkeypatch, world):
    def refuse(*, actor):
        raise AuthorityError("no")

    def fail(*, actor):
        raise ZeroDivisionError

    monkeypatch.setitem(JOBS, "tests.job", refuse)
    run_job("tests.job", [], carried(world.actor("employee")))
    monkeypatch.setitem(JOBS, "tests.job", fail)
    with pytest.raises(ZeroDivisionError):
        run_job("tests.job", [], carried(world.actor("employee")))


def test_register_job_names_it(monkeypatch):
    monkeypatch.delitem(JOBS, "tests.other", raising=False)
    register_job("tests.other", print)
    assert JOBS.pop("tests.other") is print


def test_status_page_shows_every_sweep(world):
    run_sweep("outbox.messages_deliver")
    text = world.client("auditor").get(reverse("console:job_list")).content.decode()
    for name in SWEEPS:
        assert name in text
    assert "Not yet run" in text
    assert "Answers" in text
