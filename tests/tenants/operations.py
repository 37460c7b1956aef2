"""What the register of tenants answers to products."""

from tests.matrix import Operation
from tests.tenants.world import day

WRITE = "tenants:write"


def tenant(world):
    return {"key": world.tenant.key}


def site(world):
    return {"key": world.tenant.key, "site": world.site.key}


def recorded(world):
    return {"key": world.tenant.key, "reference": world.contract.reference}


def body_of_store(world):
    return {
        "name": "Files", "kind": "s3", "selector": "api-files/acme/", "region": world.tenant.allowed_regions[0],
        "data_classes": ["operational"], "owner": "Platform team",
    }  # fmt: skip


def store(world):
    return {"key": world.tenant.key, "store": world.store.key}


OPERATIONS = [
    Operation("list_tenants", WRITE, foreign=200, hidden=lambda world: str(world.tenant.id)),
    Operation(
        # Nobody's yet, so a bound account is told why: it registers none.
        "register_tenant", WRITE, status=201, foreign=403,
        body=lambda world: {"key": "by-api", "name": "By API", "allowed_regions": ["eu-west-1"]},
    ),
    Operation("read_tenant", WRITE, args=tenant),
    Operation("edit_tenant", WRITE, args=tenant, body=lambda world: {"name": "Acme AG"}),
    Operation("put_site", WRITE, args=site, body=lambda world: {"name": "North works"}),
    Operation("close_site", WRITE, args=site, body=lambda world: {}),
    Operation(
        "put_agreement", WRITE, args=recorded, body=lambda world: {"kind": "master", "starts_on": "2026-01-01"}
    ),
    Operation(
        "end_agreement", WRITE, args=recorded,
        body=lambda world: {"ended_on": day(0).isoformat(), "reason": "Replaced by another."},
    ),
    Operation("list_data_stores", WRITE, args=tenant),
    Operation("put_data_store", WRITE, args=store, body=body_of_store),
    Operation("withdraw_data_store", WRITE, args=store, body=lambda world: {"reason": "Held none of it."}),
    Operation(
        "terminate_tenant", WRITE, args=tenant,
        body=lambda world: {"terminated_on": day(60).isoformat(), "reason": "Notice of 3 March."},
    ),
]  # fmt: skip
