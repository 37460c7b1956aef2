"""What can happen in the tenants room, in the words a timeline shows."""

ACTIONS: dict[str, str] = {
    "tenants.tenant.registered": "Tenant registered",
    "tenants.tenant.edited": "Tenant edited",
    "tenants.tenant.terminated": "Tenant terminated",
    "tenants.tenant.reinstated": "Tenant reinstated",
    "tenants.site.registered": "Site registered",
    "tenants.site.edited": "Site edited",
    "tenants.site.closed": "Site closed",
    "tenants.site.reopened": "Site reopened",
    "tenants.agreement.recorded": "Agreement recorded",
    "tenants.agreement.edited": "Agreement edited",
    "tenants.agreement.ended": "Agreement ended",
    "tenants.agreement.resumed": "Agreement goes on with its tenant",
    "tenants.store.registered": "Data store registered",
    "tenants.store.edited": "Data store edited",
    "tenants.store.withdrawn": "Data store withdrawn",
    "tenants.register.imported": "Register imported from a file",
}
