"""The vendors room."""

from django.apps import AppConfig


class VendorsConfig(AppConfig):
    """Wires the vendors room into the registries of the rooms below it."""

    name = "vendors"
    verbose_name = "Vendors"
    default_auto_field = "django.db.models.BigAutoField"
