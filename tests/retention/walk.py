"""A deletion from termination to certificate, through the services alone and without any network."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test import override_settings

from auditlog.actors import job_actor
from auditlog.sequencer import seal
from retention.models import Certificate, DeletionCase, Plan
from retention.services.certifying import ask_certificate
from retention.services.deciding import ask_deletion
from retention.services.finishing import finish_certificate
from retention.services.plans import ask_plan, count_item
from retention.services.receipts import attest_step
from retention.services.starting import start_due_cases
from retention.services.steps import work_step
from retention.vocabulary import SETTLED
from tenants.models import Tenant
from tenants.services import register_tenant
from tests.tenants.world import agreement, data_store, terminate

JOB = job_actor("tests.worker")
numbers = itertools.count(1)


@contextmanager
def at_once() -> Iterator[None]:
    """An approved deletion starts without a time to call it off."""
    with override_settings(RETENTION_COOLING_OFF=dt.timedelta(0)):
        yield


def leaving_tenant(world: Any, key: str = "", name: str = "", **store: Any) -> Tenant:
    """A tenant with one attested data store (``store`` changes its facts) whose agreement has not ended yet."""
    number = next(numbers)
    tenant = register_tenant(
        actor=world.actor("administrator"), key=key or f"gone-{number}", name=name or f"Gone {number} Ltd",
        allowed_regions=["eu-west-1"],
    )  # fmt: skip
    agreement(world, f"MSA-{tenant.key}", tenant)
    facts = {"kind": "attested", "selector": f"Backup vault of {tenant.key}", "account": "", "backup_days": None}
    data_store(world, "vault", tenant, **(facts | {"name": "Backup vault", "region": "eu-west-1"} | store))
    return tenant


def opened(world: Any, tenant: Tenant | None = None) -> DeletionCase:
    """The case that the tenant's termination opened."""
    tenant = tenant or leaving_tenant(world)
    terminate(world, tenant)
    return DeletionCase.objects.get(tenant=tenant)


def planned(world: Any, case: DeletionCase) -> Plan:
    """Its inventory, counted to the end."""
    plan = ask_plan(actor=world.actor("privacy_officer"), case_id=case.id)
    for item in plan.items.all():
        count_item(str(item.id), actor=JOB)
    case.refresh_from_db()
    assert case.plan is not None
    return case.plan


def submitted(world: Any, case: DeletionCase) -> Any:
    """The approval, asked for by one privacy officer."""
    planned(world, case)
    return ask_deletion(actor=world.actor("privacy_officer"), case_id=case.id)


def started(world: Any, case: DeletionCase) -> DeletionCase:
    """Planned, asked for by one officer, signed by another, begun."""
    with at_once():
        world.sign("second_privacy_officer", submitted(world, case))
        start_due_cases()
    case.refresh_from_db()
    return case


def worked(case: DeletionCase, most: int = 50) -> DeletionCase:
    """What workers do, until nothing is due: connectors erase, owners are asked."""
    for _n in range(most):
        before = list(case.steps.values_list("state", "sweeps", "destroyed", "kept").order_by("pk"))
        for step in case.steps.filter(replaced_at=None):
            work_step(str(step.id), actor=JOB)
        if before == list(case.steps.values_list("state", "sweeps", "destroyed", "kept").order_by("pk")):
            break
    case.refresh_from_db()
    return case


def attested(world: Any, case: DeletionCase) -> DeletionCase:
    """The owners of what we do not reach attest."""
    waiting = case.steps.filter(replaced_at=None, item__facts__kind="attested").exclude(state__in=SETTLED)
    for step in waiting:
        attest_step(
            actor=world.actor("privacy_officer"), step_id=step.id, attested_by="Vault keeper",
            statement="All tapes were destroyed on the day.", evidence_id=None,
        )  # fmt: skip
    case.refresh_from_db()
    return case


def verified(world: Any, case: DeletionCase) -> DeletionCase:
    """Every store of the case is proved empty."""
    return attested(world, worked(started(world, case)))


def certified(world: Any, case: DeletionCase, *, again: bool = False) -> Certificate:
    """The certificate of a case that is open now (``again``: verified now), signed by another officer."""
    if not again:
        verified(world, case)
    asked = ask_certificate(actor=world.actor("privacy_officer"), case_id=case.id)
    assert world.sign("second_privacy_officer", asked)
    case.refresh_from_db()
    found: Certificate = case.certificates.order_by("-number")[0]
    return found


def finished(world: Any, case: DeletionCase) -> Certificate:
    """The same, sealed with the log's key and covered by a signed checkpoint of the log."""
    certificate = certified(world, case)
    seal()
    finish_certificate(str(certificate.id), actor=JOB)
    certificate.refresh_from_db()
    return certificate
