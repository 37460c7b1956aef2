"""Tenants, their sites, and what was agreed with them."""

from tenants.models.agreements import Agreement
from tenants.models.tenants import Site, Tenant

__all__ = ["Agreement", "Site", "Tenant"]
