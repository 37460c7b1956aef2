"""Quarantine: a file counts only once it was checked, and no answer from the scanner means it waits."""

from __future__ import annotations

import contextlib
import socketserver
import struct
import threading
from collections.abc import Iterator

import pytest

from auditlog.errors import AuthorityError, StateError
from auditlog.models import Event
from governance.evidence import sandbox
from governance.evidence.standing import counts
from governance.evidence_uses import LISTENERS
from governance.models import Evidence, Notification
from governance.services import evidence_checks
from governance.services.evidence_checks import check_waiting, request_check
from tests.governance.evidence.files import EICAR


class Clamd(socketserver.BaseRequestHandler):
    """Speaks clamd's INSTREAM; finds EICAR. ``server.mood`` makes it ill."""

    def handle(self) -> None:
        assert self.read(10) == b"zINSTREAM\0"
        body = b""
        while length := struct.unpack(">I", self.read(4))[0]:
            body += self.read(length)
        self.server.seen.append(body)  # type: ignore[attr-defined]
        mood = self.server.mood  # type: ignore[attr-defined]
        found = b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in body else b"stream: OK\0"
        self.request.sendall({"well": found, "full": b"INSTREAM size limit exceeded. ERROR\0", "mute": b""}[mood])

    def read(self, length: int) -> bytes:
        body = b""
        while len(body) < length and (part := self.request.recv(length - len(body))):
            body += part
        return body


@pytest.fixture
def clamd(settings) -> Iterator[socketserver.ThreadingTCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd) as server:
        server.mood, server.seen = "well", []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.CLAMD = f"127.0.0.1:{server.server_address[1]}"
        yield server
        server.shutdown()


@contextlib.contextmanager
def listening() -> Iterator[list[Evidence]]:
    heard: list[Evidence] = []
    LISTENERS.append(lambda actor, row: heard.append(row))
    try:
        yield heard
    finally:
        LISTENERS.pop()


def test_clean_without_a_scanner_says_so(maker, check) -> None:
    row = check(maker.new())
    assert row.scan_state == "clean"
    assert "No virus scanner" in row.scan_detail
    assert row.scanned_at


def test_clean_with_a_scanner(maker, check, clamd) -> None:
    row = check(maker.new())
    assert row.scan_state == "clean"
    assert len(clamd.seen[0]) == row.size


def test_infected_is_told_and_does_not_count(maker, check, clamd, world) -> None:
    row = maker.new(b"control,state\n" + EICAR, name="table.csv", kind="other")
    with listening() as heard:
        row = check(row)
    assert (row.scan_state, row.scan_detail) == ("infected", "Win.Test.EICAR_HDB-1")
    assert [each.id for each in heard] == [row.id]
    assert Notification.objects.filter(person=world.person["vendor_analyst"], kind="governance.evidence").exists()
    assert "infected" in {reason.code for reason in counts(row, row.uploaded_at.date())}


@pytest.mark.parametrize("mood", ["full", "mute"])
def test_ill_scanner_keeps_it_waiting(maker, check, clamd, mood: str) -> None:
    clamd.mood = mood
    row = check(maker.new())
    assert row.scan_state == "waiting"
    assert "no answer" in row.scan_detail
    clamd.mood = "well"
    assert check(row).scan_state == "clean"


def test_absent_scanner_keeps_it_waiting(maker, check, settings) -> None:
    settings.CLAMD = "127.0.0.1:1"
    row = maker.new()
    assert check(row).scan_state == "waiting"
    assert check_waiting() == 1  # however often it failed, the sweep asks again


def test_twice_is_once(maker, check) -> None:
    row = check(maker.new())
    again = check(row)
    assert again.scan_attempts == 1
    assert Event.objects.filter(subject_id=row.id, action="governance.evidence.checked").count() == 1


def test_sweep_checks_what_waits_and_one_bad_file_stops_no_other(maker, own_store) -> None:
    bad, good = maker.new(), maker.new()
    (own_store / "evidence" / bad.digest[:2] / bad.digest[2:4] / bad.digest).unlink()
    assert check_waiting() == 2
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.scan_state, good.scan_state) == ("failed", "clean")


def test_damaged_bytes_fail(maker, check, own_store) -> None:
    row = maker.new()
    (own_store / "evidence" / row.digest[:2] / row.digest[2:4] / row.digest).write_bytes(b"other")
    row = check(row)
    assert row.scan_state == "failed"
    assert "not those that were uploaded" in row.scan_detail


def test_child_that_dies_fails_closed(maker, check, monkeypatch) -> None:
    def dies(*_args, **_kwargs):
        raise sandbox.SandboxError("exit -9")

    monkeypatch.setattr(evidence_checks, "ask", dies)
    assert check(maker.new()).scan_state == "failed"


def test_request_check(world, maker, monkeypatch) -> None:
    jobs = []
    monkeypatch.setattr(evidence_checks, "soon", lambda name, *args, actor: jobs.append(name))
    row = maker.new()
    assert request_check(actor=world.actor("vendor_analyst"), evidence_id=row.id).scan_state == "waiting"
    assert jobs == ["governance.evidence_check"]
    with pytest.raises(AuthorityError):
        request_check(actor=world.actor("auditor"), evidence_id=row.id)
    with pytest.raises(StateError):
        request_check(actor=world.actor("vendor_analyst"), evidence_id=maker.clean().id)
