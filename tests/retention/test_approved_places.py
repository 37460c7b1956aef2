"""What was signed for is what is erased: the same server, database and key; the same register; a folder that is there."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command

from auditlog.errors import InvalidInputError, StateError
from governance.models import Approval
from governance.services.signatures import has_changed
from retention.connectors.base import Item, Place, State, TroubleError
from retention.connectors.depositing import FolderDeposit
from retention.connectors.filesystem import FilesystemConnector
from retention.connectors.s3 import S3Connector
from retention.models import DeletionCase, Step
from retention.opening import place_of_store
from retention.services.certifying import ask_certificate
from retention.services.connections import set_connection
from retention.services.deciding import ask_deletion
from retention.services.steps import retry_step, work_step
from tenants.services import register_tenant
from tests.retention.shelf import Shelf
from tests.retention.test_engine import JOB, approved, died, plan, work
from tests.tenants.world import agreement, data_store, terminate

pytestmark = pytest.mark.django_db
FILES = {"kind": "filesystem", "account": "", "backup_days": None}
KEY, OTHER_KEY = "1234abcd-12ab-34cd-56ef-1234567890ab", "9999abcd-12ab-34cd-56ef-1234567890ab"
SERVER = "https://s3.example.com"


@pytest.fixture(autouse=True)
def _at_once(settings, tmp_path):
    settings.RETENTION_COOLING_OFF = dt.timedelta(0)
    settings.RETENTION_FOLDERS = ["/srv", str(tmp_path)]
    settings.AUDITLOG_KEYS_DIR = tmp_path


def connect(world, store, server=SERVER, key="", secret="first"):
    secrets = {"access_key_id": "AKIA4711", "secret_access_key": secret}
    settings = {"endpoint_url": server, "kms_key_id": key}
    return set_connection(actor=world.actor("privacy_officer"), store_id=store.id, settings=settings, secrets=secrets)


@pytest.fixture
def bucket(world, monkeypatch):
    Shelf(["a"]).install(monkeypatch, "s3")
    store = data_store(world, "files", backup_days=None)
    connect(world, store, key=KEY)
    terminate(world)
    return store


def case_of(world):
    return DeletionCase.objects.get(tenant=world.tenant)


def test_i10_the_signature_is_for_this_server_and_this_key(world, bucket):
    case = plan(world, case_of(world))
    approval = ask_deletion(actor=world.actor("privacy_officer"), case_id=case.id)
    assert KEY in approval.snapshot
    assert SERVER not in approval.snapshot
    connect(world, bucket, key=KEY, secret="rotated")
    assert not has_changed(approval), "who asks may change"
    connect(world, bucket, key=OTHER_KEY)
    assert has_changed(approval)
    connect(world, bucket, "https://staging.example.com", KEY)
    assert has_changed(approval)


def test_i10_a_database_is_told_by_where_it_is_and_not_by_who_asks(world, monkeypatch):
    Shelf(["a"]).install(monkeypatch, "sql")
    store = data_store(world, "orders", kind="sql", selector="orders.tenant=acme", account="", backup_days=None)

    def connect_to(address):
        officer = world.actor("privacy_officer")
        set_connection(actor=officer, store_id=store.id, settings={}, secrets={"url": address})

    connect_to("postgresql://countersign:first@db.example/orders")
    terminate(world)
    case = plan(world, case_of(world))
    approval = ask_deletion(actor=world.actor("privacy_officer"), case_id=case.id)
    assert "db.example" not in approval.snapshot
    connect_to("postgresql://somebody:second@db.example/orders")
    assert not has_changed(approval)
    for elsewhere in (
        "db.example/staging",
        "staging.example/orders",
        "db.example/orders?options=-csearch_path%3Dother",
    ):
        connect_to(f"postgresql://countersign:first@{elsewhere}")
        assert has_changed(approval), elsewhere


def test_i10_while_it_is_erased_and_afterwards_the_connection_stays(world, bucket):
    case = approved(world, case_of(world))
    for _erased in range(2):
        with pytest.raises(StateError):
            connect(world, bucket, "https://staging.example.com", KEY)
        with pytest.raises(StateError):
            connect(world, bucket, key=OTHER_KEY)
        connect(world, bucket, key=KEY, secret="rotated")
        work(case)
    assert case.state == "verifying"


def test_a_key_of_another_tenants_store_is_refused(world, bucket):
    other = register_tenant(
        actor=world.actor("administrator"), key="other", name="Other Ltd", allowed_regions=[bucket.region]
    )
    agreement(world, "MSA-O", other)
    theirs = data_store(world, "files", other, selector="customer-files/other/", region=bucket.region)
    for same in (KEY, f"arn:aws:kms:eu-central-1:112233445566:key/{KEY}"):
        with pytest.raises(InvalidInputError) as refused:
            connect(world, theirs, key=same)
        assert refused.value.field == "kms_key_id"
    connect(world, theirs, key=OTHER_KEY)


def test_one_persons_part_has_no_key(world, bucket):
    place = place_of_store(bucket, "customer-files/acme/7/", within={"selector": bucket.selector})
    assert "kms_key_id" not in place.settings
    whole = Place(
        kind="s3", selector="customer-files/acme/7/", region="eu-central-1",
        settings={"kms_key_id": KEY, "within": {"selector": "customer-files/acme/"}},
        secrets={"access_key_id": "x", "secret_access_key": "x"},
    )  # fmt: skip
    connector = S3Connector(whole)
    assert connector.kms is None
    [outcome] = connector.erase([Item("key", KEY)])
    assert (outcome.state, outcome.code) == (State.KEPT, "wrong_kind")


@pytest.fixture
def folder(world, tmp_path):
    (tmp_path / "disk/acme/deep").mkdir(parents=True)
    (tmp_path / "disk/acme/deep/file").write_text("theirs")
    data_store(world, "files", selector=f"{tmp_path}/disk/acme/", **FILES)
    terminate(world)
    return tmp_path / "disk/acme"


def test_a_disk_that_goes_in_mid_run_is_no_empty_one(world, folder, tmp_path):
    case = approved(world, case_of(world))
    step, real = case.steps.get(), FilesystemConnector.erase

    def unmounted(self, items):
        (tmp_path / "disk").rename(tmp_path / "unmounted")
        (tmp_path / "disk").mkdir()
        return real(self, items)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FilesystemConnector, "erase", unmounted)
        work_step(str(step.id), actor=JOB)
    step.refresh_from_db()
    assert (step.state, step.trouble, step.destroyed) == ("failed", "vanished", 0)
    (tmp_path / "disk").rmdir()
    (tmp_path / "unmounted").rename(tmp_path / "disk")  # mounted again
    retry_step(actor=world.actor("privacy_officer"), step_id=step.id)
    work(case)
    step.refresh_from_db()
    assert (step.state, step.destroyed, folder.exists()) == ("verified", 3, False)


@pytest.mark.parametrize("calls", [1, 2])
def test_i55_killed_between_the_call_and_its_answer_the_folder_is_gone_all_the_same(world, folder, calls):
    from tests.retention.shelf import Killed

    case = approved(world, case_of(world))
    step, real, left = case.steps.get(), FilesystemConnector.erase, [calls]

    def killed(self, items):
        answers = real(self, items)
        left[0] -= 1
        if not left[0]:
            raise Killed
        return answers

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FilesystemConnector, "erase", killed)
        died(lambda: work_step(str(step.id), actor=JOB))
    work(case)
    step.refresh_from_db()
    assert (step.state, step.destroyed, folder.exists()) == ("verified", 3, False)


def test_a_folder_that_never_came_back_is_made_again_and_verified(world, folder):
    """The way out: somebody has emptied it by hand."""
    case = approved(world, case_of(world))
    (folder / "deep/file").unlink()
    (folder / "deep").rmdir()
    folder.rmdir()
    work(case)
    step = case.steps.get()
    assert step.trouble == "vanished"
    folder.mkdir()
    retry_step(actor=world.actor("privacy_officer"), step_id=step.id)
    work(case)
    step.refresh_from_db()
    assert step.state == "verified"


def test_i57_a_replay_begins_nothing_that_was_signed_for_meanwhile(world, monkeypatch, settings):
    shelf = Shelf(["acme/1"]).install(monkeypatch)
    data_store(world, "files", selector="/srv/acme/", **FILES)
    terminate(world)
    case = work(approved(world, case_of(world)))
    world.sign("second_privacy_officer", ask_certificate(actor=world.actor("privacy_officer"), case_id=case.id))
    data_store(world, "late", selector="/srv/late/", **FILES)
    settings.RETENTION_COOLING_OFF = dt.timedelta(hours=24)
    approved(world, case)
    assert case.state == "cooling_off"
    shelf.there.add(Item("file", "acme/1", "", 10))
    call_command("replay_tombstones", store="files")
    case.refresh_from_db()
    assert shelf.there == set()
    assert (case.state, case.approval.state) == ("open", Approval.State.SUPERSEDED), "counted and signed again"
    assert not Step.objects.filter(item__store__key="late").exists()


def test_a_return_is_written_nowhere_else_though_a_link_is_swapped_in(tmp_path):
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "given").mkdir(parents=True)
    outside.mkdir()
    deposit = FolderDeposit(Place(kind="deposit", selector=f"{root}/given/back/", settings={"roots": [str(root)]}))
    deposit.put("manifest.json", b"{}")
    assert (root / "given/back/manifest.json").read_bytes() == b"{}"
    (root / "given").rename(root / "moved")
    (root / "given").symlink_to(outside)
    with pytest.raises(TroubleError):
        deposit.put("part-1", b"theirs")
    assert not list(outside.iterdir())
