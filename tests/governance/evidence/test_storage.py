"""The stores keep the same promises, on disk and in a bucket over HTTP."""

from __future__ import annotations

import datetime as dt
import hashlib

import boto3
import pytest

from governance.evidence.storage import BucketStore, LocalStore, StoreError, evidence_store, open_verified

BODY = b"Report of independent service auditors" * 1000
DIGEST = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def bucket(s3_server, settings, monkeypatch):
    """A bucket of our own on a real S3 server."""
    for name, value in s3_server.environment().items():
        monkeypatch.setenv(name, value)
    name = f"evidence-{dt.datetime.now(dt.UTC):%H%M%S%f}"
    place = boto3.resource("s3", endpoint_url=s3_server.endpoint_url, region_name=s3_server.region)
    place.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3_server.region})
    settings.EVIDENCE_BUCKET, settings.EVIDENCE_REGION = name, s3_server.region
    settings.EVIDENCE_ENDPOINT_URL = s3_server.endpoint_url
    return place.Bucket(name)


@pytest.fixture(params=["disk", "bucket"])
def store(request):
    if request.param == "bucket":
        request.getfixturevalue("bucket")
    made = evidence_store()
    assert isinstance(made, BucketStore if request.param == "bucket" else LocalStore)
    return made


@pytest.fixture
def path(tmp_path):
    (tmp_path / "file").write_bytes(BODY)
    return tmp_path / "file"


def test_hold_keep_open(store, path) -> None:
    assert not store.holds(DIGEST)
    store.hold(path, DIGEST)
    assert store.holds(DIGEST)
    store.keep(DIGEST)
    store.keep(DIGEST)
    with open_verified(store, DIGEST, len(BODY)) as file:
        assert file.read() == BODY


def test_missing(store) -> None:
    for act in (store.open, store.keep):
        with pytest.raises(StoreError) as error:
            act("0" * 64)
        assert error.value.code == "missing"


def test_i24_other_bytes_are_damaged(store, path) -> None:
    store.hold(path, "1" * 64)
    store.keep("1" * 64)
    with pytest.raises(StoreError) as error:
        open_verified(store, "1" * 64, len(BODY))
    assert error.value.code == "damaged"


def test_held_uploads_are_dropped_after_a_day_and_evidence_never(store, path) -> None:
    now = dt.datetime.now(dt.UTC)
    store.hold(path, DIGEST)
    store.keep(DIGEST)
    assert store.clear_held(now - dt.timedelta(hours=1)) == 0
    assert store.clear_held(now + dt.timedelta(hours=1)) == 1
    assert store.holds(DIGEST)


def test_requests_are_signed_with_version_4(bucket) -> None:
    client = evidence_store().storage.bucket.meta.client
    assert client.meta.config.signature_version == "s3v4"


def test_absent_server_is_away(settings, monkeypatch, path) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    settings.EVIDENCE_BUCKET, settings.EVIDENCE_REGION = "gone", "eu-central-1"
    settings.EVIDENCE_ENDPOINT_URL = "http://127.0.0.1:1"
    for act in (lambda s: s.hold(path, DIGEST), lambda s: s.open(DIGEST), lambda s: s.keep(DIGEST)):
        with pytest.raises(StoreError) as error:
            act(evidence_store())
        assert error.value.code == "store_away"


def test_whole_way_over_http(bucket, world, maker, check) -> None:
    row = check(maker.new())
    assert row.scan_state == "clean"
    response = world.client("auditor").get(f"/evidence/{row.id}/download/")
    assert hashlib.sha256(b"".join(response.streaming_content)).hexdigest() == row.digest


def test_bucket_away_says_so_and_stays_waiting(bucket, world, maker, check, settings) -> None:
    row = maker.clean()
    waiting = maker.new()
    settings.EVIDENCE_ENDPOINT_URL = "http://127.0.0.1:1"
    assert check(waiting).scan_state == "waiting"
    response = world.client("auditor").get(f"/evidence/{row.id}/download/")
    assert response.status_code == 503
    assert b"Try again" in response.content
