"""A certificate that was issued, and what its customer gets."""

from __future__ import annotations

import json

import pytest

from auditlog.models import SigningKey
from retention.certificate.package import package_lines
from tests.retention import walk
from tests.retention.certificates.paper import NAMES
from tests.retention.shelf import Shelf
from tests.tenants.world import data_store


@pytest.fixture
def shelf(monkeypatch):
    return Shelf(NAMES).install(monkeypatch)


@pytest.fixture
def case(world, shelf, monkeypatch, settings):
    """A tenant who left, with a folder of sixty files and a backup vault that its keeper attests."""
    settings.RETENTION_FOLDERS = ["/srv"]
    monkeypatch.setattr("retention.services.erasing.FIRST_WAIT", 0)
    tenant = walk.leaving_tenant(world, "gone", "Gone Ltd")
    data_store(world, "files", tenant, kind="filesystem", selector="/srv/gone/", account="", backup_days=None,
               region="eu-west-1")  # fmt: skip
    return walk.opened(world, tenant)


@pytest.fixture
def certificate(world, case):
    return walk.finished(world, case)


@pytest.fixture
def package(certificate):
    return json.loads("".join(package_lines(certificate)))


@pytest.fixture
def key(certificate):
    return SigningKey.objects.get().verifier
