"""Fixtures every room's tests share."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

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


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """A transaction that leaves nothing behind; services may open their durable ones inside it."""
    block = transaction.atomic()
    block._from_testcase = True  # as Django's own TestCase says it
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def shared_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """A furnished company for a whole module; whoever changes it does so inside :func:`undone`."""
    with django_db_blocker.unblock(), undone():
        yield World().furnish()
