"""What Celery calls; each task does one thing and may come twice, late or never."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from auditlog.jobs import RUN_JOB
from console.jobs import due_sweeps, run_job, run_sweep


@shared_task(name="console.tick")
def tick() -> None:
    """Every second: hand out the sweeps that are due."""
    for name in due_sweeps():
        sweep_run.apply_async((name,), expires=30)


@shared_task(name="console.sweep_run")
def sweep_run(name: str) -> None:
    """Run one sweep, unless another worker has it."""
    run_sweep(name)


@shared_task(name=RUN_JOB)
def job_run(name: str, args: list[Any], who: dict[str, str | None]) -> None:
    """Run one job after the change that asked for it."""
    run_job(name, args, who)
