"""A certificate after it was issued: sealed, printed, taken away, and checked by somebody who trusts nobody."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from auditlog.change import audited
from auditlog.models import Event, SigningKey
from auditlog.notes import verifier_key
from auditlog.sequencer import seal
from auditlog.signer import signer_of
from auditlog.tree import current_origin
from governance.sealing import unseal
from retention.certificate import checker
from retention.certificate.object_names import leaf_digest
from retention.certificate.package import certificate_package, package_archive, package_lines
from retention.certificate.sealing import is_seal_good
from retention.connectors.base import Item, Outcome, State
from retention.models import DeletionCase, Residue, Step
from retention.services.afterwards import sweep_afterwards
from retention.services.finishing import finish_certificate, sweep_certificates
from retention.services.ledger import leaf_of
from tests.retention import walk
from tests.retention.certificates.paper import NAMES, printed_text
from tests.tenants.world import data_store

pytestmark = pytest.mark.django_db


def kinds(package, *keys):
    return checker.check(package, keys)[0].kinds


# --- Finishing ------------------------------------------------------------------------------------------------


def test_it_is_sealed_with_the_logs_key_and_printed(certificate):
    assert is_seal_good(certificate)
    assert certificate.key == SigningKey.objects.get().verifier
    assert bytes(certificate.pdf).startswith(b"%PDF-")
    event = Event.objects.get(action="retention.certificate.finished", subject_id=certificate.id)
    assert event.content["details"]["signature"] == checker.sha256(bytes.fromhex(certificate.signature)).hexdigest()


def test_finishing_twice_changes_nothing(certificate):
    finish_certificate(str(certificate.id), actor=walk.JOB)
    sweep_certificates()
    assert Event.objects.filter(action="retention.certificate.finished").count() == 1


def test_a_machine_without_the_key_does_nothing_and_the_sweep_of_the_right_one_does_it(world, case, monkeypatch):
    certificate = walk.certified(world, case)
    seal()
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("auditlog.signer.Signer.is_here", False)
        sweep_certificates()
    certificate.refresh_from_db()
    assert certificate.signature == ""
    sweep_certificates()
    certificate.refresh_from_db()
    assert is_seal_good(certificate)


def test_what_is_signed_is_told_apart_from_what_the_log_signs(certificate):
    assert checker.signed_bytes("{}") == b"countersign-deletion-certificate/1\n{}"
    with signer_of(current_origin()) as signer:
        bare = signer.key().sign(certificate.body.encode()).hex()
    certificate.signature = bare
    assert not is_seal_good(certificate)


def test_a_certificate_changed_in_the_database_no_longer_holds(certificate):
    certificate.body = certificate.body.replace('"destroyed":"60"', '"destroyed":"61"')
    assert not is_seal_good(certificate)


# --- What it holds --------------------------------------------------------------------------------------------


def test_i58_it_holds_no_customer_content(certificate, package):
    text = json.dumps(package)
    assert "contracts" not in text
    assert "/srv/gone" not in text
    assert "All tapes" not in text, "nor what a keeper wrote"
    printed = printed_text(certificate.pdf)
    assert "contracts" not in printed
    assert "/srv/gone" not in printed


def test_the_checkers_digests_are_those_of_the_ledger():
    item = Item("version", "acme/Ä plan\n.pdf", "3sL4", 1)
    assert leaf_of(b"s" * 32, "files", item) == leaf_digest(b"s" * 32, "files", item.kind, item.name, "3sL4")


def test_an_earlier_certificate_keeps_its_digests(world, case, shelf):
    """One file is locked for a while; when it is erased, the first certificate still holds, and so does the second."""
    lock = Outcome(Item("file", NAMES[7], "", 10), State.KEPT, "object_lock", "", timezone.now() + dt.timedelta(days=9))
    shelf.locked = {NAMES[7]: lock}
    first = walk.finished(world, case)
    shelf.locked = {}
    reopen(case)
    walk.worked(case)
    second = walk.certified(world, case, again=True)
    seal()
    sweep_certificates()
    for certificate, count, title in ((first, 59, "with residue"), (second, 60, "Supplementary")):
        certificate.refresh_from_db()
        package = json.loads("".join(package_lines(certificate)))
        report, leaves = checker.check(package, [certificate.key])
        assert (report.findings, len(leaves)) == ([], count)
        assert title in " ".join(printed_text(certificate.pdf).split())


def reopen(case):
    past = timezone.now() - dt.timedelta(seconds=1)
    with audited(walk.JOB, "retention.step.begun", subject_kind="retention.case", subject_id=case.id):
        Residue.objects.filter(step__case=case).update(until=past)
        Step.objects.filter(case=case, state="residue").update(retry_at=past)
    sweep_afterwards()
    case.refresh_from_db()


# --- The offline checker --------------------------------------------------------------------------------------


def test_the_checker_accepts_it(package, key):
    report, leaves = checker.check(package, [key])
    assert report.findings == []
    assert report.notes == []
    assert len(leaves) == 60


def edit_body(package):
    package["body"] = package["body"].replace('"destroyed":"60"', '"destroyed":"61"')


def edit_body_and_digest(package):
    edit_body(package)
    package["digest"] = checker.sha256(package["body"].encode()).hexdigest()


def drop_leaf(package):
    del package["leaves"][7]


def swap_leaf(package):
    package["leaves"][7] = "00" * 32


def swap_proof(package):
    events = package["logs"][0]["events"]
    events[0]["path"], events[1]["path"] = events[1]["path"], events[0]["path"]


def edit_event(package):
    event = package["logs"][0]["events"][0]
    event["body"] = event["body"].replace('"outcome":"done"', '"outcome":"refused"')


def edit_checkpoint(package):
    log = package["logs"][0]
    size = log["checkpoint"].split("\n")[1]
    log["checkpoint"] = log["checkpoint"].replace(f"\n{size}\n", f"\n{int(size) + 1}\n", 1)


def drop_issue(package):
    for log in package["logs"]:
        log["events"] = [event for event in log["events"] if checker.ISSUED not in event["body"]]


def drop_person(package):
    package["approval"]["signatures"] = []


def edit_statement(package):
    row = package["approval"]["signatures"][0]
    row["statement"] = row["statement"].replace("approve", "reject")


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (edit_body, "body_edited"),
        (edit_body_and_digest, "signature_bad"),
        (edit_body_and_digest, "totals_wrong"),
        (edit_body_and_digest, "approval_foreign"),
        (edit_body_and_digest, "not_in_log"),
        (drop_leaf, "leaves_missing"),
        (drop_leaf, "leaves_changed"),
        (swap_leaf, "leaves_changed"),
        (swap_leaf, "leaves_moved"),
        (swap_proof, "proof_bad"),
        (edit_event, "proof_bad"),
        (edit_checkpoint, "checkpoint_bad"),
        (drop_issue, "not_in_log"),
        (drop_person, "approval_missing"),
        (edit_statement, "approval_edited"),
    ],
)
def test_the_checker_finds(package, key, edit, kind):
    edit(package)
    assert kind in kinds(package, key)


def test_the_checker_does_not_trust_the_files_own_key(package, key):
    other = verifier_key(key.split("+")[0], Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    assert kinds(package, other) >= {"unknown_key", "checkpoint_bad"}


def test_before_the_log_is_sealed_the_file_says_so(world, case):
    certificate = walk.certified(world, case)
    package = certificate_package(certificate)
    assert package["logs"] == []
    report = checker.Report()
    checker.check_log(report, package, set())
    assert "NOT YET IN THE LOG" in report.notes[0]


# --- Taken away -----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(certificate, tmp_path):
    with package_archive(certificate, "https://console.example.com/retention/check/") as file:
        zipfile.ZipFile(file).extractall(tmp_path)
    return tmp_path / "certificate"


def run(folder, *arguments):
    """The checker as a customer runs it: another Python process, outside the project, isolated."""
    command = [sys.executable, "-I", "-S", str(folder / "run.py"), str(folder / "certificate.json"), *arguments]
    (folder / "run.py").write_text(
        f"import sys; sys.path.insert(0, {str(folder)!r}); import checker; sys.exit(checker.main())"
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    return done.returncode, done.stdout + done.stderr


def test_a_customer_checks_it_with_nothing_but_python(folder, key):
    code, words = run(folder, "--key", key)
    assert (code, "OK     Certificate 1 of case gone-1, for Gone Ltd." in words) == (0, True), words
    assert "60 objects destroyed and verified, 0 retained;" in words
    direct = subprocess.run(
        [sys.executable, "checker.py", "certificate.json", "--key", key], cwd=folder, capture_output=True, check=False
    )
    assert direct.returncode == 0, direct.stderr
    assert (folder / "certificate.pdf").read_bytes().startswith(b"%PDF-")
    assert "https://console.example.com/retention/check/" in (folder / "README.txt").read_text()


def test_a_customer_checks_that_one_object_was_among_those_destroyed(folder, key):
    wanted = ("--key", key, "--store", "files", "--kind", "file", "--name")
    code, words = run(folder, *wanted, "acme/contracts/007.pdf")
    assert (code, "FOUND" in words) == (0, True), words
    code, words = run(folder, *wanted, "acme/contracts/777.pdf")
    assert (code, "ABSENT" in words) == (3, True), words
    code, words = run(folder, *wanted, "/srv/gone/acme/contracts/007.pdf")
    assert (code, "UNCLEAR" in words, "such as plans/2026.pdf" in words) == (4, True, True), words
    code, words = run(folder, "--key", key, "--store", "cellar", "--kind", "file", "--name", "acme/contracts/007.pdf")
    assert (code, "it has files, vault" in words) == (4, True), words


def test_the_readme_names_an_object_in_each_of_its_own_data_stores(folder):
    text = (folder / "README.txt").read_text()
    assert "--store files --kind file --name 'plans/2026.pdf'" in text
    assert "--store vault" not in text, "it lists no objects"
    assert "orders" not in text


def test_a_form_that_the_checker_does_not_know_is_no_good_certificate(package, key):
    package["body"] = package["body"].replace(
        "countersign-deletion-certificate/2", "countersign-deletion-certificate/3"
    )
    with pytest.raises(ValueError, match="does not know the form"):
        checker.check(package, [key])


def test_a_file_cut_short_cannot_be_read(folder, key):
    path = folder / "certificate.json"
    path.write_bytes(path.read_bytes()[:-400])
    code, words = run(folder, "--key", key)
    assert (code, "UNREADABLE" in words) == (2, True), words


def test_an_edited_file_is_told_apart(folder, key):
    path = folder / "certificate.json"
    path.write_text(path.read_text().replace("Gone Ltd", "Come Ltd"))
    code, words = run(folder, "--key", key)
    assert (code, "WRONG  body_edited" in words) == (1, True), words


def test_without_the_salt_nobody_can_try_names(certificate, package):
    salt = unseal(certificate.case.salt)
    assert package["salt"] == salt
    assert salt not in certificate.body
    assert salt not in json.dumps(Event.objects.values_list("body", flat=True)[0])


def test_a_key_that_was_typed_wrong_is_told_so(folder):
    code, words = run(folder, "--key", "console+00")
    assert (code, "--key" in words) == (2, True), words


def test_a_supplementary_certificate_names_the_one_before(world, certificate):
    data_store(world, "late", certificate.case.tenant, kind="attested", selector="Late vault", account="",
               backup_days=None, region="eu-west-1")  # fmt: skip
    case = DeletionCase.objects.get(pk=certificate.case_id)
    second = walk.finished(world, case)
    package = json.loads("".join(package_lines(second)))
    assert package["earlier"] == [{"number": 1, "digest": certificate.digest}]
    assert json.loads(second.body)["supplements"] == certificate.digest
    assert kinds(package, second.key) == set()
    first = json.loads("".join(package_lines(certificate)))
    assert kinds(first, second.key) == set(), "the earlier one still holds"
