"""Reviews for products: send source records and drafts, learn the decision, act on it once."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field, JsonValue

from auditlog.errors import InvalidInputError
from governance.api import Cursor, Listing, bearer, idempotent, listed
from governance.api.auth import ApiRequest
from governance.vocabulary import Scope
from reviews.models import ReviewItem, SourceRecord
from reviews.queries.scopes import get_item_for, items_for
from reviews.services.closing import withdraw_item
from reviews.services.finality import consume_receipt, finality_of
from reviews.services.intake import Cited, Draft, submit_item
from reviews.services.questions import answer_question
from reviews.services.settling import final_decision, outcome, settle_item
from reviews.services.sources import put_source_record
from reviews.vocabulary import AI_LABEL

router = Router(tags=["Reviews"])
AUTH = bearer(Scope.REVIEW_SUBMIT)
HEX64 = r"^[0-9a-f]{64}$"
NAME = r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$"
MOST_NAME = 200
#: Visible text on one line.
LINE = r"^[^\x00-\x1f\x7f]+$"


class FieldIn(Schema):
    """One field of the draft."""

    name: str = Field(pattern=NAME, description="What the product calls it; `text` is taken")
    label: str = Field("", max_length=120, description="What the reviewer reads; the name if empty")
    value: str = Field(max_length=4000)


class CitationIn(Schema):
    """A source record, and what of the draft rests on it."""

    record: str = Field(min_length=1, max_length=200, description="As sent to source-records")
    digest: str = Field(pattern=HEX64, description="The record's digest when the draft was made")
    excerpt: str = Field("", max_length=4000, description="What the AI quoted")
    field: str = Field("", max_length=64, description="The draft's field that rests on it; empty: its text")
    starts: int = Field(0, ge=0, le=20_000, description="First character of that value; 0 and 0: all of it")
    ends: int = Field(0, ge=0, le=20_000)


class ItemIn(Schema):
    """A draft that a person has to decide about."""

    tenant: str = Field(min_length=1, max_length=64, description="The tenant's key")
    site: str = Field("", max_length=64, description="The key of the tenant's site")
    kind: str = Field(min_length=1, max_length=64, description="Which queue, such as dispatch_record")
    reference: str = Field(
        min_length=1, max_length=200, pattern=LINE, description="The product's own name; a newer draft supersedes"
    )  # fmt: skip
    title: str = Field(min_length=1, max_length=200, pattern=LINE)
    model: str = Field(min_length=1, max_length=120, pattern=LINE, description="The model that drafted it")
    service: str = Field(min_length=1, max_length=120, pattern=LINE, description="The AI service it ran on")
    criticality: Literal["routine", "high", "critical"] = "routine"
    fields: list[FieldIn] = Field(default_factory=list, max_length=60)
    text: str = Field("", max_length=20_000)
    citations: list[CitationIn] = Field(default_factory=list, max_length=50, description="At least one, or 422")


class ItemOut(Schema):
    """Where an item stands; the decision once it is final."""

    id: uuid.UUID
    label: Literal["AI-generated"]
    reference: str
    state: str
    digest: str
    due_at: dt.datetime
    final: bool
    verdict: str | None = None
    final_digest: str | None = None
    settled_at: dt.datetime | None = None
    reason_code: str | None = None
    reason: str | None = None
    fields: dict[str, str] | None = Field(
        default=None, description="As the reviewer left them; only of an approved record"
    )
    text: str | None = None
    edited: list[str] | None = Field(default=None, description="Names of the fields that the reviewer changed")


class ItemFilter(Cursor):
    """Which items."""

    state: str = Field("", max_length=16, description="Only those that stand so")
    reference: str = Field("", max_length=200)


class FinalityOut(Schema):
    """Whether the product may act."""

    final: bool
    verdict: str
    digest: str = Field(description="Of the record as decided; of the draft while it is not final")
    receipt: str = Field(description="Of an approved record nobody acted on yet; used once")


class ReceiptIn(Schema):
    """The receipt that finality gave."""

    receipt: str = Field(min_length=1, max_length=200)


class ReceiptOut(Schema):
    """Act now."""

    digest: str
    consumed_at: dt.datetime


class AnswerIn(Schema):
    """What the product's people answer to a reviewer's question."""

    answer: str = Field(min_length=1, max_length=2000)


class SourceIn(Schema):
    """A record as the product's system has it: its content, its digest alone, or that it is gone."""

    site: str = Field("", max_length=64)
    content: JsonValue = Field(default=None, description="Any JSON of at most 64 KiB")
    digest: str = Field("", pattern=r"^([0-9a-f]{64})?$", description="SHA-256 over the content's RFC 8785 form")
    removed: bool = False


class SourceOut(Schema):
    """The version that counts now."""

    record: str
    digest: str
    removed: bool
    received_at: dt.datetime


@router.put(
    "/source-records/{tenant}/{path:record}", response=SourceOut, auth=AUTH, summary="Keep a source record",
    operation_id="put_source_record",
)  # fmt: skip
@idempotent
def put_record(request: ApiRequest, tenant: str, record: str, source: SourceIn) -> SourceOut:
    """Send a record that drafts cite, again whenever it changes. What was cited stays beside what it became."""
    row = put_source_record(
        actor=request.actor, tenant_key=tenant, record=checked_name(record), site_key=source.site,
        content=source.content, content_digest=source.digest, removed=source.removed,
    )  # fmt: skip
    return source_out(row)


