"""The whole register as the lines of a file that the import reads."""

from __future__ import annotations

from collections.abc import Iterator

from tenants.models import Agreement, Site, Tenant


def register_rows() -> Iterator[tuple[str, ...]]:
    """A line for each tenant, then each open site, then each agreement that was not ended; by key."""
    for tenant in Tenant.objects.order_by("key").iterator():
        yield ("tenant", tenant.key, "", tenant.name, " ".join(tenant.allowed_regions), *[""] * 6)
    for site in Site.objects.filter(closed_on=None).select_related("tenant").order_by("tenant__key", "key").iterator():
        yield ("site", site.tenant.key, site.key, site.name, *[""] * 7)
    agreements = Agreement.objects.filter(ended_on=None, tenant__terminated_on=None).select_related("tenant")
    for row in agreements.order_by("tenant__key", "reference").iterator():
        yield (
            "agreement", row.tenant.key, row.reference, "", "", row.kind, row.starts_on.isoformat(),
            row.ends_on.isoformat() if row.ends_on else "", "yes" if row.customer_owns_data else "no",
            "yes" if row.company_owns_platform else "no", row.evidence_digest,
        )  # fmt: skip
