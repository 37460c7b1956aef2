"""Every write of the tenants room."""

from tenants.services.tenants import edit_tenant, register_site, register_tenant

__all__ = ["edit_tenant", "register_site", "register_tenant"]
