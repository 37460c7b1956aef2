"""The console room."""

from __future__ import annotations

import importlib

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Wires the console room into the registries of the rooms below it."""

    name = "console"
    verbose_name = "Console"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the shell's own places, and those of rooms below governance, which cannot."""
        importlib.import_module("console.tasks")  # so that Celery knows them wherever Django runs
        importlib.import_module("console.checks")
        importlib.import_module("console.declarations").declare()
