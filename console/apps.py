"""The console room."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Wires the console room into the registries of the rooms below it."""

    name = "console"
    verbose_name = "Console"
    default_auto_field = "django.db.models.BigAutoField"
