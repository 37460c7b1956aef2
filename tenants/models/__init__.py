"""Tenants, their sites, what was agreed with them, and where their data lies."""

from tenants.models.agreements import Agreement
from tenants.models.stores import DataStore
from tenants.models.tenants import Site, Tenant

__all__ = ["Agreement", "DataStore", "Site", "Tenant"]
