"""Vendors the demo company has assessed, in different states, so that every page shows something real."""

from __future__ import annotations


def seed_vendors() -> None:
    """Filled in below once the vendors room stands."""
