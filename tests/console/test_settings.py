"""Unsafe settings stop the start and name their fix; every setting is documented."""

from __future__ import annotations

import os
import runpy
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from dotenv import dotenv_values
from kombu import Connection

from console import environment
from console.connections import database, mail
from console.environment import Environment, kept_secret, load
from console.plaintext import plain_servers
from tests.servers import ROOT

GOOD = {key: value or "" for key, value in dotenv_values(ROOT / "tests/production.env").items()}


@pytest.fixture
def given(monkeypatch):
    """Set the environment to exactly this, and load."""

    def load_with(**settings: str) -> Environment:
        for name in Environment.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.setenv("ENV_FILE", "")
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        return load()

    return load_with


def test_production_settings_are_accepted(given):
    assert given(**GOOD).debug is False


UNSAFE = {
    "no SECRET_KEY": ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
    "short SECRET_KEY": ({"SECRET_KEY": "abc"}, "SECRET_KEY is weak"),
    "dull SECRET_KEY": ({"SECRET_KEY": "ab" * 40}, "SECRET_KEY is weak"),
    "Django's SECRET_KEY": ({"SECRET_KEY": "django-insecure-" + GOOD["SECRET_KEY"]}, "SECRET_KEY is weak"),
    "no ENCRYPTION_KEYS": ({"ENCRYPTION_KEYS": ""}, "ENCRYPTION_KEYS is missing"),
    "bad ENCRYPTION_KEYS": ({"ENCRYPTION_KEYS": "abc"}, "no Fernet key"),
    "no AUDIT_MAC_KEYS": ({"AUDIT_MAC_KEYS": ""}, "AUDIT_MAC_KEYS is missing"),
    "DEMO": ({"DEMO": "1"}, "DEMO=1"),
    "http": ({"PUBLIC_URL": "http://countersign.example"}, "must start with https://"),
    "every host": ({"ALLOWED_HOSTS": "*"}, "without wildcards"),
    "every subdomain": ({"ALLOWED_HOSTS": ".countersign.example"}, "without wildcards"),
    "no host": ({"ALLOWED_HOSTS": " , "}, "without wildcards"),
    "another host": ({"ALLOWED_HOSTS": "other.example"}, "does not hold countersign.example"),
    "SQLite with Redis": ({"DATABASE_URL": ""}, "cannot share a SQLite file"),
    "no mail": ({"EMAIL_URL": ""}, "EMAIL_URL is empty"),
    "weak METRICS_TOKEN": ({"METRICS_TOKEN": "abc"}, "METRICS_TOKEN is weak"),
    "MySQL": ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL must start with"),
    "AMQP": ({"REDIS_URL": "amqp://x"}, "REDIS_URL must start with"),
    "mail by pigeon": ({"EMAIL_URL": "pigeon://x"}, "EMAIL_URL must start with"),
    "no boolean": ({"DEBUG": "perhaps"}, "DEBUG: "),
    "no number": ({"TRUSTED_PROXIES": "many"}, "TRUSTED_PROXIES: "),
    "no log level": ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL: "),
} | {
    f"in the clear: {change}": (change, f"{next(reversed(change))} reaches {host} without TLS that is checked")
    for host, change in [
        ("db.example", {"DATABASE_URL": "postgres://u:p@db.example/cs"}),
        ("db.example", {"DATABASE_URL": "postgres://u:p@db.example/cs?sslmode=require"}),
        ("db.example", {"DATABASE_URL": "postgres://u:p@db.example/cs?sslmode=verify-ca"}),
        ("db.example", {"DATABASE_URL": "postgres:///cs?host=/run/postgresql,db.example"}),
        ("10.0.0.5", {"DATABASE_URL": "postgres://u:p@localhost/cs?hostaddr=10.0.0.5"}),
        ("service far", {"DATABASE_URL": "postgres:///cs?service=far"}),
        ("db.example", {"PGHOST": "db.example", "DATABASE_URL": "postgres:///cs"}),
        ("10.0.0.6", {"REDIS_URL": "redis://:p@10.0.0.6:6379/0"}),
        ("r.example", {"REDIS_URL": "rediss://r.example/0?ssl_cert_reqs=none"}),
        ("r.example", {"REDIS_URL": "rediss://r.example/0?ssl_cert_reqs=CERT_OPTIONAL"}),
        ("r.example", {"REDIS_URL": "rediss://r.example/0?ssl_check_hostname=false"}),
        ("mail.example", {"EMAIL_URL": "smtp://u:p@mail.example:25"}),
        ("s3.example", {"EVIDENCE_BUCKET": "b", "EVIDENCE_ENDPOINT_URL": "http://s3.example:9000"}),
        ("s3.example", {"EVIDENCE_BUCKET": "b", "AWS_ENDPOINT_URL_S3": "http://s3.example:9000"}),
        ("av.example", {"CLAMD": "av.example:3310"}),
    ]
}


