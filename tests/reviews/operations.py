"""What the reviews room answers to products."""

from __future__ import annotations

import dataclasses
from typing import Any

from governance.models import ServiceAccount
from reviews.services.finality import finality_of
from reviews.services.questions import ask_about_item
from tests.matrix import Operation
from tests.reviews.world import claim, draft, item, product, reviewer, settled

SCOPE = "review:submit"
REFERENCE = "DR-of-the-matrix"


def caller(world: Any) -> ServiceAccount:
    return ServiceAccount.objects.get(pk=product(world).id)


def waiting(world: Any) -> dict[str, Any]:
    return {"item_id": item(world).id}


def approved(world: Any) -> dict[str, Any]:
    world.settled_item = settled(world, item(world))
    return {"item_id": world.settled_item.id}


def questioned(world: Any) -> dict[str, Any]:
    row = item(world)
    held = claim(world, row)
    ask_about_item(
        actor=reviewer(world, "reviewer"), item_id=row.id, epoch=held.epoch, seen_digest=row.digest,
        question="Which side?",
    )  # fmt: skip
    return {"item_id": row.id}


def submitted(world: Any) -> dict[str, Any]:
    body = dataclasses.asdict(draft(world))
    del body["idempotency_key"]
    return body


def finality(world: Any) -> Any:
    row = world.settled_item
    return finality_of(actor=product(world), item_id=row.id, digest=row.final_digest)


def listed(world: Any) -> dict[str, Any]:
    item(world, reference=REFERENCE)
    return {}


OPERATIONS = [
    Operation(
        "put_source_record", SCOPE, caller=caller, args=lambda w: {"tenant": "acme", "record": "WO-1/2"},
        body=lambda w: {"content": {"text": "Leaks."}},
    ),
    Operation("submit_review_item", SCOPE, caller=caller, body=submitted, status=201),
    Operation(
        "list_review_items", SCOPE, caller=caller, query=listed, foreign=200, hidden=lambda w: REFERENCE
    ),
    Operation("read_review_item", SCOPE, caller=caller, args=waiting),
    Operation(
        "read_finality", SCOPE, caller=caller, args=approved, query=lambda w: {"digest": w.settled_item.final_digest}
    ),
    Operation(
        "consume_finality", SCOPE, caller=caller, args=approved, body=lambda w: {"receipt": finality(w).receipt}
    ),
    Operation("withdraw_review_item", SCOPE, caller=caller, args=waiting),
    Operation(
        "answer_review_item", SCOPE, caller=caller, args=questioned, body=lambda w: {"answer": "The left one."}
    ),
]  # fmt: skip
