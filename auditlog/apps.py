"""The audit log's room."""

from django.apps import AppConfig


class AuditlogConfig(AppConfig):
    """Events, Merkle tree, checkpoints, verifier."""

    name = "auditlog"
    verbose_name = "Audit log"
    default_auto_field = "django.db.models.BigAutoField"
