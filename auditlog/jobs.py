"""Work outside a request: each room declares it here, the console runs it (``console/jobs.py``).

* A **sweep** is periodic: it looks in the database for what is due and does it. Safe at any time, twice, or late.
* A **job** is one thing to do right after a change has committed. ``soon`` is a fast path only: the message to the
  worker may be lost, come twice, late, or out of order, so the change must leave in the database what a sweep needs to
  do the same work, and the job must look there first whether it is still to do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.db import transaction

from auditlog.actors import Actor

RUN_JOB = "console.job_run"


@dataclass(frozen=True, slots=True)
class Sweep:
    """A function safe to run at any time, twice, or late; ``every`` is how often it is wanted."""

    name: str
    every: dt.timedelta
    run: Callable[[], object]


SWEEPS: dict[str, Sweep] = {}
JOBS: dict[str, Callable[..., object]] = {}


def register_sweep(name: str, every: dt.timedelta, run: Callable[[], object]) -> None:
    """Declare ``run`` (``room.noun_verb``) to be called about every ``every``, by one worker at a time."""
    SWEEPS[name] = Sweep(name, every, run)


def register_job(name: str, run: Callable[..., object]) -> None:
    """Declare ``run(*args, actor=actor)`` under ``name``, for :func:`soon`. Its arguments are JSON."""
    JOBS[name] = run


def soon(name: str, *args: Any, actor: Actor, after: float = 0) -> None:
    """Run the job ``name`` once this transaction has committed (``after`` seconds); nothing when it rolls back.

    Only who asks and under which request travels (``carried``). The worker resolves the actor
    afresh, so what the person may do is judged when the job runs (I06), and a second factor does
    not travel: a job signs nothing.
    """
    if name not in JOBS:
        raise LookupError(f"No room registered the job {name!r}.")
    task = current_app.tasks[RUN_JOB]
    message = (name, list(args), carried(actor))
    transaction.on_commit(lambda: task.apply_async(message, countdown=after), robust=True)


def carried(actor: Actor) -> dict[str, str | None]:
    """What of an actor goes to the worker."""
    return {
        "kind": actor.kind,
        "id": str(actor.id),
        "label": actor.label if actor.kind == "job" else "",
        "request_id": actor.request_id,
        "acting_for": str(actor.acting_for) if actor.acting_for else None,
    }
