"""The governance room."""

from __future__ import annotations

import importlib

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """Wires the governance room into the registries of the rooms below it."""

    name = "governance"
    verbose_name = "Governance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare actions, subjects, approval kinds, work, search and sweeps."""
        importlib.import_module("governance.declarations").declare()
        importlib.import_module("governance.evidence_declarations").declare()
        importlib.import_module("governance.notification_declarations").declare()
        importlib.import_module("governance.service_account_declarations").declare()
        importlib.import_module("governance.tenant_declarations").declare()
