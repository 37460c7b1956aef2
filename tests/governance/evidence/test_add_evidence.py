"""Adding evidence: what comes in, what does not, and that the bytes never change."""

from __future__ import annotations

import datetime as dt
import hashlib
import stat

import pytest
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from auditlog.change import audited
from auditlog.errors import AuthorityError, InvalidInputError, InvalidInputsError
from auditlog.models import Event
from governance.evidence.storage import LocalStore, StoreError, evidence_store
from governance.models import Evidence
from governance.services.evidence import SUBJECT, add_evidence
from tests.governance.evidence.files import good_pdf, upload
from tests.governance.evidence.hostile import HOSTILE
from tests.governance.evidence.making import claims


def test_works(world, maker, asked, own_store) -> None:
    body = good_pdf("one")
    row = maker.new(body, name="../../etc/SOC2\u202e\x07report.pdf")
    row.refresh_from_db()
    assert row.digest == hashlib.sha256(body).hexdigest()
    assert (row.size, row.media_type, row.pages) == (len(body), "application/pdf", 2)
    assert row.name == "SOC2report.pdf"
    assert (row.scan_state, row.redaction) == ("waiting", "waiting")
    assert asked == [("governance.evidence_check", str(row.id))]
    path = own_store / "evidence" / row.digest[:2] / row.digest[2:4] / row.digest
    assert path.read_bytes() == body
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    event = Event.objects.get(subject_kind=SUBJECT, subject_id=row.id)
    assert event.action == "governance.evidence.added"


def refused(world, field: str, file=None, by: str = "vendor_analyst", **changes) -> str:
    before = Evidence.objects.count()
    with pytest.raises(InvalidInputError) as refusal:
        add_evidence(actor=world.actor(by), file=file or upload(good_pdf(), "soc2.pdf"), **claims(**changes))
    assert Evidence.objects.count() == before
    errors = getattr(refusal.value, "errors", {refusal.value.field: refusal.value.message})
    assert field in errors, errors
    return errors[field]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("kind", {"kind": "invoice"}),
        ("issuer", {"issuer": "  "}),
        ("issuer", {"issuer": "x" * 201}),
        ("issuer", {"issuer": "Acme\x1b[31m"}),
        ("scope", {"scope": ""}),
        ("period_start", {"period_start": None}),
        ("period_end", {"period_end": None}),
        ("period_end", {"period_start": dt.date(2026, 3, 1), "period_end": dt.date(2026, 2, 1)}),
        ("period_end", {"period_end": dt.date(2099, 1, 1)}),
        ("period_start", {"period_start": dt.date(26, 3, 1)}),
        ("valid_until", {"valid_until": dt.date(9999, 1, 1)}),
        ("valid_until", {"valid_until": dt.date(2020, 1, 1)}),
        ("valid_until", {"kind": "iso27001", "valid_until": None}),
        ("period_end", {"kind": "pentest", "period_end": None}),
    ],
)
def test_wrong_claim_is_named_at_its_field(world, asked, field: str, changes: dict) -> None:
    assert refused(world, field, **changes)


def test_every_fault_is_named_at_once(world, asked) -> None:
    with pytest.raises(InvalidInputsError) as refusal:
        add_evidence(actor=world.actor("vendor_analyst"), file=upload(b"MZ\0", "a.exe"), **claims(issuer="", scope=""))
    assert set(refusal.value.errors) == {"file", "issuer", "scope"}


def test_too_large_names_both_sizes(world, asked, settings) -> None:
    settings.EVIDENCE_MAX_BYTES = 500
    words = refused(world, "file")
    assert "500" in words


def test_no_file(world, asked) -> None:
    assert "empty" in refused(world, "file", file=upload(b"", "soc2.pdf"))
    with pytest.raises(InvalidInputError, match="Choose a file"):
        add_evidence(actor=world.actor("vendor_analyst"), file=None, **claims())


@pytest.mark.parametrize("hostile", HOSTILE[::24], ids=lambda each: each.id)
def test_hostile_file_leaves_nothing(world, asked, own_store, hostile) -> None:
    assert refused(world, "file", file=upload(hostile.make() or b"", hostile.name))
    assert not [path for path in (own_store / "evidence").rglob("*") if path.is_file()]


def test_full_disk_is_refused_whole(world, asked, own_store, monkeypatch) -> None:
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("governance.evidence.storage.shutil.copyfileobj", full)
    assert "room" in refused(world, "file")
    assert not [path for path in (own_store / "evidence").rglob("*") if path.is_file()]


def test_needs_the_right(world, asked) -> None:
    for role in ("auditor", "security_approver", "administrator", "employee"):
        with pytest.raises(AuthorityError):
            add_evidence(actor=world.actor(role), file=upload(good_pdf(), "a.pdf"), **claims())
    assert not evidence_store().holds(hashlib.sha256(good_pdf()).hexdigest())


def test_same_file_twice_points_to_the_first(world, maker) -> None:
    body = good_pdf("twice")
    maker.new(body)
    assert "already" in refused(world, "file", file=upload(body, "again.pdf"))
    assert maker.new(body, kind="dpa").digest  # as another kind it is another evidence


def test_withdrawn_file_may_come_again(maker) -> None:
    body = good_pdf("again")
    first = maker.withdrawn(body=body)
    assert maker.new(body).id != first.id


# I24: evidence bytes never change; a new file is a new evidence.


def test_i24_bytes_and_claims_never_change(maker) -> None:
    row = maker.new()
    before = Evidence.objects.values().get(pk=row.pk)
    for field, value in {
        "digest": "0" * 64, "size": 1, "media_type": "text/html", "name": "x.html", "kind": "iso27001",
        "issuer": "Us", "valid_until": dt.date(2090, 1, 1), "scope": "All", "period_end": dt.date(2026, 1, 1),
        "uploaded_at": timezone.now(),
    }.items():  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            models.QuerySet(Evidence).filter(pk=row.pk).update(**{field: value})
    assert Evidence.objects.values().get(pk=row.pk) == before


def test_i24_evidence_is_never_deleted(world, maker) -> None:
    row = maker.new()
    with audited(world.actor("vendor_analyst"), "governance.evidence.withdrawn", subject_kind=SUBJECT) as change:
        assert change
        with pytest.raises(models.ProtectedError):
            row.delete()
        with pytest.raises(models.ProtectedError):
            Evidence.objects.filter(pk=row.pk).delete()
    assert Evidence.objects.filter(pk=row.pk).exists()


def test_i24_kept_bytes_are_not_written_again(own_store, tmp_path) -> None:
    store = LocalStore(own_store / "evidence")
    digest = hashlib.sha256(b"one").hexdigest()
    for body in (b"one", b"two"):
        (tmp_path / "file").write_bytes(body)
        store.hold(tmp_path / "file", digest)
        store.keep(digest)
    with store.open(digest) as file:
        assert file.read() == b"one"


def test_missing_bytes_are_named(own_store) -> None:
    with pytest.raises(StoreError) as error:
        LocalStore(own_store / "evidence").open("0" * 64)
    assert error.value.code == "missing"
