"""The register for the company's own systems: tenants, sites, agreements, data stores, terminations."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Annotated, Any, Literal, cast

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import BeforeValidator, Field, StrictBool

from auditlog.errors import NotFoundError
from governance.api import Cursor, Listing, bearer, idempotent, listed
from governance.api.auth import ApiRequest
from governance.queries.tenants import Wanted, gaps_of, get_tenant_for, tenants_for
from governance.vocabulary import Scope
from tenants.models import Agreement, DataStore, Site, Tenant
from tenants.selectors import LONGEST
from tenants.services import (
    AgreementTerms,
    StoreFacts,
    close_site,
    edit_tenant,
    end_agreement,
    put_agreement,
    put_site,
    put_store,
    register_tenant,
    terminate_tenant,
    withdraw_store,
)

router = Router(tags=["Tenants"])
AUTH = bearer(Scope.TENANTS_WRITE)
KEY = r"^[a-z0-9][a-z0-9-]{0,62}$"
#: Visible text on one line, with something in it.
LINE = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
REGION = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
HEX64 = r"^([0-9a-f]{64})?$"
Region = Annotated[str, Field(pattern=REGION, max_length=40)]
Regions = Annotated[list[Region], Field(min_length=1, max_length=40, description="Where its data may lie")]
TenantStands = Literal["active", "terminating", "terminated"]
AgreementStands = Literal["upcoming", "running", "ended"]
TenantName = Annotated[str, Field(min_length=1, max_length=120, pattern=LINE)]


def _iso(value: Any) -> Any:
    """A day as ISO writes it; a number is none, whatever it could be made to mean."""
    if value is None or (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII)):
        return value
    raise ValueError(_("A day is written as 2026-01-31."))


Day = Annotated[dt.date, BeforeValidator(_iso)]


class TenantIn(Schema):
    """A customer whose data is kept apart."""

    key: str = Field(pattern=KEY, description="Its stable name in your systems; it never changes")
    name: TenantName
    allowed_regions: Regions


class TenantPatch(Schema):
    """What of a tenant may change; what is left out stays."""

    name: TenantName | None = None
    allowed_regions: Regions | None = None


class SiteIn(Schema):
    """A plant, shop or office."""

    name: TenantName


class ClosingIn(Schema):
    """As of when a site is closed."""

    closed_on: Day | None = Field(None, description="Today, if left out; never later")


class AgreementIn(Schema):
    """What was agreed, whole: what is left out is not agreed."""

    kind: Literal["master", "subscription", "order", "processing", "pilot", "other"]
    starts_on: Day
    ends_on: Day | None = Field(None, description="The last day; null: no end")
    customer_owns_data: StrictBool = Field(
        False, description="The customer owns source data, inputs and outputs (LD-1)"
    )
    company_owns_platform: StrictBool = Field(
        False, description="The company owns the platform and its LLM technology (LD-2)"
    )
    evidence_digest: str = Field("", pattern=HEX64, description="SHA-256 of the signed document, hex")


class EndingIn(Schema):
    """As of when an agreement is ended before its time."""

    ended_on: Day = Field(description="The first day without it; today or earlier")
    reason: str = Field(min_length=1, max_length=500, pattern=LINE)


class TerminationIn(Schema):
    """As of when a tenant is terminated."""

    terminated_on: Day = Field(description="The first day without an agreement (UTC); may lie ahead")
    reason: str = Field(min_length=1, max_length=500, pattern=LINE)


class StoreIn(Schema):
    """A place where the tenant's data lies, whole: what is left out is not so."""

    name: TenantName
    kind: Literal["s3", "sql", "filesystem", "webhook", "attested"]
    selector: str = Field(
        min_length=1, max_length=LONGEST, pattern=LINE, description="Which part is the tenant's, such as files/acme/"
    )
    region: Region = Field(description="Where it lies; one that the tenant allows")
    account: str = Field("", max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$", description="At the provider; no secrets")
    data_classes: list[Literal["operational", "personal", "sensitive"]] = Field(min_length=1, max_length=3)
    backup_days: int | None = Field(
        None, ge=0, le=3660, strict=True, description="Until the last backup is gone; null: there are no backups"
    )
    owner: TenantName = Field(description="The team that answers for it")


class WithdrawalIn(Schema):
    """Why a data store is taken out of the register."""

    reason: str = Field(min_length=1, max_length=500, pattern=LINE)


class StoreOut(Schema):
    """A data store as it is recorded now."""

    id: uuid.UUID
    key: str
    name: str
    kind: str
    selector: str
    region: str
    account: str
    data_classes: list[str]
    backup_days: int | None
    owner: str
    withdrawn_at: dt.datetime | None


class SiteOut(Schema):
    """A site."""

    key: str
    name: str
    closed_on: dt.date | None


class AgreementOut(Schema):
    """An agreement, and where it stands today."""

    reference: str
    state: AgreementStands
    kind: str
    starts_on: dt.date
    ends_on: dt.date | None
    ended_on: dt.date | None = Field(description="The first day without it, when it was ended before its time")
    customer_owns_data: bool
    company_owns_platform: bool
    evidence_digest: str


class TenantOut(Schema):
    """A tenant, and where it stands today."""

    id: uuid.UUID
    key: str
    name: str
    allowed_regions: list[str]
    state: TenantStands
    registered_at: dt.datetime
    terminated_on: dt.date | None
    due_on: dt.date | None = Field(description="The last day anything of it may still be there: thirty days later")
    missing: list[str] = Field(
        description="no_agreement, not_running, ownership_term, platform_term, document: what is still to be recorded"
    )
    sites: list[SiteOut]
    agreements: list[AgreementOut]


class TenantFilter(Cursor):
    """Which tenants."""

    q: str = Field("", max_length=100, description="In the name or the key")
    state: str = Field("", max_length=16, description="active, terminating, terminated, or missing")


@router.get("/tenants", response=Listing[TenantOut], auth=AUTH, summary="List tenants", operation_id="list_tenants")
def list_tenants(request: ApiRequest, query: Query[TenantFilter]) -> Any:
    """By key. `state=missing` finds those of which something is still to be recorded."""
    rows = tenants_for(request.actor, Wanted(words=query.q, state=query.state))
    return listed(rows, query, ("key", "id"), shaped=lambda found: [tenant_out(row) for row in found])


@router.post(
    "/tenants", response={201: TenantOut}, auth=AUTH, summary="Register a tenant", operation_id="register_tenant"
)
@idempotent
def register(request: ApiRequest, tenant: TenantIn) -> Status[TenantOut]:
    """Add a customer. An account bound to one tenant may not."""
    row = register_tenant(actor=request.actor, **tenant.model_dump())
    return Status(201, answered(request, row.key))


@router.get(
    "/tenants/{key}", response=TenantOut, auth=AUTH, summary="Read a tenant", operation_id="read_tenant",
    url_name="tenant",
)  # fmt: skip
def read(request: ApiRequest, key: str) -> TenantOut:
    """Its sites and agreements, and the day by which all of it is gone once it is terminated."""
    return answered(request, key)


@router.patch(
    "/tenants/{key}", response=TenantOut, auth=AUTH, summary="Edit a tenant", operation_id="edit_tenant",
    url_name="tenant",
)  # fmt: skip
@idempotent
def edit(request: ApiRequest, key: str, tenant: TenantPatch) -> TenantOut:
    """Change its name or its regions. Its key, its termination and its due date never change."""
    row = get_tenant_for(request.actor, key)
    name = row.name if tenant.name is None else tenant.name
    regions = row.allowed_regions if tenant.allowed_regions is None else tenant.allowed_regions
    if (name, sorted(set(regions))) != (row.name, row.allowed_regions):
        edit_tenant(actor=request.actor, tenant_id=row.id, name=name, allowed_regions=regions)
    return answered(request, key)


@router.put(
    "/tenants/{key}/sites/{site}", response=TenantOut, auth=AUTH, summary="Keep a site", operation_id="put_site"
)
@idempotent
def keep_site(request: ApiRequest, key: str, site: str, kept: SiteIn) -> TenantOut:
    """Register a site, or correct its name. Nothing happens when it is so already."""
    row = get_tenant_for(request.actor, key)
    put_site(actor=request.actor, tenant_id=row.id, key=site, name=kept.name)
    return answered(request, key)


@router.post(
    "/tenants/{key}/sites/{site}/close", response=TenantOut, auth=AUTH, summary="Close a site",
    operation_id="close_site",
)  # fmt: skip
@idempotent
def close(request: ApiRequest, key: str, site: str, closing: ClosingIn) -> TenantOut:
    """Nothing new is given or opened for it; what there is stays."""
    row = get_tenant_for(request.actor, key)
    found: Site | None = row.sites.filter(key=site).first()
    if found is None:
        raise NotFoundError(_("There is no such site."))
    close_site(actor=request.actor, site_id=found.id, closed_on=closing.closed_on)
    return answered(request, key)


@router.put(
    "/tenants/{key}/agreements/{reference}", response=TenantOut, auth=AUTH, summary="Keep an agreement",
    operation_id="put_agreement",
)  # fmt: skip
@idempotent
def keep_agreement(request: ApiRequest, key: str, reference: str, agreement: AgreementIn) -> TenantOut:
    """Record an agreement, or edit it. Nothing happens when it says so already. What was ended stays as it was."""
    row = get_tenant_for(request.actor, key)
    terms = AgreementTerms(**agreement.model_dump())
    put_agreement(actor=request.actor, tenant_id=row.id, reference=reference, terms=terms)
    return answered(request, key)


@router.post(
    "/tenants/{key}/agreements/{reference}/end", response=TenantOut, auth=AUTH, summary="End an agreement",
    operation_id="end_agreement",
)  # fmt: skip
@idempotent
def end(request: ApiRequest, key: str, reference: str, ending: EndingIn) -> TenantOut:
    """End it before its time. The tenant goes on: to start its thirty days, terminate the tenant."""
    row = get_tenant_for(request.actor, key)
    found: Agreement | None = row.agreements.filter(reference=reference).first()
    if found is None:
        raise NotFoundError(_("There is no such agreement."))
    end_agreement(actor=request.actor, agreement_id=found.id, **ending.model_dump())
    return answered(request, key)


@router.get(
    "/tenants/{key}/stores", response=Listing[StoreOut], auth=AUTH, summary="List a tenant's data stores",
    operation_id="list_data_stores",
)  # fmt: skip
def list_stores(request: ApiRequest, key: str, query: Query[Cursor]) -> Any:
    """By key, those that were withdrawn included."""
    rows = DataStore.objects.filter(tenant_id=get_tenant_for(request.actor, key).id)
    return listed(rows, query, ("key", "id"), shaped=lambda found: [store_out(row) for row in found])


@router.put(
    "/tenants/{key}/stores/{store}", response=StoreOut, auth=AUTH, summary="Keep a data store",
    operation_id="put_data_store",
)  # fmt: skip
@idempotent
def keep_store(request: ApiRequest, key: str, store: str, kept: StoreIn) -> StoreOut:
    """Register a place where the tenant's data lies, or correct it; also after its termination, for what turns up late.

    How it is reached, and its secrets, are set by people in the console. While its data is being deleted, 409.
    """
    row = get_tenant_for(request.actor, key)
    facts = StoreFacts(**{**kept.model_dump(), "data_classes": tuple(kept.data_classes)})
    return store_out(put_store(actor=request.actor, tenant_id=row.id, key=store, facts=facts))


@router.post(
    "/tenants/{key}/stores/{store}/withdraw", response=StoreOut, auth=AUTH, summary="Withdraw a data store",
    operation_id="withdraw_data_store",
)  # fmt: skip
@idempotent
def take_out_store(request: ApiRequest, key: str, store: str, withdrawal: WithdrawalIn) -> StoreOut:
    """For a place that holds none of the tenant's data. Nothing is deleted in it; it stays in the list, with when."""
    row = get_tenant_for(request.actor, key)
    found: DataStore | None = row.stores.filter(key=store).first()
    if found is None:
        raise NotFoundError(_("There is no such data store."))
    return store_out(withdraw_store(actor=request.actor, store_id=found.id, reason=withdrawal.reason))


@router.post(
    "/tenants/{key}/terminate", response=TenantOut, auth=AUTH, summary="Terminate a tenant",
    operation_id="terminate_tenant",
)  # fmt: skip
@idempotent
def terminate(request: ApiRequest, key: str, termination: TerminationIn) -> TenantOut:
    """Its agreements end on that day and everything of it is gone by `due_on`, thirty days later.

    Once: a second time is 409, and no operation changes the date. People in the console may reinstate
    a tenant as long as nothing was decided on its termination.
    """
    row = get_tenant_for(request.actor, key)
    terminate_tenant(actor=request.actor, tenant_id=row.id, **termination.model_dump())
    return answered(request, key)


def answered(request: ApiRequest, key: str) -> TenantOut:
    """The tenant as it is now."""
    return tenant_out(get_tenant_for(request.actor, key))


def tenant_out(row: Tenant) -> TenantOut:
    """The tenant with its sites and agreements."""
    return TenantOut(
        id=row.id, key=row.key, name=row.name, allowed_regions=row.allowed_regions,
        state=cast("TenantStands", row.state.value), registered_at=row.registered_at,
        terminated_on=row.terminated_on, due_on=row.due_on, missing=gaps_of(row),
        sites=[SiteOut(key=site.key, name=site.name, closed_on=site.closed_on) for site in row.sites.all()],
        agreements=[agreement_out(one) for one in row.agreements.all()],
    )  # fmt: skip


def agreement_out(row: Agreement) -> AgreementOut:
    """The agreement, and where it stands today."""
    return AgreementOut(
        reference=row.reference, state=cast("AgreementStands", row.state.value), kind=row.kind,
        starts_on=row.starts_on, ends_on=row.ends_on, ended_on=row.ended_on,
        customer_owns_data=row.customer_owns_data, company_owns_platform=row.company_owns_platform,
        evidence_digest=row.evidence_digest,
    )  # fmt: skip


def store_out(row: DataStore) -> StoreOut:
    """The data store, without how it is reached."""
    return StoreOut(
        id=row.id, key=row.key, name=row.name, kind=row.kind, selector=row.selector, region=row.region,
        account=row.account, data_classes=row.data_classes, backup_days=row.backup_days, owner=row.owner,
        withdrawn_at=row.withdrawn_at,
    )  # fmt: skip
