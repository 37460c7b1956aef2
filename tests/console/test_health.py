"""What watches over the machines is told the truth, and strangers are told little."""

from __future__ import annotations

import boto3
import pytest
from django.test import Client

from console import health, metrics
from console.requests import REQUEST_ID

pytestmark = pytest.mark.django_db


def test_healthz_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"


def test_ready_when_all_answers(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "migrations": "ok", "broker": "ok", "storage": "ok", "tombstones": "ok"}


def test_not_ready_without_redis(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["broker"] == "failed"
    assert "127.0.0.1" not in answer.content.decode()


def test_ready_with_redis(client, settings, redis_server):
    settings.REDIS_URL = redis_server
    assert client.get("/readyz").json()["broker"] == "ok"


def test_storage_in_a_bucket(client, settings, s3_server, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_server.secret_key)
    boto3.DEFAULT_SESSION = None
    settings.EVIDENCE_BUCKET, settings.EVIDENCE_ENDPOINT_URL = s3_server.bucket, s3_server.endpoint_url
    settings.EVIDENCE_REGION = s3_server.region
    assert client.get("/readyz").json()["storage"] == "ok"
    settings.EVIDENCE_BUCKET = "not-there"
    assert client.get("/readyz").json()["storage"] == "failed"


def test_not_ready_before_migrations(client, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda _self, _targets: ["one"])
    assert client.get("/readyz").json()["migrations"] == "failed"


class TestMetrics:
    def test_for_this_machine(self, client):
        assert "countersign_messages" in client.get("/metrics").content.decode()

    @pytest.mark.parametrize(
        "extra", [{"REMOTE_ADDR": "10.0.0.9"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, {"REMOTE_ADDR": ""}]
    )
    def test_not_for_others(self, client, extra):
        assert client.get("/metrics", **extra).status_code == 403

    def test_token_opens_from_anywhere(self, client, settings):
        settings.METRICS_TOKEN = "t" * 40
        there = {"REMOTE_ADDR": "10.0.0.9"}
        assert client.get("/metrics", **there, HTTP_AUTHORIZATION=f"Bearer {'t' * 40}").status_code == 200
        assert client.get("/metrics", **there, HTTP_AUTHORIZATION="Bearer tttt").status_code == 403
        assert client.get("/metrics").status_code == 403, "with a token, this machine needs it too"

    def test_counts_by_route_not_by_path(self, client):
        client.get("/nothing/here/secret-link")
        client.generic("BREW", "/healthz")
        text = metrics.page().decode()
        assert "secret-link" not in text
        assert 'method="other"' in text
        assert 'route="/healthz"' in text


class TestRequestId:
    def test_is_ours_without_a_trusted_proxy(self, client):
        given = "given-from-outside"
        answer = client.get("/healthz", headers={"X-Request-Id": given})
        assert answer["X-Request-Id"] != given
        assert REQUEST_ID.fullmatch(answer["X-Request-Id"])

    def test_is_the_proxys_where_one_is_trusted(self, client, settings):
        settings.TRUSTED_PROXIES = 1
        assert client.get("/healthz", headers={"X-Request-Id": "req-12345"})["X-Request-Id"] == "req-12345"
        assert "\n" not in client.get("/healthz", headers={"X-Request-Id": "bad\nid"})["X-Request-Id"]


def test_outage_of_the_database_is_a_page_not_a_failure(monkeypatch):
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import OperationalError

    def gone(_self):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(SessionStore, "load", gone)
    client = Client(raise_request_exception=False)
    client.cookies["session"] = "x" * 32
    answer = client.get("/")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "server closed" not in answer.content.decode()
