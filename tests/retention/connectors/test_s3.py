"""The S3 connector against two servers over HTTP: everything goes, nothing else does, each trouble is told apart."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import itertools
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from retention.connectors.base import Item, State, TroubleError
from retention.connectors.s3 import S3Connector, listing
from tests.retention.connectors.s3_servers import SERVERS, bucket_of, client_of, listed, place
from tests.retention.counting import left_in

#: Keys that real buckets hold.
ODD = [
    "acme/plain.txt", "acme/with space.txt", "acme/100%.txt", "acme/%2F.txt", "acme/a+b.txt", "acme/a b.txt",
    "acme/a%20b.txt", "acme/ü–日本.txt", "acme/u\u0308–日本.txt", "acme/tab\t.txt", "acme/line\n.txt", "acme/<&>'\".txt",
    "acme/&#13;&amp;.txt", "acme/../up.txt", "acme/../acme2/plain.txt", "acme//double.txt", "acme/", "acme/trailing/",
    "acme/" + "x" * 900, "acme/ctrl\x01.txt", "acme/return\r.txt", "acme/return\r\n.txt", "acme/\x7f\x85\u2028.txt",
    "acme/\ufffe.txt", "acme/\x1b[0m.txt",
]  # fmt: skip
#: moto's web framework knows no address with a line feed in it.
NOT_AT_MOTO = {"acme/line\n.txt", "acme/return\r\n.txt"}
OTHERS = ["acme2/plain.txt", "acme", "acme-old/x", "Acme/x", "other/acme/x"]
numbers = itertools.count()


@pytest.fixture(scope="session", params=list(SERVERS))
def any_server(request):
    with SERVERS[request.param]() as server:
        yield server


@pytest.fixture
def server(any_server):
    """A bucket of one's own on each server."""
    return bucket_of(any_server, f"files-{next(numbers)}-{uuid.uuid4().hex[:8]}")


@pytest.fixture
def locked(any_server):
    return bucket_of(any_server, f"locked-{uuid.uuid4().hex[:8]}", ObjectLockEnabledForBucket=True)


def fill(server, keys):
    """Two versions of each, a marker over every third, and an unfinished upload beside every fifth."""
    client = client_of(server)

    def put(numbered):
        n, key = numbered
        for body in (b"one", b"two!"):
            client.put_object(Bucket=server.bucket, Key=key, Body=body)
        if n % 3 == 0:
            client.delete_object(Bucket=server.bucket, Key=key)
        if n % 5 == 0:
            client.create_multipart_upload(Bucket=server.bucket, Key=key)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, enumerate(keys)))


def put_odd(server):
    """Every odd key that the server takes: two versions, and an upload; gives the keys it took."""
    client, taken = client_of(server), []
    for key in ODD:
        try:
            for body in (b"one", key.encode()):
                client.put_object(Bucket=server.bucket, Key=key, Body=body)
        except ClientError:
            continue
        taken.append(key)
        with contextlib.suppress(ClientError):  # it begins, and its answer cannot be read
            client.create_multipart_upload(Bucket=server.bucket, Key=key)
    assert set(ODD) - set(taken) <= NOT_AT_MOTO
    return taken


def everything(server):
    client, found = client_of(server), set()
    for page in client.get_paginator("list_object_versions").paginate(Bucket=server.bucket):
        found |= {(row["Key"], row["VersionId"]) for row in page.get("Versions", []) + page.get("DeleteMarkers", [])}
    return found


def erase(connector, items):
    """Erase in batches; every item is answered for once."""
    outcomes = []
    for at in range(0, len(items), connector.batch):
        outcomes += connector.erase(items[at : at + connector.batch])
    assert sorted(map(repr, (o.item for o in outcomes))) == sorted(map(repr, items))
    return outcomes


def sweep(connector, most=12):
    """What the engine does: erase page by page while it lists, until a listing finds nothing; gives what went each time."""
    went = []
    for _n in range(most):
        outcomes = [outcome for page in connector.pages() for outcome in erase(connector, page)]
        if not outcomes:
            return went
        went.append(sum(outcome.state == State.GONE for outcome in outcomes))
    raise AssertionError(f"It never ended: {went}")


def test_acme_goes_and_acme2_stays(server):
    fill(server, OTHERS)
    others = everything(server)
    taken = put_odd(server)
    connector = S3Connector(place(server))
    connector.check()
    items = listed(connector)
    assert {item.name for item in items if item.kind == "version"} == set(taken)
    assert {item.name for item in items if item.kind == "upload"} == set(taken)
    sweep(connector)
    assert left_in(connector).items == 0
    assert everything(server) == others
    assert [item.kind for item in listed(S3Connector(place(server, "acme2/")))].count("version") == 2


def test_odd_keys_are_read_as_they_are(server):
    put_odd(server)
    connector = S3Connector(place(server))
    for item in listed(connector):
        assert b"".join(connector.read(item)) in ((b"one", item.name.encode()) if item.kind == "version" else (b"",))


def test_counts_what_is_there(server):
    fill(server, [f"acme/{n}" for n in range(15)])
    left = left_in(S3Connector(place(server)))
    assert left.kinds == {"version": 30, "marker": 5, "upload": 3}
    assert left.bytes == 15 * (3 + 4)


def test_sweeps_go_on_until_one_finds_nothing(server, monkeypatch):
    """A server that loses pages when one deletes while listing needs more than one sweep."""
    monkeypatch.setattr(listing, "PAGE", 20)
    fill(server, [f"acme/{n:05}" for n in range(60)])
    connector = S3Connector(place(server))
    assert len(listed(connector)) == 152
    assert sum(sweep(connector)) == 152
    assert left_in(connector).items == 0
    assert everything(server) == set()


