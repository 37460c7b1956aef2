"""I98: whatever is changed behind a checkpoint that somebody keeps, the offline verifier finds, and names."""

from __future__ import annotations

import json
import shutil
import uuid

import pytest
from django.db import connection

from auditlog.body import leaf_hash
from auditlog.change import audited
from auditlog.errors import LogTamperedError
from auditlog.models import Checkpoint, Event, Leaf, SigningKey, Tile
from auditlog.sequencer import seal, sequence_batch
from auditlog.verify import verify_database
from auditlog.witnesses import compare_witnesses
from tests.auditlog.tampering import (
    Auditor,
    drop_tail,
    edited_body,
    forget_signer,
    happen,
    rebuild_tree,
    rewrite,
    sign_anyway,
    sql,
)

pytestmark = pytest.mark.django_db

EVENTS = 300  # one full tile and part of another


@pytest.fixture
def auditor(actor, tmp_path):
    for count in (EVENTS - 60, 50, 10):  # as many batches, so that a backup could end after each
        happen(actor, count)
        seal()
    return Auditor(tmp_path)


def event_at(index: int) -> Event:
    return Event.objects.get(id=Leaf.objects.get(index=index).event_id)


def stored_id(key: uuid.UUID) -> object:
    return key if connection.vendor == "postgresql" else key.hex


def assert_found(auditor, kind, words="", *, server=True):
    """Found offline behind the kept checkpoint, by the script run alone too, and by the server's own check."""
    bundle = auditor.bundle()
    report = auditor.check(bundle)
    assert kind in report.kinds, report.findings
    assert any(words in said for _kind, said in report.findings), report.findings
    ran = auditor.run(bundle)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert kind in ran.stdout
    if server:
        assert not verify_database().holds


def test_i98_an_untouched_log_holds(actor, auditor):
    happen(actor, 20)
    bundle = auditor.bundle(labels=True)
    assert auditor.check(bundle).findings == []
    ran = auditor.run(bundle)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.startswith("OK")
    assert verify_database().findings == []


def test_i98_an_edited_field(auditor):
    event = event_at(100)
    sql("UPDATE auditlog_event SET body = %s WHERE id = %s", edited_body(event, outcome="refused"), event.id)
    assert_found(auditor, "event_edited", f"leaf 100: event {event.uid}")


def test_i98_an_edited_field_with_its_hash_made_to_match(auditor):
    event = event_at(100)
    body = edited_body(event, outcome="refused")
    rewrite(event, body)
    sql("UPDATE auditlog_leaf SET hash = %s WHERE event_id = %s", leaf_hash(body.encode()), event.id)
    assert_found(auditor, "event_edited", str(event.uid))


def test_i98_an_edited_column_that_lists_show(auditor):
    event = event_at(100)
    sql("UPDATE auditlog_event SET outcome = 'refused' WHERE id = %s", event.id)
    found = verify_database()
    assert [(finding.kind, finding.subject) for finding in found.findings] == [("copy_edited", str(event.uid))]


@pytest.mark.parametrize("index", [0, 100, 255, 256, 280])
def test_i98_an_event_deleted_from_the_middle(auditor, index):
    event = event_at(index)
    sql("DELETE FROM auditlog_event WHERE id = %s", event.id)
    assert_found(auditor, "event_missing", f"leaf {index}")


def test_i98_an_event_deleted_and_the_tree_made_to_match(auditor):
    sql("DELETE FROM auditlog_event WHERE id = %s", event_at(100).id)
    rebuild_tree()
    with pytest.raises(LogTamperedError):
        seal()
    sign_anyway()
    assert_found(auditor, "log_truncated", server=False)


def test_i98_the_tail_deleted(auditor):
    drop_tail(10)
    with pytest.raises(LogTamperedError):
        seal()
    assert_found(auditor, "log_truncated", "cut off")


def forged(auditor, at: str = "", **changes) -> None:
    """A new event between two others: every later one moves one place on."""
    after = event_at(100)
    later = list(Event.objects.filter(id__gt=after.id).order_by("-id").values_list("id", flat=True))
    body = json.loads(after.body) | {"uid": str(uuid.uuid4())} | ({"at": at} if at else {}) | changes
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    for event_id in later:
        sql("UPDATE auditlog_event SET id = %s WHERE id = %s", event_id + 1, event_id)
    columns = "at, tenant_id, actor_kind, actor_id, action, subject_kind, subject_id, outcome, mac"
    sql(
        f"INSERT INTO auditlog_event (id, uid, body, leaf_hash, {columns}) "
        f"SELECT %s, %s, %s, %s, {columns} FROM auditlog_event WHERE id = %s",
        after.id + 1, stored_id(uuid.UUID(body["uid"])), text, leaf_hash(text.encode()), after.id,
    )  # fmt: skip
    rebuild_tree()


