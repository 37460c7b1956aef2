"""The log's commands, and what they need a real transaction for."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from auditlog.errors import LogKeyError, LogTamperedError
from auditlog.keys import keys_dir
from auditlog.models import Checkpoint, Event, Origin, SigningKey
from auditlog.sequencer import seal
from auditlog.services.signing import begin_origin, rotate_key
from auditlog.verifier import Bundle
from auditlog.verify import verify_database
from tests.auditlog.tampering import Auditor, drop_tail, happen, sql

pytestmark = pytest.mark.django_db(transaction=True)


def test_verify_says_ok_and_exits_with_zero(actor, capsys):
    happen(actor, 5)
    seal()
    call_command("auditlog_verify")
    assert "OK: 5 events, 1 checkpoints" in capsys.readouterr().out


def test_verify_names_the_event_and_fails(actor, capsys):
    event = happen(actor, 5)[2]
    seal()
    sql("DELETE FROM auditlog_event WHERE id = %s", event.id)
    with pytest.raises(CommandError, match="wrong"):
        call_command("auditlog_verify")
    assert "event_missing: The event of leaf 2 was removed" in capsys.readouterr().err


def test_export_writes_a_bundle_that_verifies_alone(actor, tmp_path, capsys):
    happen(actor, 5)
    call_command("auditlog_export", tmp_path / "b", "--purpose", "quality")
    assert Event.objects.order_by("-id").first().content["details"]["purpose"] == "quality"
    run = subprocess.run(
        [sys.executable, tmp_path / "b" / "verifier.py", tmp_path / "b", "--processes", "2"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "OK: 6 events" in run.stdout
    with pytest.raises(SystemExit) as left:
        call_command("auditlog_verify", "--bundle", tmp_path / "b")
    assert left.value.code == 0
    with pytest.raises(CommandError, match="not empty"):
        call_command("auditlog_export", tmp_path / "b")


def test_key_is_shown(actor, capsys):
    happen(actor, 1)
    seal()
    call_command("auditlog_key")
    assert capsys.readouterr().out.strip() == SigningKey.objects.get().verifier


def test_a_replaced_key_is_endorsed_by_the_one_before(actor, tmp_path):
    happen(actor, 3)
    auditor = Auditor(tmp_path)
    rotate_key(actor=actor)
    happen(actor, 3)
    seal()
    assert SigningKey.objects.count() == 2
    bundle = auditor.bundle()
    assert auditor.check(bundle).findings == []  # with the old key alone
    assert verify_database().findings == []
    sql("UPDATE auditlog_signingkey SET endorsement = ''")
    assert "unknown_key" in auditor.check(auditor.bundle()).kinds


def test_after_a_lost_key_a_new_log_commits_to_the_old_one(actor, tmp_path):
    happen(actor, 3)
    auditor = Auditor(tmp_path)
    for path in keys_dir().glob("audit-signing-*"):
        path.unlink()
    happen(actor, 2)
    with pytest.raises(LogKeyError, match="new-origin"):
        seal()
    begin_origin(actor=actor)
    happen(actor, 2)
    seal()
    assert Origin.objects.count() == 2
    report = auditor.check(auditor.bundle())
    assert report.findings == []
    assert verify_database().findings == []
    sql("UPDATE auditlog_origin SET previous = 'other' WHERE previous <> ''")
    assert "log_replaced" in auditor.check(auditor.bundle()).kinds


def test_after_a_restore_the_signer_refuses_until_a_new_log_begins(actor, tmp_path):
    for count in (3, 2):
        happen(actor, count)
        auditor = Auditor(tmp_path)
    drop_tail(2)
    with pytest.raises(LogTamperedError):
        seal()
    begin_origin(actor=actor)
    assert Checkpoint.objects.order_by("-id").first().origin_id == Origin.objects.order_by("-id").first().pk
    assert "log_truncated" in Bundle(auditor.bundle(), auditor.keys).check([auditor.note]).kinds


def test_a_key_file_others_may_read_is_refused(actor):
    happen(actor, 1)
    seal()
    path = next(keys_dir().glob("audit-signing-*"))
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    happen(actor, 1)
    with pytest.raises(LogKeyError, match="chmod 600"):
        seal()
