"""The log's tests have keys of their own, and a log to look at."""

from __future__ import annotations

import uuid

import pytest

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.registry import ACTIONS
from governance.models import Signature


@pytest.fixture(autouse=True)
def keys_dir(settings, tmp_path):
    settings.AUDITLOG_KEYS_DIR = tmp_path / "keys"
    settings.AUDITLOG_MAC_KEYS = ""
    return settings.AUDITLOG_KEYS_DIR


@pytest.fixture(autouse=True)
def test_action(monkeypatch):
    monkeypatch.setitem(ACTIONS, "tests.thing.changed", "Thing changed")
    monkeypatch.setitem(ACTIONS, "tests.thing.part_changed", "Part of a thing changed")


@pytest.fixture
def actor() -> Actor:
    return Actor(kind="person", id=uuid.uuid4(), label="Ada Analyst", source="web", request_id="r-1")


@pytest.fixture
def witnessed(world):
    """Makes a signature witnessed by an event of its own."""

    def make(actor):
        row = Signature.objects.order_by("pk").first()
        with audited(actor, "tests.thing.changed", subject_kind="governance.signature", subject_id=row.pk) as change:
            change.witness(row)
        return row

    return make
