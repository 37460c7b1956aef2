"""A queue of dispatch records at the demo company's customer, so that supervisors find work to decide about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from auditlog.actors import Actor
from console.demo.company import actor_of
from governance.authority import actor_for_account
from governance.models import ServiceAccount
from reviews.models import Queue, SourceRecord
from reviews.services.intake import Cited, Draft, submit_item
from reviews.services.queues import open_queue
from reviews.services.sources import put_source_record
from tenants.models import Tenant

KIND = "dispatch_record"
MODEL, SERVICE = "anthropic.claude-sonnet-4-5", "Claude on Bedrock"


@dataclass(frozen=True, slots=True)
class Order:
    """A work order as a technician wrote it, and what the assistant made of it."""

    number: str
    site: str
    asset: str
    words: str
    title: str
    side: str
    task: str
    criticality: str = "routine"
    text: str = ""


ORDERS = tuple(
    Order(**row) for row in yaml.safe_load((Path(__file__).parent / "files" / "work-orders.yaml").read_text("utf-8"))
)


def seed_reviews() -> None:
    """Open the queue and submit the drafts; what is there already stays as it is."""
    tenant = Tenant.objects.get(key="acme")
    if not Queue.objects.filter(tenant=tenant, kind=KIND).exists():
        open_queue(
            actor=actor_of("Jonas Berg"), tenant_id=tenant.id, kind=KIND, name="Dispatch records", seeded_percent=5,
            decision_minutes=480, high_minutes=240, critical_minutes=60, expire_minutes=10_080,
        )  # fmt: skip
    account = ServiceAccount.objects.filter(product="maintenance-assistant").first()
    if account is None:
        return
    actor = actor_for_account(account, source="command", request_id="demo")
    for order in ORDERS:
        if not SourceRecord.objects.filter(tenant=tenant, record=order.number).exists():
            seed_draft(actor, order)


def seed_draft(actor: Actor, order: Order) -> None:
    """The work order, and the dispatch record that the assistant drafted from it."""
    content = {"number": order.number, "asset": order.asset, "short_text": order.words, "type": "PM01"}
    record = put_source_record(
        actor=actor, tenant_key="acme", record=order.number, site_key=order.site, content=content
    )  # fmt: skip
    fields = [("asset", "Asset", order.asset), ("side", "Side", order.side), ("task", "Task", order.task)]
    cited = [
        Cited(record.record, record.digest, excerpt=order.words, field="task"),
        Cited(record.record, record.digest, excerpt=order.asset, field="asset"),
    ]
    draft = Draft(
        tenant="acme", site=order.site, kind=KIND, reference=order.number.replace("WO", "DR"), title=order.title,
        model=MODEL, service=SERVICE, criticality=order.criticality, text=order.text, citations=cited,
        fields=[{"name": name, "label": label, "value": value} for name, label, value in fields],
    )  # fmt: skip
    submit_item(actor=actor, draft=draft)
