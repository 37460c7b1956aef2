"""A tenant's data given back: all of it, in parts with a manifest, to a place of the customer's."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import json
import sqlite3
import zipfile

import pytest

from auditlog.errors import InvalidInputError, StateError
from retention import returning
from retention.connectors.base import TroubleError
from retention.connectors.sql import exporting
from retention.models import DeletionCase, ReturnPart
from retention.services.cases import choose_mode
from retention.services.connections import set_connection
from retention.services.deciding import ask_deletion, why_not_ask
from retention.services.returns import ask_return, retry_return, work_return
from tests.retention.connectors.s3_servers import bucket_of, client_of
from tests.retention.shelf import Killed, Shelf
from tests.retention.test_engine import JOB, died, plan
from tests.reviews.world import item, queue
from tests.tenants.world import data_store, terminate

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world, settings, tmp_path):
    settings.RETENTION_COOLING_OFF = dt.timedelta(0)
    settings.RETENTION_FOLDERS = [str(tmp_path)]
    for tenant in ("acme", "acme2"):
        (tmp_path / tenant / "deep").mkdir(parents=True)
        for n in range(25):
            (tmp_path / tenant / "deep" / f"{n}.txt").write_text(f"{tenant} {n}")
    (tmp_path / "acme" / "odd\\name.txt").write_text("odd")
    queue(world)
    item(world)
    data_store(world, "files", kind="filesystem", selector=f"{tmp_path}/acme/", account="", backup_days=None)
    data_store(world, "vault", kind="attested", selector="Backup vault", account="", backup_days=None)
    terminate(world)
    case = DeletionCase.objects.get(tenant=world.tenant)
    return choose_mode(actor=world.actor("privacy_officer"), case_id=case.id, mode="return")


def give_back(world, case, destination, **more):
    row = ask_return(
        actor=world.actor("privacy_officer"), case_id=case.id, destination=destination, settings=more.get("settings", {}),
        secrets=more.get("secrets", {}),
    )  # fmt: skip
    work_return(str(row.id), actor=JOB)
    row.refresh_from_db()
    case.refresh_from_db()
    return row


def checked(read, manifest):
    """Every part as the manifest says, every file as its part says; gives the files' contents by store and name."""
    files = {}
    for part in manifest["parts"]:
        body = read(part["name"])
        assert hashlib.sha256(body).hexdigest() == part["sha256"]
        archive = zipfile.ZipFile(io.BytesIO(body))
        lines = [json.loads(line) for line in archive.read("files.jsonl").splitlines()]
        assert len(lines) == part["objects"]
        bodies = {line["at"]: archive.read(line["at"]) for line in lines}
        for line in lines:
            start = line.get("from", 0)
            content = bodies[line["at"]][start : start + line["size"]]
            assert hashlib.sha256(content).hexdigest() == line["sha256"]
            assert (part["store"], line["name"]) not in files
            files[part["store"], line["name"]] = content
        assert set(archive.namelist()) == {*bodies, "files.jsonl"}
        assert sum(map(len, bodies.values())) == sum(line["size"] for line in lines) == part["bytes"]
    return files


def shop(world, tmp_path):
    """A database of the tenant's and another's: orders and their lines, and a table with an odd name."""
    with contextlib.closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as database:
        database.executescript("""
            CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_key TEXT NOT NULL, note TEXT, scan BLOB);
            CREATE TABLE order_lines (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id));
            CREATE TABLE "a/../b" (order_id INTEGER NOT NULL REFERENCES orders (id), words TEXT);
            WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 60)
            INSERT INTO orders SELECT n, CASE WHEN n % 3 THEN 'acme' ELSE 'acme2' END, NULL, x'00ff22' FROM n;
            INSERT INTO order_lines SELECT id * 10 + 1, id FROM orders UNION SELECT id * 10, id FROM orders;
            INSERT INTO "a/../b" SELECT id, 'same' FROM orders WHERE id < 4;
        """)
    store = data_store(world, "shop", kind="sql", selector="orders.tenant_key=acme", account="", backup_days=None)
    set_connection(
        actor=world.actor("privacy_officer"), store_id=store.id, settings={},
        secrets={"url": f"sqlite:///{tmp_path}/shop.sqlite3"},
    )  # fmt: skip


def test_everything_of_the_tenant_and_nothing_of_others(world, case, tmp_path):
    row = give_back(world, case, f"{tmp_path}/given/back/")
    assert (row.trouble, case.state) == ("", "open")
    manifest = json.loads((tmp_path / "given/back/manifest.json").read_bytes())
    assert hashlib.sha256((tmp_path / "given/back/manifest.json").read_bytes()).hexdigest() == row.manifest_digest
    files = checked(lambda name: (tmp_path / "given/back" / name).read_bytes(), manifest)
    assert files["files", "deep/7.txt"] == b"acme 7"
    assert files["files", "odd\\name.txt"] == b"odd"
    assert len([1 for store, _name in files if store == "files"]) == 26
    assert any(b'"label"' in body for (store, _n), body in files.items() if store == "reviews.items")
    assert [line["store"] for line in manifest["not_included"]] == ["vault"]
    assert row.sealed == ""


