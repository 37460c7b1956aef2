"""Which servers of this installation would be talked to in the clear, or without looking who answers.

What goes to them is everything: rows, sessions, mails with links that open something, evidence. So in production each
must be on this machine, or speak TLS with a certificate that is checked, or be named in ``PLAINTEXT_HOSTS``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from console.environment import Environment


class Plain(NamedTuple):
    """One server: the setting that names it, its host, and what to write instead."""

    setting: str
    host: str
    fix: str


def plain_servers(env: Environment) -> list[Plain]:
    """Every server beyond this machine whose connection is not both encrypted and checked."""
    found = [*plain_databases(env.database()), *plain_redis(env.redis_url), *plain_mail(env.email_url)]
    found += plain_buckets(env) if env.evidence_bucket else []
    found += plain_scanner(env.clamd)
    return [server for server in found if not is_here(server.host)]


def is_here(host: str) -> bool:
    """Whether ``host`` is this machine: a socket's path, ``localhost``, or a loopback address."""
    if host in ("", "localhost") or host.startswith(("/", "@")):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def plain_databases(url: str) -> Iterator[Plain]:
    """PostgreSQL without ``sslmode=verify-full``; hosts are taken as libpq does, from the environment too."""
    parts, query = urlsplit(url), one_each(url)
    if parts.scheme == "sqlite":
        return
    said = {name: query.get(name) or os.environ.get(f"PG{name.upper()}", "") for name in ("sslmode", "hostaddr")}
    if said["sslmode"] == "verify-full":
        return
    hosts = parts.hostname or query.get("host") or os.environ.get("PGHOST", "")
    service = query.get("service") or os.environ.get("PGSERVICE", "")
    for host in [*hosts.split(","), *said["hostaddr"].split(","), *([f"service {service}"] if service else [])]:
        yield Plain("DATABASE_URL", host, "add ?sslmode=verify-full&sslrootcert=system, or the file of your authority")


def plain_redis(url: str) -> Iterator[Plain]:
    """``redis://``, and ``rediss://`` that was told not to look at the certificate or the name in it."""
    parts, query = urlsplit(url), one_each(url)
    checked = query.get("ssl_cert_reqs", "required").lower().removeprefix("cert_") == "required"
    named = query.get("ssl_check_hostname", "true").lower() not in ("false", "0", "no", "off", "f", "n")
    if url and parts.scheme != "unix" and not (parts.scheme == "rediss" and checked and named):
        yield Plain("REDIS_URL", parts.hostname or "", "use rediss://, with certificate and host name checked")


def plain_mail(url: str) -> Iterator[Plain]:
    """``smtp://``; the other two check the certificate."""
    if urlsplit(url).scheme == "smtp":
        yield Plain("EMAIL_URL", urlsplit(url).hostname or "", "use smtp+tls:// (STARTTLS) or smtps://")


def plain_buckets(env: Environment) -> Iterator[Plain]:
    """S3 by ``http://``, wherever boto3 takes the address from."""
    given = {"EVIDENCE_ENDPOINT_URL": env.evidence_endpoint_url}
    if not env.evidence_endpoint_url:
        given = {name: os.environ.get(name, "") for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")}
    for name, url in given.items():
        if urlsplit(url).scheme == "http":
            yield Plain(name, urlsplit(url).hostname or "", "use https://")


def plain_scanner(address: str) -> Iterator[Plain]:
    """By TCP, for which clamd has no TLS."""
    if address and not address.startswith("unix:"):
        yield Plain("CLAMD", address.rpartition(":")[0].strip("[]"), "run clamd on each machine, unix:/path")


def one_each(url: str) -> dict[str, str]:
    """The query's parameters; of one given twice the last, as libpq and redis-py take it."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}
