"""Every write of the tenants room."""

from tenants.services.agreements import AgreementTerms, edit_agreement, end_agreement, put_agreement, record_agreement
from tenants.services.imports import import_register, rehearse_import
from tenants.services.sites import close_site, edit_site, put_site, register_site, reopen_site
from tenants.services.stores import StoreFacts, edit_store, put_store, register_store, withdraw_store
from tenants.services.tenants import edit_tenant, register_tenant
from tenants.services.terminations import reinstate_tenant, terminate_tenant

__all__ = [
    "AgreementTerms",
    "StoreFacts",
    "close_site",
    "edit_agreement",
    "edit_site",
    "edit_store",
    "edit_tenant",
    "end_agreement",
    "import_register",
    "put_agreement",
    "put_site",
    "put_store",
    "record_agreement",
    "register_site",
    "register_store",
    "register_tenant",
    "rehearse_import",
    "reinstate_tenant",
    "reopen_site",
    "terminate_tenant",
    "withdraw_store",
]
