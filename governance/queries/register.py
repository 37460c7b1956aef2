"""The whole register as the lines of a file that the import reads."""

from __future__ import annotations

from collections.abc import Iterator

from tenants.models import Agreement, DataStore, Site, Tenant
from tenants.sheet import COLUMNS


def register_rows() -> Iterator[tuple[str, ...]]:
    """A line for each tenant, open site, agreement that was not ended and store that was not withdrawn; by key."""
    for cells in _lines():
        yield tuple(cells.get(column, "") for column in COLUMNS)


def _lines() -> Iterator[dict[str, str]]:
    for tenant in Tenant.objects.order_by("key").iterator():
        yield {
            "record": "tenant", "tenant": tenant.key, "name": tenant.name,
            "allowed_regions": " ".join(tenant.allowed_regions),
        }  # fmt: skip
    for site in Site.objects.filter(closed_on=None).select_related("tenant").order_by("tenant__key", "key").iterator():
        yield {"record": "site", "tenant": site.tenant.key, "key": site.key, "name": site.name}
    agreements = Agreement.objects.filter(ended_on=None, tenant__terminated_on=None).select_related("tenant")
    for row in agreements.order_by("tenant__key", "reference").iterator():
        yield _agreement(row)
    stores = DataStore.objects.filter(withdrawn_at=None).select_related("tenant")
    for store in stores.order_by("tenant__key", "key").iterator():
        yield _store(store)


def _agreement(row: Agreement) -> dict[str, str]:
    return {
        "record": "agreement", "tenant": row.tenant.key, "key": row.reference, "kind": row.kind,
        "starts_on": row.starts_on.isoformat(), "ends_on": row.ends_on.isoformat() if row.ends_on else "",
        "customer_owns_data": "yes" if row.customer_owns_data else "no",
        "company_owns_platform": "yes" if row.company_owns_platform else "no", "evidence_digest": row.evidence_digest,
    }  # fmt: skip


def _store(row: DataStore) -> dict[str, str]:
    return {
        "record": "store", "tenant": row.tenant.key, "key": row.key, "name": row.name, "kind": row.kind,
        "selector": row.selector, "region": row.region, "account": row.account,
        "data_classes": " ".join(row.data_classes), "owner": row.owner,
        "backup_days": "" if row.backup_days is None else str(row.backup_days),
    }  # fmt: skip
