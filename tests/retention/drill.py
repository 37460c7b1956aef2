"""A deletion in processes of its own, which can be killed: ``python -m tests.retention.drill prepare|work|report``."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import os
import sys
import time
import uuid
from typing import Any

import django


def prepare(endpoint: str, bucket: str, key: str, secret: str) -> dict[str, Any]:
    """A terminated tenant with one bucket, planned, signed and begun; gives the case's and the step's id."""
    from django.conf import settings

    from auditlog.actors import job_actor
    from retention.models import DeletionCase
    from retention.services.connections import set_connection
    from retention.services.deciding import ask_deletion
    from retention.services.plans import ask_plan, count_item
    from retention.services.starting import start_due_cases
    from tests.tenants.world import data_store, terminate
    from tests.world import World

    settings.RETENTION_COOLING_OFF = dt.timedelta(0)
    world = World()
    store = data_store(world, "files", selector=f"{bucket}/acme/", account="", backup_days=None)
    set_connection(
        actor=world.actor("privacy_officer"), store_id=store.id, settings={"endpoint_url": endpoint},
        secrets={"access_key_id": key, "secret_access_key": secret},
    )  # fmt: skip
    terminate(world)
    case = DeletionCase.objects.get(tenant=world.tenant)
    plan = ask_plan(actor=world.actor("privacy_officer"), case_id=case.id)
    for item in plan.items.all():
        count_item(str(item.id), actor=job_actor("drill"))
    approval = ask_deletion(actor=world.actor("privacy_officer"), case_id=case.id)
    world.sign("second_privacy_officer", approval)
    start_due_cases()
    item = case.steps.get().item
    return {"case": str(case.id), "step": str(case.steps.get().id), "planned": item.objects_found}


def work(step_id: str, on: str = "") -> None:
    """A worker: slices of the step, until it is verified. Leases are short, so that a drill is.

    ``on``: while a writer goes on, a store that happened to be empty is swept again, until somebody kills us.
    """
    from auditlog.actors import job_actor
    from retention.connectors.s3 import S3Connector
    from retention.models import Step
    from retention.services import leases
    from retention.services.steps import work_step
    from retention.vocabulary import SETTLED

    leases.TERM = dt.timedelta(seconds=float(os.environ.get("LEASE", "3")))
    S3Connector.batch = int(os.environ.get("BATCH", S3Connector.batch))
    _slow_down(float(os.environ.get("PAUSE", "0")))
    while (settled := Step.objects.get(pk=step_id).state in SETTLED) is False or on:
        if settled:
            again(step_id)
        else:
            work_step(step_id, actor=job_actor("drill"))
        time.sleep(0.1)


def _slow_down(seconds: float) -> None:
    """Each call takes so much longer: a quick server would else be done before anybody can place a hold."""
    from retention.connectors.s3 import S3Connector

    real = S3Connector.erase

    def slow(self: S3Connector, items: Any) -> Any:
        time.sleep(seconds)
        return real(self, items)

    S3Connector.erase = slow  # type: ignore[method-assign]


def again(step_id: str) -> dict[str, str]:
    """Somebody wrote after the store was verified: sweep it once more under its approval, as after a restore."""
    from auditlog.actors import job_actor
    from auditlog.errors import StateError
    from retention.models import Step
    from retention.services.replaying import replay_tombstones
    from retention.vocabulary import SETTLED

    if Step.objects.get(pk=step_id).state in SETTLED:
        with contextlib.suppress(StateError):  # the other worker was first
            replay_tombstones(actor=dataclasses.replace(job_actor("drill"), source="command"), store_key="files")
    return {"state": Step.objects.get(pk=step_id).state}


def hold(step_id: str, after: str) -> dict[str, Any]:
    """Place a legal hold as soon as ``after`` items are gone, and wait until it has taken effect."""
    from retention.models import Step
    from retention.services.holds import place_hold
    from tests.tenants.world import day

    step, officer = Step.objects.get(pk=step_id), _officer()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while step.destroyed < int(after):
        time.sleep(0.01)
        step.refresh_from_db()
    placed = time.monotonic()
    row = place_hold(
        actor=officer, tenant_id=step.case.tenant_id, matter="Case 12 O 34/26", reason="The court asked for it.",
        owner_id=officer.id, review_on=day(90),
    )  # fmt: skip
    while row.effective_at is None:
        time.sleep(0.02)
        row.refresh_from_db()
    return {"hold": str(row.id), "seconds": time.monotonic() - placed}


def lift(hold_id: str) -> None:
    """The matter is settled."""
    from retention.services.holds import lift_hold

    lift_hold(actor=_officer(), hold_id=uuid.UUID(hold_id), reason="Settled.")


def _officer() -> Any:
    """The privacy officer, in a web session with a second factor verified just now."""
    from django.utils import timezone

    from governance.authority import actor_for_person, session_digest
    from governance.models import Person

    person = Person.objects.get(email="privacy_officer@example.com")
    return actor_for_person(
        person, source="web", request_id="drill", verified_at=timezone.now(), method="totp",
        session_id=session_digest("drill"),
    )  # fmt: skip


def report(step_id: str) -> dict[str, Any]:
    """The step's account, and whether its batches add up to it."""
    from django.db.models import Sum

    from retention.models import Step

    step = Step.objects.get(pk=step_id)
    sums = step.batches.aggregate(
        intended=Sum("intended"), gone=Sum("acknowledged"), kept=Sum("kept"), again=Sum("repeated")
    )
    return {
        "state": step.state, "destroyed": step.destroyed, "repeated": step.repeated, "kept": step.kept,
        "sweeps": step.sweeps, "trouble": step.trouble, "case": step.case.state, "sums": sums,
        "open": step.batches.filter(state="intended").count(),
        "leaves": sum(len(bytes(blob)) for blob in step.batches.values_list("leaves", flat=True)) // 32,
    }  # fmt: skip


if __name__ == "__main__":
    django.setup()
    given = globals()[sys.argv[1]](*sys.argv[2:])
    if given is not None:
        print(json.dumps(given))
