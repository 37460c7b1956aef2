"""The retention room."""

from __future__ import annotations

import importlib

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    """Wires the retention room into the registries of the rooms below it."""

    name = "retention"
    verbose_name = "Retention"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare actions, subjects, approvals, work, search and places."""
        importlib.import_module("retention.declarations").declare()
