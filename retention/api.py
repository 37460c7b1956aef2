"""Deletion for products: receipts of what they erased by themselves, and requests about one person."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from ninja import Header, Router, Schema, Status
from pydantic import Field, StrictInt

from governance.api import bearer, idempotent
from governance.api.auth import ApiRequest
from governance.queries.tenants import get_tenant_for
from governance.tenants_api import LINE, Day
from governance.vocabulary import Scope
from retention.models import SubjectRequest
from retention.queries.requests import get_request_for
from retention.services.receipts import take_receipt
from retention.services.subjects import RequestFacts, take_request

router = Router(tags=["Deletion"])
AUTH = bearer(Scope.RETENTION_RECEIPT)
MOST = 2**53 - 1


class DeletionReceiptIn(Schema):
    """What a product says of a request to erase. It is verified as it was sent, byte for byte."""

    request: uuid.UUID = Field(description="The request it answers, as it was asked with")
    deleted: StrictInt = Field(ge=0, le=MOST, description="How many things it erased")
    failed: StrictInt = Field(ge=0, le=MOST, description="How many it could not erase; above 0 nothing is verified")
    verified_empty_at: dt.datetime = Field(
        description="When it looked again and found nothing (UTC), after the request"
    )


class DeletionReceiptOut(Schema):
    """What becomes of the receipt."""

    request: uuid.UUID
    verified: bool = Field(description="false: something failed, and the store is shown as blocked")
    receipt: uuid.UUID | None = Field(description="The receipt's id, for your records; null when nothing was verified")
    taken_at: dt.datetime | None


class SubjectRequestIn(Schema):
    """A customer, as the controller, asks for one person's data to be erased."""

    tenant: str = Field(min_length=1, max_length=64, description="The tenant's key")
    subject: str = Field(
        min_length=1, max_length=500, pattern=LINE,
        description="How the tenant's systems know the person. Encrypted, emptied at the end, and never given back",
    )  # fmt: skip
    reference: str = Field("", max_length=120, description="The customer's own; it may not name the person")
    asked_by: str = Field(min_length=1, max_length=200, pattern=LINE, description="Who asked on the customer's behalf")
    identity_check: str = Field(
        min_length=1, max_length=500, pattern=LINE, description="How you know that it was the customer"
    )
    received_on: Day = Field(description="The day it came in: its month starts on it")


class SubjectRequestOut(Schema):
    """Where a request stands."""

    id: uuid.UUID
    case: str = Field(description="The deletion case it opened")
    tenant: str
    reference: str
    state: str = Field(description="open, planned, awaiting_approval, executing, … certified: the case's")
    received_on: dt.date
    due_on: dt.date = Field(description="The last day anything of the person may still be there")


@router.post(
    "/deletion-receipts", response=DeletionReceiptOut, auth=AUTH, summary="Send a receipt for an erasure",
    operation_id="take_deletion_receipt",
)  # fmt: skip
@idempotent
def send_receipt(
    request: ApiRequest,
    receipt: DeletionReceiptIn,
    webhook_timestamp: Annotated[str, Header(alias="webhook-timestamp", max_length=20, pattern=r"^\d+$")],
    webhook_signature: Annotated[str, Header(alias="webhook-signature", max_length=1000)],
) -> DeletionReceiptOut:
    """Signed with the store's secret as Standard Webhooks says; `webhook-id` of the signed text is `request`.

    The same receipt again changes nothing and gets the same answer. It is signed within five minutes of being sent.
    """
    row = take_receipt(
        actor=request.actor, request_id=receipt.request, body=request.body.decode(), signature=webhook_signature,
        timestamp=webhook_timestamp,
    )  # fmt: skip
    told = {"receipt": row.id, "taken_at": row.taken_at} if row else {"receipt": None, "taken_at": None}
    return DeletionReceiptOut(request=receipt.request, verified=row is not None, **told)


@router.post(
    "/subject-requests", response={201: SubjectRequestOut}, auth=AUTH, summary="Ask to erase one person's data",
    operation_id="take_subject_request",
)  # fmt: skip
@idempotent
def take(request: ApiRequest, asked: SubjectRequestIn) -> Status[SubjectRequestOut]:
    """Take in a request; its case opens by itself, and people say which part of each store is the person's.

    The same person again while a request of theirs is open is 409, with the case's name.
    """
    tenant = get_tenant_for(request.actor, asked.tenant)
    facts = RequestFacts(**asked.model_dump(exclude={"tenant"}))
    row = take_request(actor=request.actor, tenant_id=tenant.id, facts=facts)
    return Status(201, request_out(row))


@router.get(
    "/subject-requests/{uuid:request_id}", response=SubjectRequestOut, auth=AUTH, summary="Read a request",
    operation_id="read_subject_request",
)  # fmt: skip
def read(request: ApiRequest, request_id: uuid.UUID) -> SubjectRequestOut:
    """Where it stands, and the day by which it is done. Whom it is about is not told."""
    return request_out(get_request_for(request.actor, request_id))


def request_out(row: SubjectRequest) -> SubjectRequestOut:
    """The request without whom it is about."""
    return SubjectRequestOut(
        id=row.id, case=str(row.case), tenant=row.case.tenant.key, reference=row.reference, state=row.case.state,
        received_on=row.received_on, due_on=row.case.due_on,
    )  # fmt: skip