def test_rows_of_a_database_stand_in_a_file_for_each_table(world, case, tmp_path, monkeypatch):
    shop(world, tmp_path)
    monkeypatch.setattr(returning, "MOST_ROWS", 50)
    monkeypatch.setattr(exporting, "BATCH", 20)
    row = give_back(world, case, f"{tmp_path}/given/back/")
    assert (row.trouble, row.trouble_detail) == ("", "")
    manifest = json.loads((tmp_path / "given/back/manifest.json").read_bytes())
    files = checked(lambda name: (tmp_path / "given/back" / name).read_bytes(), manifest)
    rows = {tuple(json.loads(name)): json.loads(body) for (store, name), body in files.items() if store == "shop"}
    ours = [n for n in range(1, 61) if n % 3]
    assert {row["id"] for (table, _key), row in rows.items() if table == "orders"} == set(ours)
    assert {row["order_id"] for (table, _key), row in rows.items() if table == "order_lines"} == set(ours)
    assert len(rows) == 40 + 80 + 2
    assert rows["orders", 4] == {"id": 4, "tenant_key": "acme", "note": None, "scan": "AP8i"}
    parts = [part for part in manifest["parts"] if part["store"] == "shop"]
    assert (len(parts), sum(part["objects"] for part in parts)) == (2, 122)
    names = [n for part in parts for n in zipfile.ZipFile(tmp_path / "given/back" / part["name"]).namelist()]
    assert {name.partition("/")[0] for name in names} == {"rows", "odd", "files.jsonl"}


def test_killed_within_a_database_it_gives_each_row_once(world, case, tmp_path, monkeypatch):
    shop(world, tmp_path)
    monkeypatch.setattr(returning, "MOST_ROWS", 50)
    monkeypatch.setattr(exporting, "BATCH", 20)
    real = returning.Part.add_rows
    calls = []

    def killed(part, *given, **more):
        calls.append(1)
        if len(calls) == 5:
            raise Killed
        real(part, *given, **more)

    monkeypatch.setattr(returning.Part, "add_rows", killed)
    died(lambda: give_back(world, case, f"{tmp_path}/given/back/"))
    row = DeletionCase.objects.get(pk=case.id).data_return
    assert row.parts.filter(store_key="shop").count() == 1
    work_return(str(row.id), actor=JOB)
    row.refresh_from_db()
    manifest = json.loads((tmp_path / "given/back/manifest.json").read_bytes())
    files = checked(lambda name: (tmp_path / "given/back" / name).read_bytes(), manifest)
    assert len([1 for store, _name in files if store == "shop"]) == 122
    assert row.objects_returned == len(files)


def test_the_lease_is_kept_while_a_part_is_filled(world, case, tmp_path, monkeypatch):
    """A part may take longer than a lease lasts: nobody else may begin the store meanwhile."""
    kept = []
    monkeypatch.setattr("retention.services.returns.TERM", dt.timedelta(0))
    monkeypatch.setattr("retention.services.returns.keep_lease", lambda held: kept.append(held) or len(kept) < 8)
    row = give_back(world, case, f"{tmp_path}/given/back/")
    assert (row.trouble_detail, len(kept)) == ("somebody else returns it", 8)
    assert not row.parts.exists(), "not one part was written by then"


def test_to_a_bucket_of_the_customers(world, case, s3_server):
    server = bucket_of(s3_server, "of-the-customer")
    place = {"settings": {"endpoint_url": server.endpoint_url, "region": server.region},
             "secrets": {"access_key_id": server.access_key, "secret_access_key": server.secret_key}}  # fmt: skip
    give_back(world, case, "of-the-customer/acme/", **place)

    def read(name):
        return client_of(server).get_object(Bucket=server.bucket, Key=f"acme/{name}")["Body"].read()

    assert len(checked(read, json.loads(read("manifest.json")))) >= 27


def test_nothing_is_deleted_before_it_was_returned(world, case):
    plan(world, case)
    assert "back first" in why_not_ask(case)
    with pytest.raises(StateError):
        ask_deletion(actor=world.actor("privacy_officer"), case_id=case.id)


def test_killed_it_goes_on_from_the_store_it_was_at(world, case, tmp_path, monkeypatch):
    monkeypatch.setattr(returning, "MOST_FILES", 10)
    real, calls = returning.sha256_of, []

    def killed(body):
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        return real(body)

    monkeypatch.setattr("retention.services.returns.sha256_of", killed)
    died(lambda: give_back(world, case, f"{tmp_path}/given/back/"))
    row = DeletionCase.objects.get(pk=case.id).data_return
    work_return(str(row.id), actor=JOB)
    row.refresh_from_db()
    assert row.done_at is not None
    assert ReturnPart.objects.filter(data_return=row, store_key="files").count() == 3
    manifest = json.loads((tmp_path / "given/back/manifest.json").read_bytes())
    files = checked(lambda name: (tmp_path / "given/back" / name).read_bytes(), manifest)
    assert len([1 for store, _name in files if store == "files"]) == 26


def test_a_trouble_says_which_and_waits(world, case, tmp_path, monkeypatch):
    shelf = Shelf(["a"]).install(monkeypatch)
    shelf.trouble = TroubleError("denied", "AccessDenied")
    row = give_back(world, case, f"{tmp_path}/given/back/")
    assert (row.trouble, case.state) == ("denied", "exporting")
    shelf.trouble = None
    retry_return(actor=world.actor("privacy_officer"), case_id=case.id)
    work_return(str(row.id), actor=JOB)
    row.refresh_from_db()
    assert row.done_at is not None


@pytest.mark.parametrize("destination", ["", "bucket", "/x/", "bucket/no-slash"])
def test_a_destination_has_a_form(world, case, destination):
    with pytest.raises(InvalidInputError) as refused:
        give_back(world, case, destination)
    assert refused.value.field == "destination"


def test_a_destination_within_what_is_to_be_deleted_is_refused(world, case, tmp_path):
    with pytest.raises(InvalidInputError):
        give_back(world, case, f"{tmp_path}/acme/back/")


def test_a_folder_nobody_allowed(world, case):
    assert give_back(world, case, "/etc/countersign/back/").trouble == "denied"
