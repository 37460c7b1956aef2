"""The reviews room."""

from __future__ import annotations

import importlib

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Wires the reviews room into the registries of the rooms below it."""

    name = "reviews"
    verbose_name = "Reviews"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare actions, subjects, work, search, jobs and places."""
        importlib.import_module("reviews.declarations").declare()