@pytest.mark.parametrize(("change", "message"), UNSAFE.values(), ids=UNSAFE)
def test_refuses_and_names_the_fix(given, change, message):
    with pytest.raises(ImproperlyConfigured) as refusal:
        given(**GOOD | change)
    assert message in str(refusal.value)


CHECKED = {
    "DATABASE_URL": "postgres://u:p@db.example/cs?sslmode=verify-full&sslrootcert=system",
    "REDIS_URL": "rediss://:p@r.example/0?ssl_ca_certs=/etc/ssl/ours.pem",
    "EMAIL_URL": "smtp+tls://u:p@mail.example:587",
    "EVIDENCE_BUCKET": "b",
    "EVIDENCE_ENDPOINT_URL": "https://s3.example",
    "CLAMD": "unix:/run/clamav/clamd.ctl",
}
HERE = {
    "DATABASE_URL": "postgres:///cs?host=/run/postgresql",
    "REDIS_URL": "redis://127.0.0.1/0",
    "EMAIL_URL": "smtp://localhost:25",
    "EVIDENCE_BUCKET": "b",
    "EVIDENCE_ENDPOINT_URL": "http://[::1]:9000",
    "CLAMD": "127.0.0.1:3310",
}
PLAIN = {
    "DATABASE_URL": "postgres://u:p@db.example/cs",
    "REDIS_URL": "redis://R.example/0",
    "EMAIL_URL": "smtp://mail.example",
    "EVIDENCE_BUCKET": "b",
    "EVIDENCE_ENDPOINT_URL": "http://s3.example",
    "CLAMD": "AV.example:3310",
}


@pytest.mark.parametrize("servers", [CHECKED, HERE], ids=["checked TLS", "this machine"])
def test_servers_behind_tls_or_on_this_machine_are_taken(given, servers):
    assert plain_servers(given(**GOOD | servers)) == []


def test_a_network_that_is_trusted_by_name_is_taken_and_warned_of(given, settings):
    trusted = "db.example, r.example, mail.example, s3.example, av.example"
    found = plain_servers(given(**GOOD | PLAIN, PLAINTEXT_HOSTS=trusted))
    settings.PLAINTEXT_SERVERS = found
    warned = [
        str(warning.msg) for warning in run_checks(include_deployment_checks=True) if warning.id == "console.W001"
    ]
    assert [server.setting for server in found] == [name for name in PLAIN if name != "EVIDENCE_BUCKET"]
    assert len(warned) == 5
    assert "DATABASE_URL reaches db.example" in warned[0]


def test_development_talks_as_it_likes(given, tmp_path):
    assert given(DEBUG="1", VAR_DIR=str(tmp_path), **PLAIN).debug


@pytest.mark.parametrize(
    ("query", "checked"), [("", True), ("?ssl_ca_certs=/ca.pem", True), ("?ssl_cert_reqs=none", False)]
)
def test_the_broker_checks_the_certificate_unless_told_not_to(monkeypatch, settings, query, checked):
    settings.REDIS_URL = f"rediss://:p@r.example/0{query}"
    options = runpy.run_path(str(ROOT / "console/broker.py"))
    told = Connection(options["broker_url"], ssl=options["broker_use_ssl"]).ssl
    assert (told.get("ssl_cert_reqs", ssl.CERT_REQUIRED) == ssl.CERT_REQUIRED) is checked


