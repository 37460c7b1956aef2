"""The vendors room."""

from __future__ import annotations

import importlib

from django.apps import AppConfig


class VendorsConfig(AppConfig):
    """Wires the vendors room into the registries of the rooms below it."""

    name = "vendors"
    verbose_name = "Vendors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare actions, subjects, approvals, work, search and places."""
        importlib.import_module("vendors.declarations").declare()
