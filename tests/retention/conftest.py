"""A terminated tenant with one folder, on a shelf that misbehaves on demand."""

from __future__ import annotations

import pytest

from retention.models import DeletionCase
from tests.retention.shelf import FILES, Shelf
from tests.tenants.world import data_store, terminate


@pytest.fixture
def shelf(monkeypatch):
    monkeypatch.setattr("retention.services.erasing.FIRST_WAIT", 0)
    return Shelf([f"acme/{n:03}" for n in range(10)]).install(monkeypatch)


@pytest.fixture
def case(world, shelf):
    data_store(world, "files", selector="/srv/acme/", **FILES)
    terminate(world)
    return DeletionCase.objects.get(tenant=world.tenant)
