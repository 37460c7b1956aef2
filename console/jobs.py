"""Runs what the rooms declared in ``auditlog/jobs.py``: sweeps when they are due, jobs after their change.

Every worker of every machine may call this at any time. A sweep is taken by a conditional UPDATE of its row and held
by a lease that is renewed while it runs; when its worker is killed the lease ends and the sweep, still due, is taken by
the next.
"""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.errors import GovernanceError, UnknownActorError
from auditlog.jobs import JOBS, SWEEPS, Sweep
from console import metrics
from console.models import SweepRun
from governance.authority import actor_for_account, actor_for_person
from governance.models import Person
from governance.queries.service_accounts import find_active_account

logger = structlog.get_logger(__name__)

LEASE = dt.timedelta(seconds=30)
AFTER_FAILURE = dt.timedelta(minutes=1)


def due_sweeps() -> list[str]:
    """Names of the sweeps to run now, those never run included; one query."""
    now = timezone.now()
    later = SweepRun.objects.filter(Q(next_at__gt=now) | Q(lease_until__gt=now))
    return sorted(set(SWEEPS) - set(later.values_list("name", flat=True)))


def run_sweep(name: str) -> bool:
    """Run the sweep if it is due and nobody else runs it; gives whether it ran. Its failure is noted, not raised."""
    sweep = SWEEPS.get(name)
    started_at = take_sweep(sweep) if sweep else None
    if sweep is None or started_at is None:
        return False
    error = ""
    with structlog.contextvars.bound_contextvars(job=name, request_id=f"job-{uuid.uuid4()}"):
        try:
            with lease_renewed(name, started_at):
                sweep.run()
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"[:300]
            logger.exception("sweep_failed")
    note_finish(sweep, started_at, error)
    metrics.JOBS.labels(name, "failed" if error else "done").inc()
    return True


def take_sweep(sweep: Sweep) -> dt.datetime | None:
    """Take the sweep for one lease; its start, or ``None`` when it is not due or somebody has it."""
    now = timezone.now()
    SweepRun.objects.get_or_create(name=sweep.name, defaults={"next_at": now})
    free = SweepRun.objects.filter(Q(lease_until=None) | Q(lease_until__lte=now), name=sweep.name, next_at__lte=now)
    return now if free.update(started_at=now, lease_until=now + LEASE) else None


def note_finish(sweep: Sweep, started_at: dt.datetime, error: str) -> None:
    """Give the lease back and say when the next run is due: after a failure sooner, unless it is frequent anyway."""
    wait = min(sweep.every, AFTER_FAILURE) if error else sweep.every
    SweepRun.objects.filter(name=sweep.name, started_at=started_at).update(
        next_at=started_at + wait, lease_until=None, finished_at=timezone.now(), error=error
    )


@contextmanager
def lease_renewed(name: str, started_at: dt.datetime) -> Iterator[None]:
    """Renew the lease from a thread of its own until the block ends; a short sweep never gets so far."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(LEASE.total_seconds() / 3):
            try:
                SweepRun.objects.filter(name=name, started_at=started_at).update(lease_until=timezone.now() + LEASE)
            finally:
                connection.close()

    thread = threading.Thread(target=renew, name=f"lease of {name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def run_job(name: str, args: list[Any], who: dict[str, str | None]) -> None:
    """Run one job as the actor who asked for it, with the roles held now. A refusal is noted and ends it."""
    with structlog.contextvars.bound_contextvars(job=name, request_id=who["request_id"], actor_id=who["id"]):
        try:
            JOBS[name](*args, actor=actor_of(who))
        except GovernanceError as refusal:
            logger.warning("job_refused", refusal=refusal.code)
            metrics.JOBS.labels(name, "refused").inc()
        except Exception:
            metrics.JOBS.labels(name, "failed").inc()
            raise
        else:
            metrics.JOBS.labels(name, "done").inc()


def actor_of(who: dict[str, str | None]) -> Actor:
    """The actor that ``auditlog.jobs.carried`` described, from the database as it is now.

    Raises:
        UnknownActorError: the person or service account is gone or disabled, or it is no kind of actor
            known here (I03).
    """
    request_id = who["request_id"] or ""
    if who["kind"] == "job":
        acting_for = uuid.UUID(who["acting_for"]) if who["acting_for"] else None
        return job_actor(who["label"] or "", request_id=request_id, acting_for=acting_for)
    if who["kind"] == "service_account" and (account := find_active_account(who["id"] or "")):
        return actor_for_account(account, source="task", request_id=request_id)
    person = Person.objects.filter(pk=who["id"], is_active=True).first() if who["kind"] == "person" else None
    if person is None:
        raise UnknownActorError(_("Whoever started this job is no longer known here."))
    return actor_for_person(person, source="task", request_id=request_id)
