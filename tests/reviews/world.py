"""Queues, a product, its source records and drafts, as far along as a test wants them."""

from __future__ import annotations

import dataclasses
import itertools
import uuid
from typing import Any
from unittest import mock

from auditlog.actors import Actor, job_actor
from governance.canonical import canonical, digest
from governance.models import ServiceAccount
from governance.services.people import add_person
from governance.services.service_accounts import add_service_account
from reviews.models import Claim, Decision, Question, Queue, ReviewItem, Seed, SourceRecord
from reviews.services import seeding
from reviews.services.claims import claim_item
from reviews.services.decisions import decide_item, needs_step_up
from reviews.services.drafts import open_source
from reviews.services.finality import finality_of
from reviews.services.intake import Cited, Draft, submit_item
from reviews.services.questions import ask_about_item
from reviews.services.queues import edit_queue, open_queue
from reviews.services.settling import settle_item
from reviews.services.sources import put_source_record

NUMBERS = itertools.count(1)
SITE = "north"


def product(world: Any, tenant_id: uuid.UUID | None = None, name: str = "maintenance-assistant") -> Actor:
    """The calling product's actor, with the scope to submit; its account is made once."""
    account = ServiceAccount.objects.filter(product=name, tenant_id=tenant_id).first() or add_service_account(
        actor=world.actor("administrator"), name=name.replace("-", " ").title(), product=name, environment="production",
        scopes=["review:submit"], tenant_id=tenant_id,
    )  # fmt: skip
    return Actor(
        kind="service_account", id=account.id, label=account.name, source="api", request_id="test-product",
        scopes=frozenset(account.scopes), bound_tenant_id=tenant_id,
    )  # fmt: skip


def reviewer(world: Any, name: str) -> Actor:
    """Another reviewer of the tenant, made at the first call."""
    if name not in world.person:
        world.person[name] = add_person(
            actor=world.actor("administrator"), email=f"{name}@example.com", name=name.title()
        )
        world.give(name, "reviewer", tenant_id=world.tenant.id)
    return world.actor(name)


def queue(world: Any, **rules: Any) -> Queue:
    """A queue of dispatch records of the tenant; second review and undo only where ``rules`` say so."""
    rules = {"second_review": "none", "step_up": "recent", "undo_seconds": 0, "name": "Dispatch records", **rules}
    rules.setdefault("kind", "dispatch_record")
    return open_queue(actor=world.actor("system_owner"), tenant_id=world.tenant.id, **rules)


def source(world: Any, record: str = "", *, site: str = SITE, tenant: str = "acme", **content: Any) -> SourceRecord:
    """A work order as the product's own system has it."""
    record = record or f"WO-{next(NUMBERS)}"
    content = content or {
        "asset": "Excavator A",
        "text": "L/H BUCKET CYL LEAKING.",
        "date": "2005-03-20",
        "type": "PM01",
    }
    return put_source_record(actor=product(world), tenant_key=tenant, record=record, site_key=site, content=content)


def cite(row: SourceRecord, field: str = "task", starts: int = 0, ends: int = 0) -> Cited:
    """A citation of the record as it is."""
    return Cited(
        record=row.record, digest=row.digest, excerpt="L/H BUCKET CYL LEAKING.", field=field, starts=starts, ends=ends
    )


def draft(world: Any, *, sources: list[SourceRecord] | None = None, **changes: Any) -> Draft:
    """A dispatch record that an AI drafted from one work order."""
    sources = [source(world)] if sources is None else sources
    plain = Draft(
        tenant="acme", site=SITE, kind="dispatch_record", reference=f"DR-{next(NUMBERS)}",
        title="Reseal the left bucket cylinder", model="anthropic.claude-sonnet-4-5", service="Claude on Bedrock",
        fields=[
            {"name": "asset", "label": "Asset", "value": "Excavator A"},
            {"name": "side", "label": "Side", "value": "left"},
            {"name": "task", "label": "Task", "value": "Reseal the left bucket cylinder"},
        ],
        text="The left bucket cylinder leaks. Reseal it before the next shift.",
        citations=[cite(row) for row in sources],
    )  # fmt: skip
    return dataclasses.replace(plain, **changes)


def item(world: Any, **changes: Any) -> ReviewItem:
    """A draft that waits in its queue."""
    return submit_item(actor=product(world), draft=draft(world, **changes))


def claim(world: Any, row: ReviewItem, who: str = "reviewer") -> Claim:
    """Somebody takes it."""
    return claim_item(actor=reviewer(world, who), item_id=row.id)


def decide(world: Any, row: ReviewItem, verdict: str = "approve", who: str = "reviewer", **more: Any) -> Decision:
    """Somebody takes it, opens every source, and decides."""
    actor = reviewer(world, who)
    held = claim_item(actor=actor, item_id=row.id)
    for citation in row.citations.all():
        open_source(actor=actor, item_id=row.id, citation_id=citation.id)
    if needs_step_up(row):
        more.setdefault("step_up_id", world.step_up(actor, "reviews.item.decided", row.digest).id)
    if verdict == "refuse":
        more.setdefault("reason_code", "wrong_asset")
    return decide_item(
        actor=actor, item_id=row.id, epoch=held.epoch, seen_digest=row.digest, verdict=verdict, **more
    )  # fmt: skip


def verdict(world: Any, row: ReviewItem, held: Claim, who: str = "reviewer", **more: Any) -> Decision:
    """Somebody decides with this claim, whatever became of it."""
    given = {"epoch": held.epoch, "seen_digest": row.digest, "verdict": "approve", **more}
    return decide_item(actor=world.actor(who), item_id=row.id, **given)


def settled(world: Any, row: ReviewItem, verdict: str = "approve", who: str = "reviewer", **more: Any) -> ReviewItem:
    """Decided, and in effect."""
    decide(world, row, verdict, who, **more)
    settle_item(actor=reviewer(world, who), item_id=row.id)
    return ReviewItem.objects.get(pk=row.pk)


def seeded(world: Any, **rules: Any) -> tuple[Queue, ReviewItem, Seed]:
    """A queue, a draft that was approved in it, and the seed made of that."""
    made = queue(world, **rules)
    origin = settled(world, item(world), who="origin_reviewer")
    reviewer(world, "reviewer")
    return made, origin, seed_of(world, made)


def seed_of(world: Any, row: Queue) -> Seed:
    """One more seed in the queue, whatever the share."""
    edit_queue(actor=world.actor("system_owner"), queue_id=row.id, seeded_percent=20)
    with mock.patch.object(seeding, "has_room", return_value=True):
        return seeding.make_seed(actor=job_actor("reviews.seed_make"), queue_id=row.id)


def ask(world: Any, row: ReviewItem, who: str = "reviewer") -> Question:
    """Somebody takes it and asks."""
    held = claim(world, row, who)
    return ask_about_item(
        actor=reviewer(world, who), item_id=row.id, epoch=held.epoch, seen_digest=row.digest, question="Which side?"
    )  # fmt: skip


def receipt(world: Any, row: ReviewItem) -> str:
    """The product asks whether it may act."""
    return finality_of(actor=product(world), item_id=row.id, digest=row.final_digest).receipt


def digest_of(content: Any) -> str:
    """As the product computes it."""
    return digest(canonical(content))


def build(world: Any) -> None:
    """A queue with items in several states."""
    world.queue = queue(world)
    world.item = item(world)
    world.claimed_item = item(world)
    world.claim = claim(world, world.claimed_item)
    world.final_item = settled(world, item(world))
