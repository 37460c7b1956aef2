"""The audit log's room."""

from django.apps import AppConfig

from auditlog.actions import ACTIONS
from auditlog.registry import register_actions


class AuditlogConfig(AppConfig):
    """Events, Merkle tree, checkpoints, verifier."""

    name = "auditlog"
    verbose_name = "Audit log"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the log's own actions."""
        register_actions(ACTIONS)