def test_i98_an_event_inserted_in_the_middle(auditor):
    forged(auditor)
    sign_anyway()
    assert_found(auditor, "log_forked", "another history", server=False)


def test_i98_an_event_inserted_with_a_time_of_long_ago(auditor):
    forged(auditor, at="2020-01-01T00:00:00.000000Z")
    sign_anyway()
    assert_found(auditor, "tree_rebuilt", server=False)


def test_i98_two_events_swapped(auditor):
    a, b = event_at(100), event_at(200)
    for event, other in ((a, b), (b, a)):
        sql("UPDATE auditlog_event SET body = %s, leaf_hash = %s WHERE id = %s",
            other.body, other.leaf_hash, event.id)  # fmt: skip
    assert_found(auditor, "event_moved", "leaf 100")


def test_i98_leaves_renumbered(auditor):
    a, b = event_at(100), event_at(101)
    sql("UPDATE auditlog_leaf SET event_id = -1 WHERE event_id = %s", a.id)
    sql("UPDATE auditlog_leaf SET event_id = %s WHERE event_id = %s", a.id, b.id)
    sql("UPDATE auditlog_leaf SET event_id = %s WHERE event_id = -1", b.id)
    assert_found(auditor, "event_moved", "leaf 100")


def test_i98_a_tile_replaced(auditor):
    tile = Tile.objects.get(level=0, index=0)
    hashes = bytearray(tile.hashes)
    hashes[320:352] = bytes(32)
    sql("UPDATE auditlog_tile SET hashes = %s WHERE id = %s", bytes(hashes), tile.id)
    assert_found(auditor, "tile_replaced", "tile 0/0")


def test_i98_a_stored_leaf_edited(auditor):
    sql("UPDATE auditlog_leaf SET hash = %s WHERE " + '"index" = 270', bytes(32))
    assert_found(auditor, "leaf_edited", "leaf 270")


def test_i98_the_whole_tree_rebuilt_and_signed_with_another_key(auditor):
    event = event_at(100)
    rewrite(event, edited_body(event, outcome="refused"))
    rebuild_tree()
    forget_signer()
    sql("DELETE FROM auditlog_signingkey")
    seal()
    assert_found(auditor, "unknown_key")
    assert "log_forked" in auditor.check(auditor.bundle()).kinds


def test_i98_a_different_tree_signed_with_the_right_key(auditor):
    event = event_at(100)
    rewrite(event, edited_body(event, outcome="refused"))
    rebuild_tree()
    with pytest.raises(LogTamperedError):
        seal()
    sign_anyway()
    assert_found(auditor, "log_forked", "another history", server=False)


def test_i98_a_shorter_tree_signed_with_the_right_key_found_against_an_earlier_checkpoint(auditor):
    drop_tail(60)
    sign_anyway()
    report = auditor.check(auditor.bundle(), since=False)
    assert report.findings == []  # by itself it looks sound: that is what the kept checkpoint is for
    assert_found(auditor, "log_truncated", server=False)


def test_i98_an_old_backup_restored_and_continued(actor, auditor):
    drop_tail(60)
    happen(actor, 80, other=1)
    with pytest.raises(LogTamperedError):
        seal()
    sign_anyway()
    assert_found(auditor, "log_forked", server=False)


def test_i98_an_event_removed_before_it_was_sealed(actor, auditor, witnessed):
    row = witnessed(actor)
    drop_tail(1)
    assert {finding.kind for finding in compare_witnesses()} == {"event_missing"}
    assert compare_witnesses()[0].subject.endswith(str(row.pk))
    assert "event_lost" in auditor.check(auditor.bundle()).kinds


