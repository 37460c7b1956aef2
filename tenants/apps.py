"""The tenants room."""

from __future__ import annotations

from django.apps import AppConfig

from auditlog.registry import register_actions
from tenants.actions import ACTIONS


class TenantsConfig(AppConfig):
    """Wires the tenants room into the registries of the rooms below it."""

    name = "tenants"
    verbose_name = "Tenants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what can happen to tenants."""
        register_actions(ACTIONS)
