"""kill -9 six times, with a writer going on: nothing is left, and the ledger equals what was there (I55).

``RETENTION_KEYS=20000`` for the size it was made for: two versions of each, markers, unfinished uploads. With
``WEED=…/weed`` on SeaweedFS, too (moto is too slow for that size).
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from retention.connectors.s3 import S3Connector
from tests.retention.connectors.s3_servers import SERVERS, bucket_of, client_of, place, seaweedfs, weed
from tests.servers import ROOT, child_environment, die_with_parent

KEYS = int(os.environ.get("RETENTION_KEYS", "60"))
KILLS = 6
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


@pytest.mark.parametrize("name", [*SERVERS, *(["seaweedfs"] if weed() else [])])
def test_i55_six_kills_and_a_writer(tmp_path, name):
    environment = child_environment(tmp_path / "var", ENV_FILE="", LOG_LEVEL="ERROR", DEBUG="1")

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def drill(*arguments):
        return json.loads(run("-m", "tests.retention.drill", *arguments).strip().splitlines()[-1])

    def worker(step, *on):
        return subprocess.Popen(
            [sys.executable, "-m", "tests.retention.drill", "work", step, *on], cwd=ROOT, env=environment,
            preexec_fn=die_with_parent(signal.SIGKILL), start_new_session=True,
        )  # fmt: skip

    with (seaweedfs if name == "seaweedfs" else SERVERS[name])() as any_server:
        server = bucket_of(any_server, f"files-{uuid.uuid4().hex[:8]}")
        client_of(server).put_object(Bucket=server.bucket, Key="acme2/theirs", Body=b"x")
        made = fill(server)
        run("manage.py", "migrate", "--verbosity", "0")
        case = drill("prepare", server.endpoint_url, server.bucket, server.access_key, server.secret_key)
        assert case["planned"] == made
        writer, chance = Writer(server), random.Random(20261127)
        writer.start()
        for number in range(KILLS):
            running = [worker(case["step"], "on") for _two in range(2)]
            time.sleep(2 + chance.random() * 2)
            if number == KILLS - 2:
                writer.stopped.set()
                writer.join()
            for process in running:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        time.sleep(4)  # the leases of the killed
        drill("again", case["step"])
        running = [worker(case["step"]) for _two in range(2)]
        for process in running:
            assert process.wait(3000) == 0
        told = drill("report", case["step"])
        assert S3Connector(place(server)).left().items == 0
        assert S3Connector(place(server, "acme2/")).left().items == 1
    total = made + writer.made
    assert (told["state"], told["open"], told["kept"]) == ("verified", 0, 0), told
    assert told["destroyed"] + told["repeated"] == told["sums"]["intended"], told
    assert told["destroyed"] == told["leaves"] == total, (told, made, writer.made)