@router.post(
    "/review-items", response={201: ItemOut}, auth=AUTH, summary="Submit a draft for review",
    operation_id="submit_review_item",
)  # fmt: skip
@idempotent
def submit(request: ApiRequest, item: ItemIn) -> Status[ItemOut]:
    """Put a draft before a person. It is taken whole, or refused with every citation that does not hold named.

    Refused citations stand in `refused_citations` with a code: MISSING, REMOVED, SITE, CHANGED or RANGE.
    """
    values = item.model_dump(exclude={"citations"})
    draft = Draft(
        **values, citations=[Cited(**one.model_dump()) for one in item.citations],
        idempotency_key=request.headers.get("Idempotency-Key", "")[:200],
    )  # fmt: skip
    return Status(201, item_out(submit_item(actor=request.actor, draft=draft)))


@router.get(
    "/review-items", response=Listing[ItemOut], auth=AUTH, summary="List one's items", operation_id="list_review_items"
)
def list_items(request: ApiRequest, query: Query[ItemFilter]) -> Any:
    """What this account submitted, newest first."""
    rows = items_for(request.actor)
    if query.state:
        rows = rows.filter(state=query.state)
    if query.reference:
        rows = rows.filter(reference=query.reference)
    return listed(rows, query, ("-received_at", "id"), shaped=lambda found: [brief(row) for row in found])


@router.get(
    "/review-items/{uuid:item_id}", response=ItemOut, auth=AUTH, summary="Read an item", operation_id="read_review_item"
)
def read(request: ApiRequest, item_id: uuid.UUID) -> ItemOut:
    """Where it stands, and the decision once it is final."""
    settle_item(actor=request.actor, item_id=get_item_for(request.actor, item_id).id)
    return item_out(get_item_for(request.actor, item_id))


@router.get(
    "/review-items/{uuid:item_id}/finality", response=FinalityOut, auth=AUTH, summary="May the product act?",
    operation_id="read_finality",
)  # fmt: skip
def finality(request: ApiRequest, item_id: uuid.UUID, digest: Query[str]) -> FinalityOut:
    """Final only after a person decided about exactly this digest. An approval comes with a receipt to use once."""
    found = finality_of(actor=request.actor, item_id=item_id, digest=digest)
    return FinalityOut(final=found.final, verdict=found.verdict, digest=found.digest, receipt=found.receipt)


@router.post(
    "/review-items/{uuid:item_id}/finality/consume", response=ReceiptOut, auth=AUTH, summary="Act on it, once",
    operation_id="consume_finality",
)  # fmt: skip
@idempotent
def consume(request: ApiRequest, item_id: uuid.UUID, used: ReceiptIn) -> ReceiptOut:
    """Use the receipt just before acting. A second time is 409; with an Idempotency-Key a repeat is safe."""
    row = consume_receipt(actor=request.actor, item_id=item_id, receipt=used.receipt)
    assert row.consumed_at is not None  # noqa: S101  (consume_receipt just set it)
    return ReceiptOut(digest=row.digest, consumed_at=row.consumed_at)


@router.post(
    "/review-items/{uuid:item_id}/withdraw", response=ItemOut, auth=AUTH, summary="Withdraw an item",
    operation_id="withdraw_review_item",
)  # fmt: skip
@idempotent
def withdraw(request: ApiRequest, item_id: uuid.UUID) -> ItemOut:
    """No decision is needed any more. What is final cannot be withdrawn."""
    return item_out(withdraw_item(actor=request.actor, item_id=item_id))


@router.post(
    "/review-items/{uuid:item_id}/answer", response=ItemOut, auth=AUTH, summary="Answer a reviewer's question",
    operation_id="answer_review_item",
)  # fmt: skip
@idempotent
def answer(request: ApiRequest, item_id: uuid.UUID, answered: AnswerIn) -> ItemOut:
    """The item returns to whoever asked, and its clock goes on."""
    answer_question(actor=request.actor, item_id=item_id, answer=answered.answer)
    return item_out(get_item_for(request.actor, item_id))


def checked_name(record: str) -> str:
    """The record's name, whole; a longer one could not be cited."""
    if len(record) > MOST_NAME:
        raise InvalidInputError(_("A record's name has at most 200 characters."), field="record")
    return record


def item_out(item: ReviewItem) -> ItemOut:
    """The item with its decision."""
    return ItemOut(**outcome(item, final_decision(item)), due_at=item.due_at)


def brief(item: ReviewItem) -> ItemOut:
    """The item in a list: the verdict, not the text."""
    return ItemOut(
        id=item.id, label=AI_LABEL, reference=item.reference, state=item.state, digest=item.digest, due_at=item.due_at,
        final=item.settled_at is not None, verdict=item.verdict or None, final_digest=item.final_digest or None,
        settled_at=item.settled_at,
    )  # fmt: skip


def source_out(row: SourceRecord) -> SourceOut:
    """The record without its content."""
    return SourceOut(record=row.record, digest=row.digest, removed=row.removed, received_at=row.received_at)
