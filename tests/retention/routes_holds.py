"""Addresses of holds, schedules, connections and requests, and who gets through."""

from __future__ import annotations

from typing import Any

from tests.matrix import Route
from tests.retention import world_holds as made
from tests.tenants.world import data_store, day, today

READ = {"privacy_officer", "auditor", "administrator"}
ACT = {"privacy_officer"}
REGISTER = {"administrator", "privacy_officer"}


def _hold(world: Any) -> dict[str, Any]:
    return {"hold_id": world.hold.id}


def _bucket(world: Any) -> dict[str, Any]:
    return {"store_id": world.bucket.id}


def _part(world: Any) -> dict[str, Any]:
    return {"case_id": world.subject_request.case_id, "store_id": world.bucket.id}


def form_of_hold(world: Any) -> dict[str, Any]:
    """What one types to place a hold."""
    return {
        "tenant": str(world.held_tenant.id), "store": "", "matter": "Inquiry 7", "reason": "Letter of the authority.",
        "owner": str(world.person["privacy_officer"].id), "review_on": day(60).isoformat(),
    }  # fmt: skip


def form_of_schedule(world: Any) -> dict[str, Any]:
    """What one types to set a schedule."""
    return {
        "tenant": str(world.held_tenant.id), "data_class": "personal", "keep_days": "60", "basis": "agreed",
        "basis_text": "Annex 2.",
    }  # fmt: skip


def form_of_request(world: Any) -> dict[str, Any]:
    """What one types to take in a request."""
    return {
        "tenant": str(world.held_tenant.id), "subject": "worker-8", "reference": "DSR-13", "asked_by": "Their office",
        "identity_check": "Called back.", "received_on": today().isoformat(),
    }  # fmt: skip


def more_holds(world: Any) -> None:
    """Twenty more holds, each of another store."""
    for n in range(20):
        store = data_store(world, f"hs-{n}", world.held_tenant, selector=f"held-stores/{n}/")
        made.hold(world, world.held_tenant, store_id=store.id, matter=f"Matter {n}")


def more_schedules(world: Any) -> None:
    """Twenty more tenants with schedules of their own, each of which replaced one."""
    for _n in range(20):
        tenant = made.tenant_with_stores(world)
        made.schedule(world, tenant, "personal", 10)
        made.schedule(world, tenant, "personal", 20)


def more_requests(world: Any) -> None:
    """Twenty more requests."""
    for n in range(20):
        made.taken(world, world.held_tenant, subject=f"worker-{n}", reference=f"DSR-{n}")


ROUTES = [
    Route("retention:hold_list", READ, grow=more_holds),
    Route("retention:hold_export", READ, args=lambda w: {"form": "csv"}, grow=more_holds),
    Route("retention:hold_place", ACT),
    Route("retention:hold_place", ACT, "POST", data=form_of_hold),
    Route("retention:hold_read", READ, args=_hold, grow=more_holds),
    Route("retention:hold_review", ACT, args=_hold),
    Route(
        "retention:hold_review", ACT, "POST", args=_hold,
        data=lambda w: {"review_on": day(30).isoformat(), "reason": "It goes on."},
    ),
    Route("retention:hold_lift", ACT, args=_hold),
    Route("retention:hold_lift", ACT, "POST", args=_hold, data=lambda w: {"reason": "Settled."}),
    Route("retention:schedule_list", READ, grow=more_schedules),
    Route("retention:schedule_set", ACT),
    Route("retention:schedule_set", ACT, "POST", data=form_of_schedule),
    Route("retention:schedule_end", ACT, "POST", args=lambda w: {"schedule_id": w.schedule.id}),
    Route("retention:connection_edit", REGISTER, args=_bucket),
    Route(
        "retention:connection_edit", REGISTER, "POST", args=_bucket,
        data=lambda w: {"endpoint_url": "https://s3.example.org"},
    ),
    Route("retention:connection_check", REGISTER, "POST", args=_bucket),
    Route("retention:connection_secret", REGISTER, "POST", args=lambda w: {"store_id": w.product.id}),
    Route("retention:connection_secret", REGISTER, args=lambda w: {"store_id": w.product.id}),
    Route("retention:connection_remove", REGISTER, args=_bucket),
    Route("retention:connection_remove", REGISTER, "POST", args=_bucket),
    Route("retention:request_list", READ, grow=more_requests),
    Route("retention:request_export", READ, args=lambda w: {"form": "csv"}, grow=more_requests),
    Route("retention:request_take", ACT),
    Route("retention:request_take", ACT, "POST", data=form_of_request),
    Route("retention:request_select", ACT, args=_part),
    Route(
        "retention:request_select", ACT, "POST", args=_part,
        data=lambda w: {"selector": f"{w.bucket.selector}people/4711/"},
    ),
]  # fmt: skip
