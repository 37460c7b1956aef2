"""What is destroyed only when somebody signed for it, and what stays whatever is asked."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.management import call_command
from django.utils import timezone

from auditlog.errors import GovernanceError
from governance.services.signatures import has_changed
from retention.connectors.base import Place
from retention.connectors.filesystem import FilesystemConnector
from retention.models import DeletionCase, PlanItem
from retention.services.cases import choose_mode
from retention.services.certifying import ask_certificate
from retention.services.connections import make_signing_secret, set_connection
from retention.services.deciding import ask_deletion
from retention.services.returns import ask_return, work_return
from retention.services.subjects import select_part, sweep_subjects, take_request
from tenants.services import edit_store, register_tenant
from tests.calling import account_for, call, token_for
from tests.retention.connectors.s3_servers import bucket_of, client_of
from tests.retention.shelf import Shelf
from tests.retention.test_engine import JOB, approved, plan, work
from tests.retention.test_subjects import request_of
from tests.retention.world_holds import body_of_receipt, request_facts, signed
from tests.tenants.world import agreement, data_store, facts, terminate

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(settings, tmp_path):
    settings.RETENTION_COOLING_OFF = dt.timedelta(0)
    settings.RETENTION_FOLDERS = ["/srv"]
    settings.AUDITLOG_KEYS_DIR = tmp_path / "keys"
    settings.AUDITLOG_KEYS_DIR.mkdir()


def reached(world, store, server, **settings):
    """The store's connection to a real S3 server."""
    return set_connection(
        actor=world.actor("privacy_officer"), store_id=store.id,
        settings={"endpoint_url": server.endpoint_url, **settings},
        secrets={"access_key_id": server.access_key, "secret_access_key": server.secret_key},
    )  # fmt: skip


