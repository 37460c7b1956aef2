"""What can happen in the tenants room, in the words a timeline shows."""

ACTIONS: dict[str, str] = {
    "tenants.tenant.registered": "Tenant registered",
    "tenants.tenant.edited": "Tenant edited",
    "tenants.site.registered": "Site registered",
}
