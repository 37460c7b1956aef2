"""Bytes whose change rolled back are removed after a day; evidence never is (I24)."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from auditlog.change import audited
from auditlog.models import Event
from governance.evidence.storage import LocalStore, StoreError, evidence_store, open_verified
from governance.models import Evidence
from governance.services import evidence as services
from governance.services.evidence import add_evidence, withdraw_evidence
from governance.services.evidence_orphans import FEW, clear_orphans
from governance.services.uploads import hold_upload
from tests.governance.evidence.files import good_pdf, upload
from tests.governance.evidence.making import claims
from tests.governance.evidence.test_storage import bucket  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["disk", "bucket"])
def store(request, asked):
    """Each kind of store, and no worker."""
    if request.param == "bucket":
        request.getfixturevalue("bucket")
    return evidence_store()


def kept(store, digest: str) -> bool:
    try:
        store.open(digest).close()
    except StoreError:
        return False
    return True


def add(world, **changes) -> Evidence:
    return add_evidence(actor=world.actor("vendor_analyst"), file=upload(good_pdf(), "soc2.pdf"), **claims(**changes))


def add_and_roll_back(world) -> str:
    """Another reason makes the change fail after the bytes were kept."""
    actor = world.actor("vendor_analyst")
    with pytest.raises(RuntimeError), audited(actor, "governance.evidence.added", subject_kind="governance.evidence"):
        digest = add(world).digest
        raise RuntimeError
    assert not Evidence.objects.filter(digest=digest).exists()
    return digest


def later(**passed):
    return time_machine.travel(timezone.now() + dt.timedelta(**passed), tick=False)


def orphan(store, tmp_path, body: bytes) -> str:
    path, digest = tmp_path / "orphan", hashlib.sha256(body).hexdigest()
    path.write_bytes(body)
    store.hold(path, digest)
    store.keep(digest)
    return digest


def test_what_rolled_back_goes_after_a_day_with_an_event(world, store):
    digest = add_and_roll_back(world)
    assert kept(store, digest)
    with later(hours=23):
        assert clear_orphans() == 0
    assert kept(store, digest)
    with later(hours=25):
        assert clear_orphans() == 1
        assert clear_orphans() == 0
    assert not kept(store, digest)
    event = Event.objects.get(action="governance.evidence.orphans_removed")
    assert event.actor_kind == "job"
    assert event.content["details"] == {"count": 1, "digests": [digest]}


def test_i24_evidence_stays_withdrawn_too(world, store):
    row = add(world)
    withdraw_evidence(actor=world.actor("vendor_analyst"), evidence_id=row.id, reason="Outdated.")
    with later(days=400):
        assert clear_orphans() == 0
    with open_verified(store, row.digest, row.size):
        pass
    assert not Event.objects.filter(action="governance.evidence.orphans_removed").exists()


def test_i24_bytes_removed_under_an_addition_are_written_again(world, store, monkeypatch):
    digest = add_and_roll_back(world)
    actor = world.actor("vendor_analyst")
    held = hold_upload(actor=actor, file=upload(good_pdf(), "soc2.pdf"))
    create = services.create

    def swept_first(*args, **kwargs):
        store.drop(digest)
        return create(*args, **kwargs)

    monkeypatch.setattr(services, "create", swept_first)
    row = add_evidence(actor=actor, file=held, **claims())
    with open_verified(store, row.digest, row.size):
        pass


def test_other_things_in_the_store_are_left_alone(world, store, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"held")
    name = hashlib.sha256(b"held").hexdigest()
    store.hold(path, name)
    if isinstance(store, LocalStore):
        (store.root / "ab" / "cd").mkdir(parents=True)
        (store.root / "ab" / "cd" / "notes.txt").write_text("mine")
    with later(days=2):
        assert clear_orphans() == 0
    assert store.holds(name)
    assert not isinstance(store, LocalStore) or (store.root / "ab" / "cd" / "notes.txt").exists()


def test_what_a_killed_write_left_goes(world, settings, asked):
    store = evidence_store()
    part = store.root / "ab" / "cd" / ".part-x"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    clear_orphans()
    assert part.exists()
    with later(days=2):
        clear_orphans()
    assert not part.exists()


def test_another_databases_store_is_not_emptied(world, store, tmp_path, caplog):
    digests = [orphan(store, tmp_path, f"file {number}".encode()) for number in range(FEW + 1)]
    with later(days=2):
        assert clear_orphans() == 0
    assert all(kept(store, digest) for digest in digests)
    assert "Nothing was removed" in caplog.text


@pytest.mark.postgres
def test_an_addition_waits_for_the_sweep_and_the_sweep_for_it(world, asked):
    digest = add_and_roll_back(world)
    with later(days=2), connection.execute_wrapper(_noting(said := [])):
        assert clear_orphans() == 1
    assert any("SHARE ROW EXCLUSIVE" in sql for sql in said)
    assert not kept(evidence_store(), digest)


def _noting(said: list[str]):
    def note(execute, sql, params, many, context):
        said.append(sql)
        return execute(sql, params, many, context)

    return note
