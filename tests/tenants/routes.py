"""Who may open the register of tenants (its pages are in the governance room)."""

from __future__ import annotations

import base64
import itertools

from django.core.files.uploadedfile import SimpleUploadedFile

from tenants.services import put_agreement, register_site, register_tenant, rehearse_import
from tenants.sheet import read_sheet
from tests.matrix import Route
from tests.tenants.world import agreement, data_store, day, terms

READ = {"administrator", "auditor", "privacy_officer"}
KEEP = {"administrator", "privacy_officer"}
SHEET = b"record,tenant,key,name,allowed_regions\ntenant,from-file,,From a file,eu-west-1\n"
numbers = itertools.count()


def tenant(world):
    return {"tenant_id": world.tenant.id}


def site(world):
    return {"tenant_id": world.tenant.id, "site_id": world.site.id}


def closed(world):
    return {"tenant_id": world.tenant.id, "site_id": world.closed_site.id}


def recorded(world):
    return {"tenant_id": world.tenant.id, "agreement_id": world.contract.id}


def store(world):
    return {"tenant_id": world.tenant.id, "store_id": world.store.id}


def form_of_facts(world):
    return {
        "name": "Files", "kind": "s3", "selector": "other-files/acme/", "region": world.tenant.allowed_regions[0],
        "data_classes": ["operational"], "backup_days": "14", "owner": "Platform team",
    }  # fmt: skip


def form_of_terms(world):
    return {"kind": "order", "starts_on": "2026-01-01", "customer_owns_data": "on", "evidence_digest": ""}


def upload(world):
    return {"file": SimpleUploadedFile("register.csv", SHEET)}


def seen(world):
    plan = rehearse_import(actor=world.actor("administrator"), lines=read_sheet(SHEET).lines)
    return {"sheet": base64.b64encode(SHEET).decode(), "seen": plan.digest}


def more_tenants(world):
    """Twenty more, each with a site and an agreement."""
    keeper = world.actor("administrator")
    for _n in range(20):
        n = next(numbers)
        row = register_tenant(actor=keeper, key=f"t{n}", name=f"T {n}", allowed_regions=[f"eu-west-{n}"])
        register_site(actor=keeper, tenant_id=row.id, key="main", name="Main")
        put_agreement(actor=keeper, tenant_id=row.id, reference="MSA", terms=terms())


def more_of_a_tenant(world):
    """Twenty more sites, agreements and data stores."""
    for _n in range(20):
        n = next(numbers)
        register_site(actor=world.actor("administrator"), tenant_id=world.tenant.id, key=f"s{n}", name=f"S {n}")
        agreement(world, f"ORDER-{n}")
        data_store(world, f"store-{n}", selector=f"more-files/{n}/")


ROUTES = [
    Route("governance:tenant_list", READ, grow=more_tenants),
    Route("governance:tenant_export", READ, args=lambda w: {"form": "csv"}, grow=more_tenants),
    Route("governance:tenant_add", KEEP),
    Route(
        "governance:tenant_add", KEEP, "POST",
        data=lambda w: {"name": "New", "key": "new", "allowed_regions": "eu-west-1"},
    ),
    Route("governance:tenant_read", READ, args=tenant, grow=more_of_a_tenant),
    Route("governance:tenant_edit", KEEP, args=tenant),
    Route(
        "governance:tenant_edit", KEEP, "POST", args=tenant,
        data=lambda w: {"name": "New", "allowed_regions": "eu-west-1"},
    ),
    Route("governance:tenant_terminate", KEEP, args=tenant),
    Route(
        "governance:tenant_terminate", KEEP, "POST", args=tenant,
        data=lambda w: {"terminated_on": day(30).isoformat(), "reason": "Notice."},
    ),
    Route("governance:tenant_reinstate", KEEP, args=lambda w: {"tenant_id": w.left_tenant.id}),
    Route(
        "governance:tenant_reinstate", KEEP, "POST", args=lambda w: {"tenant_id": w.left_tenant.id},
        data=lambda w: {"reason": "Came back."},
    ),
    Route("governance:site_add", KEEP, args=tenant),
    Route("governance:site_add", KEEP, "POST", args=tenant, data=lambda w: {"name": "South", "key": "south"}),
    Route("governance:site_edit", KEEP, args=site),
    Route("governance:site_edit", KEEP, "POST", args=site, data=lambda w: {"name": "North works"}),
    Route("governance:site_close", KEEP, args=site),
    Route("governance:site_close", KEEP, "POST", args=site, data=lambda w: {"closed_on": day(0).isoformat()}),
    Route("governance:site_reopen", KEEP, "POST", args=closed),
    Route("governance:tenant_agreement_record", KEEP, args=tenant),
    Route(
        "governance:tenant_agreement_record", KEEP, "POST", args=tenant,
        data=lambda w: form_of_terms(w) | {"reference": "NEW-1"},
    ),
    Route("governance:tenant_agreement_edit", KEEP, args=recorded),
    Route("governance:tenant_agreement_edit", KEEP, "POST", args=recorded, data=form_of_terms),
    Route("governance:tenant_agreement_end", KEEP, args=recorded),
    Route(
        "governance:tenant_agreement_end", KEEP, "POST", args=recorded,
        data=lambda w: {"ended_on": day(0).isoformat(), "reason": "Replaced."},
    ),
    Route("governance:store_register", KEEP, args=tenant),
    Route(
        "governance:store_register", KEEP, "POST", args=tenant, data=lambda w: form_of_facts(w) | {"key": "new-files"}
    ),
    Route("governance:store_edit", KEEP, args=store),
    Route("governance:store_edit", KEEP, "POST", args=store, data=form_of_facts),
    Route("governance:store_withdraw", KEEP, args=store),
    Route("governance:store_withdraw", KEEP, "POST", args=store, data=lambda w: {"reason": "Held none of it."}),
    Route("governance:tenant_import", KEEP),
    Route("governance:tenant_import", KEEP, "POST", data=upload),
    Route("governance:tenant_import_apply", KEEP, "POST", data=seen),
    Route("governance:tenant_template", KEEP),
    Route("governance:tenant_register", READ, grow=more_tenants),
]  # fmt: skip
