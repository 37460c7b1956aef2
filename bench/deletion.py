"""A tenant's bucket erased, in one run: ours beside listing alone (the limit), boto3's own deletion, and s5cmd.

python bench/deletion.py                    20,000 keys with two versions each, on MiniStack over HTTP
python bench/deletion.py --keys 2000
python bench/deletion.py --server moto      the slower server, which loses pages while one deletes

Ours is the whole engine: the intent committed before each call, each key answered for, listed until nothing is found,
then afresh, every change with its audit event. Each way has a bucket of its own, filled alike.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def fill(server: Any, keys: int) -> None:
    """Two versions of each key."""
    from tests.retention.connectors.s3_servers import client_of

    client = client_of(server)

    def put(number: int) -> None:
        for body in (b"one", b"two"):
            client.put_object(Bucket=server.bucket, Key=f"acme/{number:06}.txt", Body=body)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(keys)))


def count(server: Any) -> int:
    """How many versions and markers are left."""
    from retention.connectors.s3 import S3Connector
    from tests.retention.connectors.s3_servers import place
    from tests.retention.counting import left_in

    return left_in(S3Connector(place(server))).items


def listing(server: Any) -> None:
    """List every version once: the least that anybody has to do."""
    from tests.retention.connectors.s3_servers import client_of

    pages = client_of(server).get_paginator("list_object_versions").paginate(Bucket=server.bucket, Prefix="acme/")
    for page in pages:
        page.get("Versions")


def ours(server: Any) -> None:
    """The engine, from the first intent to the receipt."""
    from tests.retention import drill

    drill.work(STEPS[server.bucket])


def boto3_collection(server: Any) -> None:
    """What boto3 offers by itself."""
    import boto3

    resource = boto3.resource(
        "s3", endpoint_url=server.endpoint_url, region_name=server.region,
        aws_access_key_id=server.access_key, aws_secret_access_key=server.secret_key,
    )  # fmt: skip
    resource.Bucket(server.bucket).object_versions.filter(Prefix="acme/").delete()


def s5cmd(server: Any) -> None:
    """The fastest tool of its kind, in Go."""
    environment = os.environ | {
        "AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key, "AWS_REGION": server.region,
    }  # fmt: skip
    program = shutil.which("s5cmd") or str(Path(sys.executable).with_name("s5cmd"))
    command = [program, "--endpoint-url", server.endpoint_url, "rm", "--all-versions", f"s3://{server.bucket}/acme/*"]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


STEPS: dict[str, str] = {}
WAYS: dict[str, Callable[[Any], None]] = {
    "listing alone": listing, "ours": ours, "boto3 object_versions.delete()": boto3_collection, "s5cmd rm": s5cmd,
}  # fmt: skip


def prepare(server: Any) -> None:
    """A signed deletion of this bucket, begun."""
    from tests.retention import drill

    STEPS[server.bucket] = drill.prepare(server.endpoint_url, server.bucket, server.access_key, server.secret_key)[
        "step"
    ]


def main() -> None:
    """Run every way on a bucket of its own, and print a table with ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--keys", type=int, default=20_000)
    parser.add_argument("--server", default="ministack", choices=("ministack", "moto"))
    arguments = parser.parse_args()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "console.settings", "ENV_FILE": "", "DEBUG": "1", "LOG_LEVEL": "ERROR",
        "VAR_DIR": tempfile.mkdtemp(prefix="countersign-bench-"),
    }  # fmt: skip
    import django

    django.setup()
    from django.core.management import call_command

    from tests.retention.connectors.s3_servers import SERVERS, bucket_of

    call_command("migrate", verbosity=0)
    seconds: dict[str, float] = {}
    left: dict[str, int] = {}
    with SERVERS[arguments.server]() as any_server:
        for name, way in WAYS.items():
            server = bucket_of(any_server, f"bench-{uuid.uuid4().hex[:8]}")
            fill(server, arguments.keys)
            if way is ours:
                prepare(server)
            started = time.perf_counter()
            way(server)
            seconds[name] = time.perf_counter() - started
            left[name] = 0 if way is listing else count(server)
            print(json.dumps({"way": name, "seconds": round(seconds[name], 2), "left": left[name]}), flush=True)
    limit = seconds["listing alone"]
    print(f"\n{arguments.keys:,} keys × 2 versions on {arguments.server}, {dt.date.today():%d %b %Y}")  # noqa: DTZ011
    print(f"{'way':34}{'seconds':>9}{'× listing':>11}{'left':>8}")
    for name, took in seconds.items():
        print(f"{name:34}{took:9.2f}{took / limit:11.2f}{left[name]:8,}")


if __name__ == "__main__":
    main()
