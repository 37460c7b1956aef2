"""The audit log's room."""

import importlib

from django.apps import AppConfig


class AuditlogConfig(AppConfig):
    """Events, Merkle tree, checkpoints, verifier."""

    name = "auditlog"
    verbose_name = "Audit log"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare actions and sweeps, and guard governed tables whenever migrations ran."""
        importlib.import_module("auditlog.declarations").declare()
