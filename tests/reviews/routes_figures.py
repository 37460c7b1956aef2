"""Addresses of the figures, and who gets through; each sees their own lines or those they oversee."""

from __future__ import annotations

from typing import Any

from tests.matrix import Route
from tests.reviews import world as reviews

READERS = {"reviewer", "system_owner", "auditor"}


def _csv(world: Any) -> dict[str, Any]:
    return {"form": "csv"}


def more_decisions(world: Any) -> None:
    """Twenty more decisions."""
    for _n in range(20):
        reviews.settled(world, reviews.item(world))


ROUTES = [
    Route("reviews:figures", READERS, grow=more_decisions),
    Route("reviews:figures_export", READERS, args=_csv),
]
