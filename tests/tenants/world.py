"""Sample rows of the register."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from tenants.services import (
    AgreementTerms,
    StoreFacts,
    close_site,
    record_agreement,
    register_site,
    register_store,
    register_tenant,
    terminate_tenant,
)


def today() -> dt.date:
    return timezone.now().date()


def day(offset: int) -> dt.date:
    """So many days from today."""
    return today() + dt.timedelta(days=offset)


def terms(**changes) -> AgreementTerms:
    """A master agreement that runs, with everything in it."""
    whole = {
        "kind": "master", "starts_on": day(-400), "ends_on": None, "customer_owns_data": True,
        "company_owns_platform": True, "evidence_digest": "ab" * 32,
    }  # fmt: skip
    return AgreementTerms(**{**whole, **changes})


def agreement(world, reference: str = "MSA-1", tenant=None, **changes):
    """One more agreement."""
    return record_agreement(
        actor=world.actor("privacy_officer"), tenant_id=(tenant or world.tenant).id, reference=reference,
        terms=terms(**changes),
    )  # fmt: skip


def facts(world, **changes) -> StoreFacts:
    """A bucket's prefix in a region that the tenant allows."""
    whole = {
        "name": "Customer files", "kind": "s3", "selector": "customer-files/acme/", "account": "112233445566",
        "region": world.tenant.allowed_regions[0], "data_classes": ("operational", "personal"), "backup_days": 35,
        "owner": "Platform team",
    }  # fmt: skip
    return StoreFacts(**{**whole, **changes})


def data_store(world, key: str = "files", tenant=None, **changes):
    """One more data store."""
    return register_store(
        actor=world.actor("privacy_officer"), tenant_id=(tenant or world.tenant).id, key=key,
        facts=facts(world, **changes),
    )  # fmt: skip


def terminate(world, tenant=None, terminated_on=None, reason: str = "Notice of 3 March."):
    """The tenant's notice."""
    return terminate_tenant(
        actor=world.actor("privacy_officer"), tenant_id=(tenant or world.tenant).id,
        terminated_on=terminated_on or today(), reason=reason,
    )  # fmt: skip


def build(world) -> None:
    """An agreement that runs, a closed site, a data store, a tenant that left."""
    keeper = world.actor("privacy_officer")
    world.contract = agreement(world)
    world.store = data_store(world)
    world.closed_site = register_site(actor=keeper, tenant_id=world.tenant.id, key="old-yard", name="Old yard")
    close_site(actor=keeper, site_id=world.closed_site.id)
    world.left_tenant = register_tenant(actor=keeper, key="left", name="Left Ltd", allowed_regions=["eu-west-1"])
    agreement(world, "MSA-L", world.left_tenant)
    terminate(world, world.left_tenant, day(-10))
