"""Addresses of deletion cases and of the calendar, and who gets through."""

from __future__ import annotations

from typing import Any

from tests.matrix import Route
from tests.retention import walk
from tests.tenants.world import data_store, day

READ = {"privacy_officer", "auditor", "administrator"}
ACT = {"privacy_officer"}
WHY = {"reason": "The customer wrote on 3 March."}


def _case(name: str) -> Any:
    return lambda world: {"case_id": getattr(world, name).id}


def _step(name: str) -> Any:
    return lambda world: {"step_id": getattr(world, name).steps.all()[0].id}


def more_cases(world: Any) -> None:
    """Twenty more cases, with a store each."""
    for _n in range(20):
        walk.opened(world)


def more_stores(world: Any) -> None:
    """Twenty more stores of a case that is counted."""
    for n in range(20):
        facts = {
            "kind": "attested",
            "selector": f"Vault {n}",
            "account": "",
            "region": "eu-west-1",
            "backup_days": None,
        }
        data_store(world, f"vault-{n}", world.planned_case.tenant, **facts)
    walk.planned(world, world.planned_case)


ROUTES = [
    Route("retention:room", READ),
    Route("retention:case_list", READ, grow=more_cases),
    Route("retention:case_export", READ, args=lambda w: {"form": "csv"}, grow=more_cases),
    Route("retention:case_open", ACT),
    Route(
        "retention:case_open", ACT, "POST",
        data=lambda w: {"tenant": w.other_tenant.id, "received_on": day(0).isoformat()},
    ),
    Route("retention:case_read", READ, args=_case("planned_case"), grow=more_stores),
    Route("retention:case_read", READ, args=_case("running_case")),
    Route("retention:case_progress", READ, args=_case("running_case")),
    Route("retention:case_count", ACT, "POST", args=_case("open_case")),
    Route("retention:case_mode", ACT, args=_case("open_case")),
    Route("retention:case_mode", ACT, "POST", args=_case("open_case"), data=lambda w: {"mode": "return"}),
    Route("retention:case_ask", ACT, "POST", args=_case("planned_case")),
    Route("retention:case_cancel", ACT, args=_case("open_case")),
    Route("retention:case_cancel", ACT, "POST", args=_case("open_case"), data=lambda w: WHY),
    Route("retention:case_call_off", ACT, args=_case("cooling_case")),
    Route("retention:case_call_off", ACT, "POST", args=_case("cooling_case"), data=lambda w: WHY),
    Route("retention:case_certify", ACT, "POST", args=_case("verified_case")),
    Route("retention:case_return", ACT, args=_case("returning_case")),
    Route(
        "retention:case_return", ACT, "POST", args=_case("returning_case"),
        data=lambda w: {"destination": "customers-own/acme/", "region": "eu-west-1"},
    ),
    Route("retention:case_return_retry", ACT, "POST", args=_case("returning_case")),
    Route("retention:case_return_cancel", ACT, "POST", args=_case("returning_case")),
    Route("retention:case_read", READ, args=_case("returning_case")),
    Route("retention:case_read", READ, args=_case("certified_case")),
    Route("retention:case_read", READ, args=_case("certifying_case")),
    Route("retention:step_retry", ACT, "POST", args=_step("running_case")),
    Route("retention:step_attest", ACT, args=_step("running_case")),
    Route(
        "retention:step_attest", ACT, "POST", args=_step("running_case"),
        data=lambda w: {"attested_by": "Vault keeper", "statement": "All of it is destroyed."},
    ),
    Route("retention:case_calendar", READ, grow=more_cases),
    Route("retention:case_calendar_file", READ, grow=more_cases),
]  # fmt: skip