def test_more_than_a_page_by_many_threads(server, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 100)
    fill(server, [f"acme/{n:05}" for n in range(150)])
    connector = S3Connector(place(server))
    items = listed(connector)
    with ThreadPoolExecutor(8) as pool:
        chunks = [items[at : at + 20] for at in range(0, len(items), 20)]
        outcomes = [outcome for answers in pool.map(connector.erase, chunks) for outcome in answers]
    assert {outcome.item: outcome.state for outcome in outcomes} == dict.fromkeys(items, State.GONE)
    assert left_in(connector).items == 0


def test_what_is_gone_already_is_gone(server):
    fill(server, ["acme/a"])
    connector = S3Connector(place(server))
    items = listed(connector)
    assert {item.kind for item in items} == {"version", "marker", "upload"}
    assert {outcome.state for outcome in connector.erase(items)} == {State.GONE}
    assert {outcome.state for outcome in connector.erase(items)} == {State.GONE}, "as after a crash"


def test_an_unversioned_bucket_as_a_whole(any_server):
    client, name = client_of(any_server), f"plain-{uuid.uuid4().hex[:8]}"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": any_server.region})
    for key in ("a", "acme/a", "acme/ctrl\x01"):
        client.put_object(Bucket=name, Key=key, Body=b"x")
    connector = S3Connector(place(any_server, "", bucket=name))
    assert {item.version for item in listed(connector)} == {"null"}
    assert sum(sweep(connector)) == 3
    assert left_in(connector).items == 0


def test_read_gives_the_version_that_was_asked_for(server):
    client = client_of(server)
    first = client.put_object(Bucket=server.bucket, Key="acme/a", Body=b"first")["VersionId"]
    client.put_object(Bucket=server.bucket, Key="acme/a", Body=b"second")
    connector = S3Connector(place(server))
    assert b"".join(connector.read(Item("version", "acme/a", first, 5))) == b"first"
    with pytest.raises(TroubleError) as trouble:
        list(connector.read(Item("version", "acme/b", first, 5)))
    assert trouble.value.code == "failed"


@pytest.mark.parametrize("name", ["acme/a", "acme/ctrl\x01"])
@pytest.mark.parametrize("mode", ["COMPLIANCE", "GOVERNANCE"])
def test_a_locked_object_is_kept_until_its_date(locked, mode, name):
    until = dt.datetime.now(tz=dt.UTC).replace(microsecond=0) + dt.timedelta(days=3)
    lock = {"ObjectLockMode": mode, "ObjectLockRetainUntilDate": until}
    client_of(locked).put_object(Bucket=locked.bucket, Key=name, Body=b"x", **lock)
    connector = S3Connector(place(locked))
    (outcome,) = connector.erase(listed(connector))
    assert (outcome.state, outcome.code, outcome.detail) == (State.KEPT, "object_lock", mode)
    assert mode.lower() in outcome.owner
    assert abs(outcome.until - until) < dt.timedelta(seconds=2)
    assert left_in(connector).items == 1


@pytest.mark.parametrize("name", ["acme/a", "acme/ctrl\x01"])
def test_a_legal_hold_is_told_apart_from_a_lock(locked, name):
    client = client_of(locked)
    client.put_object(Bucket=locked.bucket, Key=name, Body=b"x", ObjectLockLegalHoldStatus="ON")
    connector = S3Connector(place(locked))
    (outcome,) = connector.erase(listed(connector))
    assert (outcome.state, outcome.code, outcome.until) == (State.KEPT, "legal_hold", None)


def test_a_vanished_bucket(any_server):
    with pytest.raises(TroubleError) as trouble:
        S3Connector(place(any_server, bucket="never-made")).check()
    assert (trouble.value.code, trouble.value.detail) == ("vanished", "NoSuchBucket on ListObjectVersions")


@pytest.mark.parametrize("region", ["ap-southeast-2", "us-east-1"])
def test_a_bucket_in_another_region(any_server, region):
    far = dataclasses.replace(any_server, region=region, bucket=f"far-{uuid.uuid4().hex[:8]}")
    more = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client_of(far).create_bucket(Bucket=far.bucket, **more)
    S3Connector(place(far)).check()
    with pytest.raises(TroubleError) as trouble:
        S3Connector(place(any_server, bucket=far.bucket)).check()
    assert (trouble.value.code, trouble.value.detail) == ("wrong_region", f"the bucket lies in {region}")


def test_without_credentials_boto3_looks_for_them(server, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    without = dataclasses.replace(place(server), secrets={})
    with pytest.raises(TroubleError) as trouble:
        S3Connector(without).check()
    assert trouble.value.code == "credentials"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.secret_key)
    S3Connector(without).check()


def test_the_tenants_own_key_waits_for_its_deletion(any_server):
    key = client_of(any_server, "kms").create_key()["KeyMetadata"]["KeyId"]
    server = bucket_of(any_server, f"keyed-{uuid.uuid4().hex[:8]}")
    connector = S3Connector(place(server, kms_key_id=key))
    items = listed(connector)
    assert items == [Item("key", key)]
    (outcome,) = connector.erase(items)
    assert (outcome.state, outcome.code) == (State.KEPT, "key_pending")
    week = outcome.until - dt.datetime.now(tz=dt.UTC)
    assert dt.timedelta(days=6) < week < dt.timedelta(days=8)
    (again,) = connector.erase(items)
    assert again.until == outcome.until, "scheduled once"
    assert left_in(connector).kinds == {"key": 1}, "pending deletion is not deletion"
    gone = str(uuid.uuid4())
    without = S3Connector(place(server, kms_key_id=gone))
    assert listed(without) == []
    assert [outcome.state for outcome in without.erase([Item("key", gone)])] == [State.GONE]
