"""Pictures of pages are kept while somebody looks at them, and go after a week."""

from __future__ import annotations

import os
import runpy
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.urls import reverse

from console import housekeeping
from governance.evidence import pictures
from governance.evidence.pictures import KEPT_SECONDS, clear_pictures, place_of
from tests.servers import ROOT, wait_for

OLD = KEPT_SECONDS + 60


@pytest.fixture
def picture(settings, tmp_path):
    """Put a picture there that was looked at so many seconds ago."""
    settings.EVIDENCE_PICTURES = tmp_path / "pictures"

    def put(digest: str, ago: float) -> Path:
        path = place_of(digest, 1, 320)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"png")
        os.utime(path, (time.time() - ago,) * 2)
        return path

    return put


def test_old_ones_go_and_others_stay(picture):
    old, young = picture("ab" * 32, OLD), picture("cd" * 32, OLD - 120)
    left = old.with_suffix(".1234-half-written")
    left.write_bytes(b"half")
    os.utime(left, (time.time() - OLD,) * 2)
    assert clear_pictures() == 2
    assert (old.exists(), left.exists(), young.exists()) == (False, False, True)
    assert old.parent.exists(), "somebody may be drawing into it"


def test_folders_empty_for_a_week_go_too(picture, settings):
    picture("ab" * 32, OLD)
    clear_pictures()
    for folder in settings.EVIDENCE_PICTURES.rglob("*"):
        os.utime(folder, (time.time() - OLD,) * 2)
    assert clear_pictures() == 0
    clear_pictures()
    assert not (settings.EVIDENCE_PICTURES / "ab" / ("ab" * 32)).exists()


def test_where_nothing_was_drawn_nothing_happens(settings, tmp_path):
    settings.EVIDENCE_PICTURES = tmp_path / "nowhere"
    assert clear_pictures() == 0


def test_looking_keeps_a_picture(world, maker, picture):
    row = maker.clean()
    kept = picture(row.digest, OLD)
    address = reverse("governance:evidence_picture", args=[row.id, 1, 320])
    answer = world.client("auditor").get(address)
    assert b"".join(answer.streaming_content) == b"png"
    assert "no-store" in answer["Cache-Control"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert clear_pictures() == 0
    assert kept.exists()


def test_a_picture_that_went_is_drawn_again(world, maker, picture):
    row = maker.clean()
    address = reverse("governance:evidence_picture", args=[row.id, 1, 320])
    picture(row.digest, OLD)
    clear_pictures()
    assert b"".join(world.client("auditor").get(address).streaming_content).startswith(b"\x89PNG")


def test_each_web_process_tidies_up_its_machine(picture, monkeypatch):
    old = picture("ab" * 32, OLD)
    monkeypatch.setattr("console.embedded.start_embedded_worker", lambda: None)
    worker = SimpleNamespace()
    runpy.run_path(str(ROOT / "gunicorn.conf.py"))["post_worker_init"](worker)
    wait_for(lambda: not old.exists())
    worker.housekeeping.done.set()
    worker.housekeeping.join(5)
    assert not worker.housekeeping.is_alive()


def test_a_failure_is_not_the_end(picture, monkeypatch):
    old, failed = picture("ab" * 32, OLD), []

    def fails_once() -> int:
        if not failed:
            failed.append(True)
            raise OSError
        return pictures.clear_pictures()

    monkeypatch.setattr(housekeeping, "clear_pictures", fails_once)
    monkeypatch.setattr(housekeeping, "EVERY_SECONDS", 0.01)
    keeper = housekeeping.start_housekeeping()
    wait_for(lambda: not old.exists())
    keeper.done.set()
