"""Cases in several states, each of a tenant of its own."""

from __future__ import annotations

from typing import Any

from retention.models import DeletionCase
from retention.services.cases import choose_mode
from retention.services.certifying import ask_certificate
from retention.services.returns import ask_return
from tests.retention import walk
from tests.tenants.world import day, terminate


def case_of(world: Any, name: str, days: int = 3, **store: Any) -> DeletionCase:
    """The case of a tenant that was terminated some days ago."""
    tenant = walk.leaving_tenant(world, name=name, **store)
    terminate(world, tenant, day(-days))
    case: DeletionCase = DeletionCase.objects.select_related("tenant").get(tenant=tenant)
    return case


def cooling(world: Any, case: DeletionCase) -> DeletionCase:
    """Approved, and still to be called off."""
    world.sign("second_privacy_officer", walk.submitted(world, case))
    case.refresh_from_db()
    return case


def build_cases(world: Any) -> None:
    """One case in each state that a page shows differently."""
    officer = world.actor("privacy_officer")
    world.open_case = case_of(world, "Open Ltd")
    world.planned_case = case_of(world, "Planned Ltd", 26)
    walk.planned(world, world.planned_case)
    world.asked_case = case_of(world, "Asked Ltd")
    walk.submitted(world, world.asked_case)
    world.cooling_case = cooling(world, case_of(world, "Cooling Ltd"))
    world.running_case = walk.worked(walk.started(world, case_of(world, "Running Ltd", 12)))
    world.verified_case = walk.verified(world, case_of(world, "Verified Ltd", 31))
    world.certifying_case = walk.verified(world, case_of(world, "Certifying Ltd", 8))
    ask_certificate(actor=officer, case_id=world.certifying_case.id)
    world.returning_case = case_of(world, "Returning Ltd", 5)
    walk.planned(world, world.returning_case)
    choose_mode(actor=officer, case_id=world.returning_case.id, mode="return")
    ask_return(
        actor=officer, case_id=world.returning_case.id, destination="customers-own/back/", settings={}, secrets={}
    )
    world.certified_case = case_of(world, "Certified Ltd", 9)
    walk.certified(world, world.certified_case)
    world.certified_case.refresh_from_db()
