"""Two workers at one store, and what a late answer does."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import time

import pytest
from django.utils import timezone

from auditlog.errors import GovernanceError
from governance.models import Approval
from retention.connectors.base import Item, Outcome, State, TroubleError
from retention.models import DeletionCase, Lease
from retention.services import leases, returns
from retention.services.cases import choose_mode
from retention.services.certifying import ask_certificate
from retention.services.connections import set_connection
from retention.services.returns import ask_return, work_return
from retention.services.steps import retry_step, work_step
from tenants.services import register_tenant
from tests.retention import world_holds as made
from tests.retention.connectors.s3_servers import bucket_of, client_of
from tests.retention.shelf import FILES, ShelfConnector
from tests.retention.test_engine import JOB, approved, work
from tests.tenants.world import agreement, data_store, terminate

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(settings, tmp_path):
    settings.RETENTION_COOLING_OFF = dt.timedelta(0)
    settings.RETENTION_FOLDERS = ["/srv", str(tmp_path)]


def test_a_worker_whose_lease_is_over_notes_no_trouble(world, case, shelf):
    """Its call hangs for a minute (S3 reads for 60 s); the next one has done everything by then."""
    approved(world, case)
    step = case.steps.get()

    def hangs(items):
        Lease.objects.update(until=timezone.now() - dt.timedelta(seconds=1))
        work_step(str(step.id), actor=JOB)
        step.refresh_from_db()
        assert step.state == "verified"
        raise TroubleError("denied", "ExpiredPolicy")

    shelf.faults = [hangs]
    with contextlib.suppress(GovernanceError):  # settle_case: VERIFYING has no way to BLOCKED
        work_step(str(step.id), actor=JOB)
    step.refresh_from_db()
    case.refresh_from_db()
    if step.state == "failed":
        assert case.state == "verifying"
        with pytest.raises(GovernanceError):
            retry_step(actor=world.actor("privacy_officer"), step_id=step.id)
    assert step.state == "verified", "and nobody can try it again: the case is not being executed"


def test_a_key_that_was_corrected_lets_its_store_go_on(world, s3_server, monkeypatch):
    """A mistyped key is another account's: denied. It is corrected, and the old one is asked for, for ever."""
    server = bucket_of(s3_server, "found-key")
    client_of(server).put_object(Bucket=server.bucket, Key="acme/one", Body=b"x")
    right = client_of(server, "kms").create_key()["KeyMetadata"]["KeyId"]
    tenant = register_tenant(
        actor=world.actor("administrator"), key="keyed", name="Keyed Ltd", allowed_regions=[server.region]
    )
    agreement(world, "MSA-K", tenant)
    store = data_store(
        world, "files", tenant, selector=f"{server.bucket}/acme/", account="", region=server.region, backup_days=None
    )

    def connect(key):
        set_connection(
            actor=world.actor("privacy_officer"), store_id=store.id,
            settings={"endpoint_url": server.endpoint_url, "kms_key_id": key},
            secrets={"access_key_id": server.access_key, "secret_access_key": server.secret_key},
        )  # fmt: skip

    connect("12345678-12ab-34cd-56ef-1234567890ab")  # another account’s
    monkeypatch.setattr(  # what AWS answers for another account's key; moto knows no other account
        "retention.connectors.s3.connector.key_items", lambda kms, key: [Item("key", key)]
    )
    monkeypatch.setattr(
        "retention.connectors.s3.connector.schedule",
        lambda kms, item: Outcome(
            item, State.KEPT, *(("key_pending",) if item.name == right else ("denied", "AccessDeniedException")),
            until=timezone.now() + dt.timedelta(days=7),
        ),
    )  # fmt: skip
    terminate(world, tenant)
    case = work(approved(world, DeletionCase.objects.get(tenant=tenant)))
    step = case.steps.get()
    assert (step.state, step.trouble) == ("failed", "denied")
    connect(right)
    for _n in range(3):
        retry_step(actor=world.actor("privacy_officer"), step_id=step.id)
        work(case)
    step.refresh_from_db()
    assert step.state == "residue", f"{step.state}: {step.trouble} {step.trouble_detail}"


def test_a_return_is_written_by_one_worker_at_a_time(world, case, shelf, monkeypatch, tmp_path):
    for module in (leases, returns):
        monkeypatch.setattr(module, "TERM", dt.timedelta(seconds=1.5))
    choose_mode(actor=world.actor("privacy_officer"), case_id=case.id, mode="return")
    row = ask_return(
        actor=world.actor("privacy_officer"), case_id=case.id, destination=f"{tmp_path}/given/back/", settings={},
        secrets={},
    )  # fmt: skip
    second, real = [], ShelfConnector.read

    def slow(self, item):
        time.sleep(0.25)  # ten files in 2.5 s, as half a gigabyte in more than thirty seconds
        if not second or second[-1] is None:
            second.append(leases.take_lease(row.id))
        return real(self, item)

    monkeypatch.setattr(ShelfConnector, "read", slow)
    work_return(str(row.id), actor=JOB)
    assert not any(second), "the next worker deletes the parts of this store and begins anew"


def test_i52_a_hold_is_not_in_effect_while_a_key_waits_for_its_deletion(world, case, shelf):
    until = timezone.now() + dt.timedelta(days=7)
    shelf.locked["acme/003"] = Outcome(
        Item("file", "acme/003", "", 10), State.KEPT, "key_pending", "PendingDeletion", until, "KMS"
    )
    work(approved(world, case))
    row = made.hold(world)
    assert row.effective_at is None, "in seven days the key is destroyed, unless somebody cancels that"


def test_the_certificate_names_every_approval_that_something_was_erased_under(world, case, shelf):
    work(approved(world, case))
    data_store(world, "late", selector="/srv/late/", **FILES)
    work(approved(world, case))
    asked = ask_certificate(actor=world.actor("privacy_officer"), case_id=case.id)
    content = json.loads(asked.snapshot)
    told = {row["digest"]: row for row in content["approvals"]}
    assert len(told) == 2
    for row in told.values():
        assert row["plan"] == json.loads(Approval.objects.get(digest=row["digest"]).snapshot)["plan"]["digest"]
        assert row["executed_by"] == str(world.person["privacy_officer"].id)
        assert len(row["signed_by"]) == 1
    for row in content["stores"]:
        signed_for = json.loads(Approval.objects.get(digest=row["approved"]).snapshot)["stores"]
        assert row["key"] in {store["key"] for store in signed_for}, f"nobody approved the erasure of {row['key']}"
