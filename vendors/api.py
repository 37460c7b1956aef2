"""The register for products: which AI services may be used, for what, until when."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from ninja import Query, Router, Schema
from pydantic import Field

from governance.api import Cursor, Listing, bearer, listed
from governance.vocabulary import Scope
from vendors.queries.register import Wanted, attach_standing, list_services

router = Router(tags=["Register"])

State = Literal["approved", "suspended", "lapsed", "revoked", "never"]


class ServiceFilter(Cursor):
    """Which services."""

    state: Literal["", "approved", "suspended", "lapsed", "revoked", "never"] = Field(
        "", description="Only those that stand so now"
    )
    data_class: Literal["", "operational", "personal", "sensitive"] = Field(
        "", description="Only those whose last approval names this data class"
    )
    q: str = Field("", max_length=200, description="Words in the names, the models, or what it is for")


class Reason(Schema):
    """Why a service may not be used."""

    code: str
    detail: str
    clause: str


class Allowance(Schema):
    """What a service may be used for; nothing else, and nothing that is missing here."""

    data_classes: list[str]
    environments: list[str]
    regions: list[str]
    purposes: list[str]
    models: list[str]
    conditions: str = Field(description="What else was asked for, in words")
    until: dt.datetime = Field(description="From this instant it may not be used any more (UTC)")


class RegisteredService(Schema):
    """One AI service and how it stands at this moment."""

    id: uuid.UUID
    vendor: str
    name: str
    plan: str
    hosting: str
    state: State
    allowed: Allowance | None = Field(description="Null unless the state is approved")
    reasons: list[Reason] = Field(description="Empty when approved")


@router.get(
    "/services",
    response=Listing[RegisteredService],
    auth=bearer(Scope.DECIDE),
    summary="List AI services and what each is approved for",
    operation_id="list_services",
)
def list_registered_services(request: Any, query: Query[ServiceFilter]) -> Any:
    """Every service in the register, by vendor and name, as it stands now.

    Read from the records each time: an approval that lapsed a second ago, or whose evidence was withdrawn, is not
    approved any more. What is not listed is not approved.
    """
    wanted = Wanted(words=query.q, state=query.state, data_class=query.data_class)
    return listed(list_services(wanted), query, ("vendor__name", "name", "id"), shaped=_shaped)


def _shaped(services: list[Any]) -> list[RegisteredService]:
    return [_service(service) for service in attach_standing(services)]


def _service(service: Any) -> RegisteredService:
    approval, standing = service.authorisation, service.standing
    is_live = standing is not None and standing.is_live
    return RegisteredService(
        id=service.id,
        vendor=service.vendor.name,
        name=service.name,
        plan=service.plan_tier,
        hosting=service.hosting,
        state=service.standing_now,
        allowed=_allowance(approval) if is_live else None,
        reasons=[] if is_live else _reasons(standing),
    )


def _allowance(approval: Any) -> Allowance:
    return Allowance(
        data_classes=approval.data_classes,
        environments=approval.environments,
        regions=approval.regions,
        purposes=approval.purposes,
        models=approval.models,
        conditions=approval.conditions,
        until=approval.until,
    )


def _reasons(standing: Any) -> list[Reason]:
    if standing is None:
        return [Reason(code="never_approved", detail="Nobody has approved this service.", clause="L2-5")]
    return [Reason(code=ground.code, detail=ground.text, clause=ground.clause) for ground in standing.grounds]