def test_i98_an_event_removed_before_it_was_sealed_leaves_a_gap_in_its_writers_counter(actor, auditor):
    first, *_rest = happen(actor, 3)
    sql("DELETE FROM auditlog_pending WHERE event_id = %s", first.id)
    sql("DELETE FROM auditlog_leaf WHERE event_id = %s", first.id)
    sql("DELETE FROM auditlog_event WHERE id = %s", first.id)
    if connection.vendor == "sqlite":
        rebuild_tree()
    seal()
    assert "event_lost" in auditor.check(auditor.bundle()).kinds
    assert "event_lost" in {finding.kind for finding in verify_database().findings}


def test_i98_a_decided_row_changed_without_an_event(actor, auditor, witnessed):
    row = witnessed(actor)
    sql(f"UPDATE {row._meta.db_table} SET verdict = 'reject' WHERE id = %s", stored_id(row.pk))
    assert {finding.kind for finding in compare_witnesses()} == {"row_changed"}
    assert_found(auditor, "row_changed", str(row.pk))


def test_i98_a_decided_row_deleted(actor, auditor, witnessed):
    row = witnessed(actor)
    sql(f"DELETE FROM {row._meta.db_table} WHERE id = %s", stored_id(row.pk))
    assert {finding.kind for finding in compare_witnesses()} == {"row_missing"}
    assert_found(auditor, "row_missing", str(row.pk))


def test_i98_a_signature_forged_out_of_another(actor, auditor, witnessed):
    row = witnessed(actor)
    table, key = row._meta.db_table, uuid.uuid4()
    sql(f"UPDATE {table} SET id = %s WHERE id = %s", stored_id(key), stored_id(row.pk))
    assert "row_rolled_back" in {finding.kind for finding in compare_witnesses()}
    assert_found(auditor, "row_changed", str(key))


def test_i98_a_name_edited(auditor):
    sql("UPDATE auditlog_label SET text = 'Eve Else'")
    report = auditor.check(auditor.bundle(labels=True))
    assert "label_edited" in report.kinds
    assert "label_edited" in {finding.kind for finding in verify_database().findings}


def test_i98_the_verifiers_input_files_swapped(actor, auditor, tmp_path):
    older = auditor.bundle()
    happen(actor, 30)
    newer = auditor.bundle()
    shutil.copy(older / "tree-1" / "events.jsonl", newer / "tree-1" / "events.jsonl")
    assert {"event_missing"} <= auditor.check(newer).kinds
    mixed = auditor.bundle()
    shutil.copy(older / "tree-1" / "checkpoints.jsonl", mixed / "tree-1" / "leaves.bin")
    assert auditor.check(mixed).findings


def test_i98_a_checkpoint_edited(actor, auditor):
    happen(actor, 3)
    seal()
    bundle = auditor.bundle()
    notes = (bundle / "tree-1" / "checkpoints.jsonl").read_text().splitlines()
    first = json.loads(notes[0])
    lines = first["note"].split("\n")
    lines[1] = "7"
    notes[0] = json.dumps({"note": "\n".join(lines)})
    (bundle / "tree-1" / "checkpoints.jsonl").write_text("\n".join(notes) + "\n")
    assert "checkpoint_edited" in auditor.check(bundle).kinds


def test_i98_another_log_given_out_instead(auditor):
    bundle = auditor.bundle()
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["origins"][0]["name"] = "elsewhere/log/1"
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    assert "log_replaced" in auditor.check(bundle).kinds


@pytest.mark.postgres
def test_an_event_altered_before_it_is_sealed_is_not_sealed(actor, auditor):
    event = happen(actor, 1)[0]
    rewrite(event, edited_body(event, outcome="refused"))
    sequence_batch()
    assert not Leaf.objects.filter(event_id=event.id).exists()
    assert "event_edited" in {finding.kind for finding in verify_database().findings}


def test_an_unreadable_bundle_says_so(auditor, capsys):
    bundle = auditor.bundle()
    (bundle / "manifest.json").write_text("{}")
    assert auditor.run(bundle).returncode == 2


def test_without_a_key_the_verifier_says_what_it_did_not_check(auditor):
    auditor.keys = []
    report = auditor.check(auditor.bundle(), since=False)
    assert report.findings == []
    assert "NOT FULLY ANCHORED" in report.notes[0]


def test_the_signer_signs_again_only_what_extends(actor, auditor):
    assert seal() is None
    happen(actor, 1)
    assert seal().size == EVENTS + 1
    assert Checkpoint.objects.count() == 4
    assert SigningKey.objects.count() == 1
    with audited(actor, "tests.thing.changed", subject_kind="tests.thing"):
        pass
    assert seal() is not None
