"""The log's tests have keys of their own."""

from __future__ import annotations

import uuid

import pytest

from auditlog.actors import Actor
from auditlog.registry import ACTIONS


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
