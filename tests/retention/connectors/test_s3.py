"""The S3 connector against two servers over HTTP: everything goes, nothing else does, each trouble is told apart."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import uuid

import pytest

from retention.connectors.base import Item, State, TroubleError
from retention.connectors.s3 import S3Connector
from tests.retention.connectors.s3_servers import SERVERS, answering, bucket_of, client_of, place

#: Keys that real buckets hold.
ODD = [
    "acme/plain.txt", "acme/with space.txt", "acme/100%.txt", "acme/%2F.txt", "acme/a+b.txt", "acme/ü–日本.txt",
    "acme/tab\t.txt", "acme/line\n.txt", "acme/<&>'\".txt", "acme/../up.txt", "acme//double.txt", "acme/",
    "acme/trailing/", "acme/" + "x" * 900,
]  # fmt: skip
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


def fill(server, keys):
    """Two versions of each, a marker over every third, and an unfinished upload beside every fifth."""
    client, refused = client_of(server), []
    for n, key in enumerate(keys):
        try:
            client.put_object(Bucket=server.bucket, Key=key, Body=b"one")
            client.put_object(Bucket=server.bucket, Key=key, Body=b"two!")
        except Exception:
            refused.append(key)
            continue
        if n % 3 == 0:
            client.delete_object(Bucket=server.bucket, Key=key)
        if n % 5 == 0:
            client.create_multipart_upload(Bucket=server.bucket, Key=key)
    return refused


def everything(server):
    client, found = client_of(server), set()
    for page in client.get_paginator("list_object_versions").paginate(Bucket=server.bucket):
        found |= {(row["Key"], row["VersionId"]) for row in page.get("Versions", []) + page.get("DeleteMarkers", [])}
    return found


def sweep(connector, most=12):
    """What the engine does: erase what is listed until a listing finds nothing; every outcome by name."""
    total = 0
    for _n in range(most):
        found = [item for page in list(connector.pages()) for item in page]
        if not found:
            return total
        for at in range(0, len(found), connector.batch):
            items = found[at : at + connector.batch]
            outcomes = connector.erase(items)
            assert sorted((o.item.kind, o.item.name, o.item.version) for o in outcomes) == sorted(
                (i.kind, i.name, i.version) for i in items
            )
            total += sum(o.state == State.GONE for o in outcomes)
    raise AssertionError(f"It never ended: {found[:3]}")


def test_acme_goes_and_acme2_stays(server):
    refused = fill(server, ODD)
    fill(server, OTHERS)
    others = {pair for pair in everything(server) if not pair[0].startswith("acme/")}
    connector = S3Connector(place(server))
    connector.check()
    assert {item.name for page in connector.pages() for item in page} == set(ODD) - set(refused)
    assert len(set(ODD) - set(refused)) >= len(ODD) - 2
    sweep(connector)
    assert connector.left().items == 0
    assert everything(server) == others


def test_keys_that_xml_cannot_carry():
    """Neither server can list them; S3 does, with its keys encoded as in an address, and deletes them one by one."""
    listed = (
        "<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>"
        "<Version><Key>acme/ctrl%01.txt</Key><VersionId>1</VersionId><Size>1</Size></Version>"
        "<Version><Key>acme/return%0D.txt</Key><VersionId>2</VersionId><Size>1</Size></Version></ListVersionsResult>"
    )
    asked = []
    with answering((200, listed), (200, "<ListMultipartUploadsResult/>"), (204, ""), asked=asked) as server:
        connector = S3Connector(place(server))
        items = [item for page in connector.pages() for item in page]
        assert [item.name for item in items] == ["acme/ctrl\x01.txt", "acme/return\r.txt"]
        assert {outcome.state for outcome in connector.erase(items)} == {State.GONE}
    assert asked[2:] == [
        "DELETE /evidence/acme/ctrl%01.txt?versionId=1", "DELETE /evidence/acme/return%0D.txt?versionId=2",
    ]  # fmt: skip


def test_counts_what_is_there(server):
    fill(server, [f"acme/{n}" for n in range(15)])
    left = S3Connector(place(server)).left()
    assert left.kinds == {"version": 30, "marker": 5, "upload": 3}
    assert left.bytes == 15 * (3 + 4)


def test_more_than_a_page(server):
    client = client_of(server)
    for n in range(1_050):
        client.put_object(Bucket=server.bucket, Key=f"acme/{n:05}", Body=b"x")
    assert sweep(S3Connector(place(server))) == 1_050
    assert everything(server) == set()


def test_what_is_gone_already_is_gone(server):
    fill(server, ["acme/a"])
    connector = S3Connector(place(server))
    items = [item for page in connector.pages() for item in page]
    assert {outcome.state for outcome in connector.erase(items)} == {State.GONE}
    assert {outcome.state for outcome in connector.erase(items)} == {State.GONE}, "as after a crash"


def test_an_unversioned_bucket(any_server):
    client, name = client_of(any_server), f"plain-{uuid.uuid4().hex[:8]}"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": any_server.region})
    client.put_object(Bucket=name, Key="acme/a", Body=b"x")
    connector = S3Connector(place(any_server, bucket=name))
    assert sweep(connector) == 1
    assert connector.left().items == 0


def test_read_gives_the_version_that_was_asked_for(server):
    client = client_of(server)
    first = client.put_object(Bucket=server.bucket, Key="acme/a", Body=b"first")["VersionId"]
    client.put_object(Bucket=server.bucket, Key="acme/a", Body=b"second")
    assert b"".join(S3Connector(place(server)).read(Item("version", "acme/a", first, 5))) == b"first"


@pytest.fixture
def locked(any_server):
    return bucket_of(any_server, f"locked-{uuid.uuid4().hex[:8]}", ObjectLockEnabledForBucket=True)


@pytest.mark.parametrize("mode", ["COMPLIANCE", "GOVERNANCE"])
def test_a_locked_object_is_kept_until_its_date(locked, mode):
    until = dt.datetime.now(tz=dt.UTC).replace(microsecond=0) + dt.timedelta(days=3)
    client = client_of(locked)
    client.put_object(
        Bucket=locked.bucket, Key="acme/a", Body=b"x", ObjectLockMode=mode, ObjectLockRetainUntilDate=until
    )
    connector = S3Connector(place(locked))
    (outcome,) = connector.erase([item for page in connector.pages() for item in page])
    assert (outcome.state, outcome.code, outcome.detail) == (State.KEPT, "object_lock", mode)
    assert abs(outcome.until - until) < dt.timedelta(seconds=2)
    assert connector.left().items == 1


def test_a_legal_hold_is_told_apart_from_a_lock(locked):
    client = client_of(locked)
    client.put_object(Bucket=locked.bucket, Key="acme/a", Body=b"x", ObjectLockLegalHoldStatus="ON")
    connector = S3Connector(place(locked))
    (outcome,) = connector.erase([item for page in connector.pages() for item in page])
    assert (outcome.state, outcome.code, outcome.until) == (State.KEPT, "legal_hold", None)


def test_a_vanished_bucket(any_server):
    with pytest.raises(TroubleError) as trouble:
        S3Connector(place(any_server, bucket="never-made")).check()
    assert trouble.value.code == "vanished"


def test_a_bucket_in_another_region(any_server):
    client, name = client_of(dataclasses.replace(any_server, region="ap-southeast-2")), f"far-{uuid.uuid4().hex[:8]}"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-2"})
    with pytest.raises(TroubleError) as trouble:
        S3Connector(place(any_server, bucket=name)).check()
    assert trouble.value.code == "wrong_region"


def test_nobody_listens():
    with answering((200, "")) as gone:
        pass
    with pytest.raises(TroubleError) as trouble:
        S3Connector(place(gone)).check()
    assert trouble.value.code == "unreachable"


@pytest.mark.parametrize(
    ("status", "code", "trouble"),
    [
        (403, "AccessDenied", "denied"), (403, "InvalidAccessKeyId", "credentials"), (400, "ExpiredToken", "credentials"),
        (403, "SignatureDoesNotMatch", "credentials"), (404, "NoSuchBucket", "vanished"), (503, "SlowDown", "throttled"),
        (503, "", "throttled"), (500, "InternalError", "unreachable"), (429, "TooManyRequests", "throttled"),
        (200, "SlowDown", "throttled"), (403, "SomethingNew", "denied"),
    ],
)  # fmt: skip
def test_i56_each_answer_is_told_apart(status, code, trouble):
    with answering((status, code)) as server:
        connector = S3Connector(place(server))
        with pytest.raises(TroubleError) as told:
            list(connector.pages())
        assert told.value.code == trouble
        with pytest.raises(TroubleError) as told:
            connector.erase([Item("version", "acme/secret-name", "1")])
        assert told.value.code == trouble
        assert "secret-name" not in str(told.value)


def test_an_empty_answer_is_no_success():
    empty = '<?xml version="1.0"?><DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></DeleteResult>'
    for body in (empty, ""):
        with answering((200, body)) as server:
            (outcome,) = S3Connector(place(server)).erase([Item("version", "acme/a", "1")])
            assert outcome.state == State.AGAIN


def test_a_key_that_is_slowed_down_is_asked_again():
    body = (
        "<DeleteResult><Deleted><Key>acme/a</Key><VersionId>1</VersionId></Deleted><Error><Key>acme/b</Key>"
        "<VersionId>1</VersionId><Code>SlowDown</Code></Error><Error><Key>acme/c</Key><VersionId>1</VersionId>"
        "<Code>InternalError</Code></Error></DeleteResult>"
    )
    with answering((200, body)) as server:
        outcomes = S3Connector(place(server)).erase([Item("version", f"acme/{n}", "1") for n in "abcd"])
    assert [o.state for o in outcomes] == [State.GONE, State.AGAIN, State.AGAIN, State.AGAIN]


def test_a_listing_that_never_goes_on_ends():
    body = "<ListVersionsResult><IsTruncated>true</IsTruncated></ListVersionsResult>"
    with answering((200, body)) as server, pytest.raises(TroubleError):
        list(S3Connector(place(server)).pages())


def test_a_servers_wider_answer_is_not_believed():
    body = (
        "<ListVersionsResult><IsTruncated>false</IsTruncated><Version><Key>acme2/x</Key><VersionId>1</VersionId>"
        "<Size>1</Size></Version></ListVersionsResult>"
    )
    with answering((200, body), (200, "<ListMultipartUploadsResult/>")) as server:
        assert list(S3Connector(place(server)).pages()) == []


def test_the_tenants_own_key_waits_for_its_deletion(any_server):
    key = client_of(any_server, "kms").create_key()["KeyMetadata"]["KeyId"]
    server = bucket_of(any_server, f"keyed-{uuid.uuid4().hex[:8]}")
    connector = S3Connector(place(server, kms_key_id=key))
    items = [item for page in connector.pages() for item in page]
    assert [item.kind for item in items] == ["key"]
    (outcome,) = connector.erase(items)
    assert (outcome.state, outcome.code) == (State.KEPT, "key_pending")
    assert outcome.until > dt.datetime.now(tz=dt.UTC) + dt.timedelta(days=6)
    (again,) = connector.erase(items)
    assert again.until == outcome.until, "scheduled once"
    assert connector.left().kinds == {"key": 1}, "pending deletion is not deletion"
    gone = S3Connector(place(server, kms_key_id=str(uuid.uuid4())))
    assert list(gone.pages()) == []
