"""The tenants room."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Wires the tenants room into the registries of the rooms below it."""

    name = "tenants"
    verbose_name = "Tenants"
    default_auto_field = "django.db.models.BigAutoField"
