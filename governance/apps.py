"""The governance room."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """Wires the governance room into the registries of the rooms below it."""

    name = "governance"
    verbose_name = "Governance"
    default_auto_field = "django.db.models.BigAutoField"
