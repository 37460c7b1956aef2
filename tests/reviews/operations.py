"""What the reviews room answers to products."""

from governance.models import ServiceAccount
from tests.matrix import Operation
from tests.reviews import world as reviews

SUBMIT = "review:submit"


def caller(world):
    """The product that submitted the sample items."""
    return ServiceAccount.objects.get(pk=world.item.account_id)


def body_of_draft(world):
    """A draft as JSON."""
    made = reviews.draft(world)
    return {
        "tenant": made.tenant, "site": made.site, "kind": made.kind, "reference": made.reference, "title": made.title,
        "model": made.model, "service": made.service, "fields": made.fields, "text": made.text,
        "citations": [{"record": one.record, "digest": one.digest, "field": one.field} for one in made.citations],
    }  # fmt: skip


def asked_item(world):
    """An item about which a reviewer asked."""
    row = reviews.item(world)
    reviews.ask(world, row)
    return {"item_id": row.id}


OPERATIONS = [
    Operation(
        "put_source_record", SUBMIT, args=lambda world: {"tenant": "acme", "record": "WO-API"},
        body=lambda world: {"site": "north", "content": {"text": "BUCKET WON'T OPEN"}}, caller=caller,
    ),
    Operation("submit_review_item", SUBMIT, body=body_of_draft, caller=caller, status=201),
    Operation("list_review_items", SUBMIT, caller=caller, foreign=200, hidden=lambda world: str(world.item.id)),
    Operation("read_review_item", SUBMIT, args=lambda world: {"item_id": world.item.id}, caller=caller),
    Operation(
        "read_finality", SUBMIT, args=lambda world: {"item_id": world.final_item.id},
        query=lambda world: {"digest": world.final_item.final_digest}, caller=caller,
    ),
    Operation(
        "consume_finality", SUBMIT, args=lambda world: {"item_id": world.final_item.id},
        body=lambda world: {"receipt": reviews.receipt(world, world.final_item)}, caller=caller,
    ),
    Operation("withdraw_review_item", SUBMIT, args=lambda world: {"item_id": reviews.item(world).id}, caller=caller),
    Operation("answer_review_item", SUBMIT, args=asked_item, body=lambda world: {"answer": "Left."}, caller=caller),
]  # fmt: skip
