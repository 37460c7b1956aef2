"""A bucket of every odd kind, and a deletion of it in processes of their own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.retention.connectors.s3_servers import SERVERS, bucket_of, client_of, seaweedfs, weed
from tests.servers import ROOT, child_environment, die_with_parent

KEYS = int(os.environ.get("RETENTION_KEYS", "60"))
#: The S3 servers there are here.
NAMED = [*SERVERS, *(["seaweedfs"] if weed() else [])]
NAMES = ["{n:06}.txt", "with space {n}.txt", "100%{n}.txt", "ü–日本{n}.txt", "a+b&<{n}>.txt"]


def fill(server):
    """Gives how many versions, markers and uploads were made."""
    client = client_of(server)

    def put(n):
        key = "acme/" + NAMES[n % len(NAMES)].format(n=n)
        client.put_object(Bucket=server.bucket, Key=key, Body=b"one")
        client.put_object(Bucket=server.bucket, Key=key, Body=b"two")
        more = 0
        if n % 10 == 0:
            client.delete_object(Bucket=server.bucket, Key=key)
            more += 1
        if n % 100 == 0:
            client.create_multipart_upload(Bucket=server.bucket, Key=key)
            more += 1
        return 2 + more

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(put, range(KEYS)))


class Writer(threading.Thread):
    """A product that has not heard of it: writes on until it is stopped."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.client, self.made, self.stopped = server, client_of(server), 0, threading.Event()

    def run(self):
        while not self.stopped.wait(0.05):
            self.client.put_object(Bucket=self.server.bucket, Key=f"acme/late/{uuid.uuid4()}", Body=b"late")
            self.made += 1


@contextlib.contextmanager
def serving(name: str) -> Iterator[Any]:
    """A bucket of its own on one of the servers, with something of another tenant's in it."""
    with (seaweedfs if name == "seaweedfs" else SERVERS[name])() as any_server:
        server = bucket_of(any_server, f"files-{uuid.uuid4().hex[:8]}")
        client_of(server).put_object(Bucket=server.bucket, Key="acme2/theirs", Body=b"x")
        yield server


class Rig:
    """A console of its own (database, keys), whose workers can be killed."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.environment = child_environment(folder, ENV_FILE="", LOG_LEVEL="ERROR", DEBUG="1", **environment)
        self.run("manage.py", "migrate", "--verbosity", "0")

    def run(self, *arguments: str) -> str:
        """Wait for a command; gives what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def drill(self, *arguments: str) -> Any:
        """One command of the drill; gives what it tells."""
        return told(self.run("-m", "tests.retention.drill", *arguments))

    def prepare(self, server: Any) -> Any:
        """A case about the bucket that may begin."""
        return self.drill("prepare", server.endpoint_url, server.bucket, server.access_key, server.secret_key)

    def start(self, *arguments: str, **how: Any) -> subprocess.Popen[str]:
        """One command of the drill, in a process group of its own; not waited for."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.retention.drill", *arguments], cwd=ROOT, env=self.environment, text=True,
            preexec_fn=die_with_parent(signal.SIGKILL), start_new_session=True, **how,
        )  # fmt: skip


def told(printed: str) -> Any:
    """What a command of the drill told in its last line."""
    lines = printed.strip().splitlines()
    return json.loads(lines[-1]) if lines else None
