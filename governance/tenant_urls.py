"""Addresses of the register of tenants, in the governance room."""

from django.urls import URLPattern, path

from governance.views import sites, stores, tenant_agreements, tenant_imports, tenants, terminations

SITE = "tenants/<uuid:tenant_id>/sites/<uuid:site_id>/"
STORE = "tenants/<uuid:tenant_id>/stores/<uuid:store_id>/"
AGREEMENT = "tenants/<uuid:tenant_id>/agreements/<uuid:agreement_id>/"

tenant_patterns: list[URLPattern] = [
    path("tenants/", tenants.tenant_list, name="tenant_list"),
    path("tenants/add/", tenants.tenant_add, name="tenant_add"),
    path("tenants/export/<str:form>/", tenants.tenant_export, name="tenant_export"),
    path("tenants/import/", tenant_imports.tenant_import, name="tenant_import"),
    path("tenants/import/apply/", tenant_imports.tenant_import_apply, name="tenant_import_apply"),
    path("tenants/import/template/", tenant_imports.tenant_template, name="tenant_template"),
    path("tenants/import/register/", tenant_imports.tenant_register, name="tenant_register"),
    path("tenants/<uuid:tenant_id>/", tenants.tenant_read, name="tenant_read"),
    path("tenants/<uuid:tenant_id>/edit/", tenants.tenant_edit, name="tenant_edit"),
    path("tenants/<uuid:tenant_id>/terminate/", terminations.tenant_terminate, name="tenant_terminate"),
    path("tenants/<uuid:tenant_id>/reinstate/", terminations.tenant_reinstate, name="tenant_reinstate"),
    path("tenants/<uuid:tenant_id>/sites/add/", sites.site_add, name="site_add"),
    path(f"{SITE}edit/", sites.site_edit, name="site_edit"),
    path(f"{SITE}close/", sites.site_close, name="site_close"),
    path(f"{SITE}reopen/", sites.site_reopen, name="site_reopen"),
    path("tenants/<uuid:tenant_id>/stores/register/", stores.store_register, name="store_register"),
    path(f"{STORE}edit/", stores.store_edit, name="store_edit"),
    path(f"{STORE}withdraw/", stores.store_withdraw, name="store_withdraw"),
    path(
        "tenants/<uuid:tenant_id>/agreements/record/",
        tenant_agreements.agreement_record,
        name="tenant_agreement_record",
    ),
    path(f"{AGREEMENT}edit/", tenant_agreements.agreement_edit, name="tenant_agreement_edit"),
    path(f"{AGREEMENT}end/", tenant_agreements.agreement_end, name="tenant_agreement_end"),
]
