"""The outbox room."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Wires the outbox room into the registries of the rooms below it."""

    name = "outbox"
    verbose_name = "Outbox"
    default_auto_field = "django.db.models.BigAutoField"