def test_names_every_problem_at_once(given):
    with pytest.raises(ImproperlyConfigured) as refusal:
        given(DEBUG="0", DEMO="1")
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "AUDIT_MAC_KEYS", "PUBLIC_URL", "DEMO", "EMAIL_URL"):
        assert name in str(refusal.value)


def test_refusal_holds_no_secret(given):
    with pytest.raises(ImproperlyConfigured) as refusal:
        given(**GOOD | {"SECRET_KEY": "hunter2", "DATABASE_URL": "mysql://root:hunter3@x/y"})
    assert "hunter" not in str(refusal.value)


def test_command_ends_with_the_message_alone(tmp_path):
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": "", "VAR_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Countersign does not start like this:")
    assert "Traceback" not in done.stderr


def test_development_makes_its_secrets_once(given, tmp_path):
    first = given(DEBUG="1", VAR_DIR=str(tmp_path))
    assert len(first.secret_key) >= 50
    assert given(DEBUG="1", VAR_DIR=str(tmp_path)).secret_key == first.secret_key
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
    assert kept_secret(tmp_path / "secret-key", "another") == first.secret_key


def test_database_lies_in_var_dir_by_default(given, tmp_path):
    env = given(DEBUG="1", VAR_DIR=str(tmp_path))
    assert database(env.database())["NAME"] == str(tmp_path / "countersign.sqlite3")


def test_database_url_of_postgresql():
    found = database("postgresql://ana:p%40ss@db.example:5433/cs?sslmode=verify-full")
    assert (found["NAME"], found["USER"], found["PASSWORD"]) == ("cs", "ana", "p@ss")
    assert (found["HOST"], found["PORT"]) == ("db.example", 5433)
    assert found["OPTIONS"]["sslmode"] == "verify-full"


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp+tls://u:p@mail.example", 587, True, False),
        ("smtps://u:p@mail.example", 465, False, True),
        ("smtps://mail.example:2465", 2465, False, True),
    ],
)
def test_email_url(url, port, tls, ssl):
    found = mail(url, Path("mail"))
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (port, tls, ssl)


def test_mail_is_printed_where_that_is_asked_for():
    assert mail("console:", Path("mail"))["EMAIL_BACKEND"].endswith("console.EmailBackend")


def test_mail_is_kept_in_files_without_a_server(tmp_path):
    found = mail("", tmp_path / "mail")
    with get_connection(found["EMAIL_BACKEND"], file_path=found["EMAIL_FILE_PATH"]) as connection:
        EmailMessage("Waiting for you", "Please sign.", to=["ana@example.com"], connection=connection).send()
    [kept] = (tmp_path / "mail").iterdir()
    assert "Subject: Waiting for you" in kept.read_text()


def test_every_setting_is_documented():
    text = (ROOT / "docs/settings.md").read_text()
    for name, field in Environment.model_fields.items():
        assert field.description, name
        assert f"`{name.upper()}`" in text, f"{name.upper()} is missing in docs/settings.md"


def test_nothing_documented_is_gone():
    table = [line for line in (ROOT / "docs/settings.md").read_text().splitlines() if line.startswith("| `")]
    elsewhere = {
        "ENV_FILE",
        "PORT",
        "BIND",
        "WEB_CONCURRENCY",
        "WEB_THREADS",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    }
    known = {name.upper() for name in Environment.model_fields} | elsewhere
    assert {line.split("`")[1] for line in table} <= known


def test_settings_stay_one_readable_file():
    assert len((ROOT / "console/settings.py").read_text().splitlines()) <= 250


def test_no_lock_names_a_place():
    for lock in ROOT.glob("requirements*.txt"):
        assert "://" not in lock.read_text(), lock.name
        assert "--hash=sha256:" in lock.read_text()


def test_environment_lies_beside_manage_py():
    assert (Path(environment.ROOT) / "manage.py").exists()
