"""The outbox room."""

from __future__ import annotations

import importlib

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Wires the outbox room into the registries of the rooms below it."""

    name = "outbox"
    verbose_name = "Outbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare actions, the subject, the job and its sweep."""
        importlib.import_module("outbox.declarations").declare()