def test_one_persons_erasure_leaves_the_tenants_key_alone(world, s3_server):
    kms = client_of(s3_server, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    server = bucket_of(s3_server, "found-person")
    client_of(server).put_object(Bucket=server.bucket, Key="acme/users/7/mail", Body=b"x")
    client_of(server).put_object(Bucket=server.bucket, Key="acme/users/8/mail", Body=b"x")
    tenant = register_tenant(
        actor=world.actor("administrator"), key="keyed", name="Keyed Ltd", allowed_regions=[server.region]
    )
    agreement(world, "MSA-K", tenant)  # it runs
    store = data_store(
        world, "files", tenant, selector=f"{server.bucket}/acme/", account="", region=server.region, backup_days=None
    )
    reached(world, store, server, kms_key_id=key)
    case = take_request(actor=world.actor("privacy_officer"), tenant_id=tenant.id, facts=request_facts()).case
    select_part(
        actor=world.actor("privacy_officer"),
        case_id=case.id,
        store_id=store.id,
        selector=f"{server.bucket}/acme/users/7/",
    )
    work(approved(world, case))
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled", "everything of the tenant would be lost"


def test_a_product_is_never_asked_for_the_whole_tenant_in_place_of_a_person(world, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "retention.services.receipts.post", lambda url, body, headers: asked.append(json.loads(body)) or 202
    )
    agreement(world)
    store = data_store(
        world, "assistant", kind="webhook", selector="https://assistant.example/erase", account="", backup_days=None,
        data_classes=("personal",),
    )  # fmt: skip
    secret = make_signing_secret(actor=world.actor("privacy_officer"), store_id=store.id)
    case = work(approved(world, request_of(world).case))
    assert asked[-1]["subject"] == "user-4711"
    body = body_of_receipt(case.steps.get(), verified_empty_at=timezone.now().isoformat())
    token = token_for(world, account_for(world, "assistant", ["retention:receipt"]))
    assert call("POST", "/api/v1/deletion-receipts", token=token, body=body, **signed(secret, body)).status_code == 200
    case.refresh_from_db()
    world.sign("second_privacy_officer", ask_certificate(actor=world.actor("privacy_officer"), case_id=case.id))
    sweep_subjects()
    case.subject_request.refresh_from_db()
    assert case.subject_request.sealed_subject == "", "it is done, and forgotten"
    call_command("replay_tombstones", store="assistant")  # the product was restored from a backup
    assert all(request["subject"] for request in asked), "an empty subject asks for everything of the tenant"


def test_one_persons_part_is_not_the_tenants_whole_table(world):
    agreement(world)
    store = data_store(
        world, "orders", kind="sql", selector="orders.tenant=acme", account="", backup_days=None,
        data_classes=("personal",),
    )  # fmt: skip
    case = request_of(world).case
    with pytest.raises(GovernanceError):
        select_part(
            actor=world.actor("privacy_officer"), case_id=case.id, store_id=store.id, selector="orders.tenant=acme"
        )


def test_i10_another_server_or_key_than_was_signed_for_needs_another_signature(world, monkeypatch):
    Shelf(["a"]).install(monkeypatch, "s3")
    store = data_store(world, "files", backup_days=None)
    connect = {"endpoint_url": "https://s3.example.com"}
    set_connection(actor=world.actor("privacy_officer"), store_id=store.id, settings=connect, secrets={})
    terminate(world)
    case = plan(world, DeletionCase.objects.get(tenant=world.tenant))
    approval = ask_deletion(actor=world.actor("privacy_officer"), case_id=case.id)
    other = {"endpoint_url": "https://staging.example.com", "kms_key_id": "alias/shared-by-everybody"}
    refused = False
    try:
        set_connection(actor=world.actor("privacy_officer"), store_id=store.id, settings=other, secrets={})
    except GovernanceError:
        refused = True
    assert refused or has_changed(approval)


def test_two_tenants_stores_do_not_share_a_key_that_is_to_be_deleted(world, monkeypatch):
    Shelf(["a"]).install(monkeypatch, "s3")
    store = data_store(world, "files", backup_days=None)
    other = register_tenant(
        actor=world.actor("administrator"), key="other", name="Other Ltd", allowed_regions=[store.region]
    )
    agreement(world, "MSA-O", other)
    theirs = data_store(world, "files", other, selector="customer-files/other/", region=store.region)
    key = {"kms_key_id": "1234abcd-12ab-34cd-56ef-1234567890ab"}
    set_connection(actor=world.actor("privacy_officer"), store_id=theirs.id, settings=key, secrets={})
    try:
        set_connection(actor=world.actor("privacy_officer"), store_id=store.id, settings=key, secrets={})
    except GovernanceError:
        return
    terminate(world)
    plan(world, DeletionCase.objects.get(tenant=world.tenant))
    item = PlanItem.objects.get(store=store)
    assert item.trouble, "deleting the key takes the other tenant's data, whose agreement runs"


def test_i10_a_store_edited_after_a_persons_request_was_signed_needs_another_signature(world, monkeypatch):
    Shelf(["a"]).install(monkeypatch)
    agreement(world)
    store = data_store(
        world, "files", kind="filesystem", selector="/srv/acme/", account="", backup_days=None,
        data_classes=("personal",),
    )  # fmt: skip
    case = request_of(world).case
    select_part(actor=world.actor("privacy_officer"), case_id=case.id, store_id=store.id, selector="/srv/acme/4711/")
    plan(world, case)
    approval = ask_deletion(actor=world.actor("privacy_officer"), case_id=case.id)
    changed = facts(
        world, kind="filesystem", selector="/srv/elsewhere/", account="", backup_days=None, data_classes=("personal",)
    )
    try:
        edit_store(actor=world.actor("privacy_officer"), store_id=store.id, facts=changed)
    except GovernanceError:
        return
    assert has_changed(approval), "its selector is what the person's part has to lie within"


def test_a_late_store_is_returned_before_it_is_deleted(world, settings, tmp_path):
    settings.RETENTION_FOLDERS = [str(tmp_path)]
    for name in ("acme", "late"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    files = {"kind": "filesystem", "account": "", "backup_days": None}
    data_store(world, "files", selector=f"{tmp_path}/acme/", **files)
    terminate(world)
    case = DeletionCase.objects.get(tenant=world.tenant)
    officer = world.actor("privacy_officer")
    choose_mode(actor=officer, case_id=case.id, mode="return")
    row = ask_return(actor=officer, case_id=case.id, destination=f"{tmp_path}/given/back/", settings={}, secrets={})
    work_return(str(row.id), actor=JOB)
    work(approved(world, case))
    assert case.state == "verifying"
    data_store(world, "late", selector=f"{tmp_path}/late/", **files)
    case.refresh_from_db()
    assert case.state == "open"
    plan(world, case)
    with pytest.raises(GovernanceError):  # the customer chose to have everything back first
        ask_deletion(actor=officer, case_id=case.id)
    with pytest.raises(GovernanceError, match="to the same place"):
        ask_return(actor=officer, case_id=case.id, destination=f"{tmp_path}/given/2/", settings={}, secrets={})
    row = ask_return(actor=officer, case_id=case.id, destination=f"{tmp_path}/given/back/", settings={}, secrets={})
    work_return(str(row.id), actor=JOB)
    manifest = json.loads((tmp_path / "given/back/manifest.json").read_text())
    assert {part["store"] for part in manifest["parts"]} == {"files", "late"}, "what was returned before is told, too"
    assert not manifest["not_included"]
    for part in manifest["parts"]:
        assert (tmp_path / "given/back" / part["name"]).exists()
    work(approved(world, case))
    assert case.state == "verifying"
    assert not (tmp_path / "late/file").exists()


def test_a_folder_that_was_never_erased_and_is_not_there_blocks_its_store(world, settings, tmp_path):
    """A disk that is mounted one folder above, and is not mounted now: its mount point is there, and empty."""
    settings.RETENTION_FOLDERS = [str(tmp_path)]
    (tmp_path / "disk/acme").mkdir(parents=True)
    (tmp_path / "disk/acme/file").write_text("theirs")
    data_store(world, "files", kind="filesystem", selector=f"{tmp_path}/disk/acme/", account="", backup_days=None)
    terminate(world)
    case = approved(world, DeletionCase.objects.get(tenant=world.tenant))
    assert case.plan.items.get(store__isnull=False).objects_found == 2
    (tmp_path / "disk").rename(tmp_path / "unmounted")
    (tmp_path / "disk").mkdir()
    work(case)
    step = case.steps.get()
    assert (tmp_path / "unmounted/acme/file").exists()
    assert step.state != "verified", f"“verified empty” with {step.destroyed} destroyed of two that were counted"


def test_a_link_that_is_swapped_in_above_the_folder_leads_nowhere(tmp_path):
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "exports/acme").mkdir(parents=True)
    (root / "exports/acme/file").write_text("acme")
    (outside / "acme").mkdir(parents=True)
    (outside / "acme/file").write_text("somebody else's, below no folder of RETENTION_FOLDERS")
    connector = FilesystemConnector(
        Place(kind="filesystem", selector=f"{root}/exports/acme/", settings={"roots": [str(root)]})
    )
    items = [item for page in connector.pages() for item in page]
    (root / "exports").rename(root / "moved")
    (root / "exports").symlink_to(outside)
    connector.erase(items)
    assert (outside / "acme/file").exists()


def test_accounts_that_are_written_differently_do_not_hide_an_overlap(world):
    data_store(world, "files", kind="filesystem", selector="/srv/share/", account="", backup_days=None)
    other = register_tenant(
        actor=world.actor("administrator"),
        key="other",
        name="Other Ltd",
        allowed_regions=world.tenant.allowed_regions,
    )
    with pytest.raises(GovernanceError):
        data_store(
            world, "files", other, kind="filesystem", selector="/srv/share/other/", account="nas-1", backup_days=None
        )
