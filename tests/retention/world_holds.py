"""Sample rows of holds, schedules, connections and one person's request: on a tenant of their own."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Callable
from typing import Any
from unittest import mock

from django.utils import timezone
from standardwebhooks import Webhook

from retention.models import Step
from retention.services.connections import make_signing_secret, set_connection
from retention.services.holds import lift_hold, place_hold
from retention.services.schedules import set_schedule
from retention.services.subjects import RequestFacts, take_request
from tenants.services import register_tenant
from tests.retention import walk
from tests.tenants.world import agreement, data_store, day, today

SECRET = "Very-secret/4711+key"
SUBJECT = "worker-4711"
numbers = itertools.count(1)


def hold(world: Any, tenant: Any = None, **changes: Any) -> Any:
    """A legal hold, answered for by whoever places it."""
    officer = world.actor("privacy_officer")
    facts = {
        "matter": "Arbitration 14/2026", "reason": "Order of the tribunal of 3 March.", "owner_id": officer.id,
        "review_on": day(90),
    } | changes  # fmt: skip
    return place_hold(actor=officer, tenant_id=(tenant or world.tenant).id, **facts)


def schedule(world: Any, tenant: Any = None, data_class: str = "operational", keep_days: int = 365) -> Any:
    """How long one class of data is kept."""
    return set_schedule(
        actor=world.actor("privacy_officer"), tenant_id=tenant and tenant.id, data_class=data_class,
        keep_days=keep_days, basis="contract", basis_text="Clause 7 of the master agreement.",
    )  # fmt: skip


def connected(world: Any, store: Any) -> Any:
    """An S3 store with credentials."""
    return set_connection(
        actor=world.actor("privacy_officer"), store_id=store.id,
        settings={"endpoint_url": "http://127.0.0.1:9"},
        secrets={"access_key_id": "AKIAEXAMPLE4711", "secret_access_key": SECRET},
    )  # fmt: skip


def request_facts(**changes: Any) -> RequestFacts:
    """What a customer's request says."""
    whole = {
        "subject": SUBJECT, "reference": "DSR-12", "asked_by": "Data protection office", "received_on": today(),
        "identity_check": "Called back on the number on file.",
    }  # fmt: skip
    return RequestFacts(**(whole | changes))


def taken(world: Any, tenant: Any = None, **changes: Any) -> Any:
    """A request about one person."""
    officer = world.actor("privacy_officer")
    return take_request(actor=officer, tenant_id=(tenant or world.tenant).id, facts=request_facts(**changes))


def tenant_with_stores(world: Any) -> Any:
    """A tenant with a bucket and a product of its own."""
    number = next(numbers)
    tenant = register_tenant(
        actor=world.actor("privacy_officer"), key=f"held-{number}", name=f"Held {number} Ltd",
        allowed_regions=["eu-central-1"],
    )  # fmt: skip
    agreement(world, f"MSA-{tenant.key}", tenant)
    data_store(world, "files", tenant, selector=f"held-files/{tenant.key}/")
    product = {"kind": "webhook", "name": "Assistant", "account": "", "selector": f"https://{tenant.key}.example/erase"}
    data_store(world, "product", tenant, **product)
    return tenant


def asked_product(world: Any, send: Callable[..., int] = lambda *_request: 202) -> tuple[Step, str]:
    """A deletion that has asked a product to erase, and the secret both sign with. ``send`` stands in for the network."""
    number = next(numbers)
    address = f"https://assistant-{number}.example/erase"
    tenant = walk.leaving_tenant(world, kind="webhook", selector=address, name="Assistant")
    secret = make_signing_secret(actor=world.actor("administrator"), store_id=tenant.stores.get().id)
    with mock.patch("retention.services.receipts.post", send):
        case = walk.worked(walk.started(world, walk.opened(world, tenant)))
    return case.steps.get(item__store__isnull=False), secret


def body_of_receipt(step: Step, **changes: Any) -> dict[str, Any]:
    """What a product says when it has erased."""
    now = timezone.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"request": str(step.id), "deleted": 12, "failed": 0, "verified_empty_at": now} | changes


def signed(secret: str, body: dict[str, Any], at: dt.datetime | None = None) -> dict[str, str]:
    """The headers with which a product signs its receipt."""
    at = at or timezone.now()
    signature = Webhook(secret).sign(body["request"], at, json.dumps(body))
    return {"webhook_timestamp": str(int(at.timestamp())), "webhook_signature": signature}


def build_holds(world: Any) -> None:
    """A live hold and a lifted one, schedules, connections, a request."""
    officer = world.actor("privacy_officer")
    world.held_tenant = tenant_with_stores(world)
    world.bucket = world.held_tenant.stores.get(key="files")
    world.product = world.held_tenant.stores.get(key="product")
    connected(world, world.bucket)
    world.signing_secret = make_signing_secret(actor=officer, store_id=world.product.id)
    world.hold = hold(world, world.held_tenant)
    lift_hold(actor=officer, hold_id=hold(world, world.held_tenant, matter="Audit 2025").id, reason="Settled.")
    schedule(world)
    schedule(world, world.held_tenant, "operational", 30)
    world.schedule = schedule(world, world.held_tenant, "personal", 90)
    world.subject_request = taken(world, world.held_tenant)
    world.asked_step, world.product_secret = asked_product(world)
