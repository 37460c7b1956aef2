"""Fixtures every room's tests share."""

from __future__ import annotations

import pytest

import tests.flushing  # noqa: F401  (transactional tests may empty append-only tables)
from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    """A company with somebody for each role."""
    return World()


@pytest.fixture
def furnished(world: World) -> World:
    """The same, with sample rows of every room."""
    return world.furnish()
