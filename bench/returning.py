"""A tenant's rows given back from PostgreSQL, in one run: ours beside the same rows by a plain SELECT into a zip.

python bench/returning.py                       1,000,000 rows of the tenant's in two tables, as many of another's
python bench/returning.py --rows 50000
python bench/returning.py --profile             and where ours spends its time

The limit: SELECT through a server-side cursor, each row as a line of JSON, deflated into one zip, nothing else. Ours is
the connector and the archive with its list of every row, as it is deposited. "One by one" is how rows are read without
:class:`Tabular`, on as many as ``--sample`` says. Each way is a process of its own, which tells its highest memory.
"""

from __future__ import annotations

import argparse
import cProfile
import datetime as dt
import json
import multiprocessing
import os
import pstats
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

#: A quarter of the rows are orders, the rest lines; every second order is another tenant's.
SCHEMA = """
CREATE TABLE orders (id bigint PRIMARY KEY, tenant_key text NOT NULL, placed timestamptz NOT NULL, note text,
    total numeric(12, 2) NOT NULL, extra jsonb);
CREATE TABLE order_lines (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders (id), {more}
    article text NOT NULL, amount integer NOT NULL, price numeric(12, 2) NOT NULL, mark bytea);
INSERT INTO orders SELECT n, CASE WHEN n % 2 = 0 THEN 'acme' ELSE 'acme2' END, now() - n * interval '1 minute',
    CASE WHEN n % 3 = 0 THEN NULL ELSE 'Deliver to gate ' || n % 17 || ', ask for the site manager' END, n % 1000 / 7.0,
    jsonb_build_object('channel', 'web', 'priority', n % 5) FROM generate_series(1, {orders}) n;
INSERT INTO order_lines SELECT n, 1 + n % {orders}, {values} 'Article ' || md5((n % 5000)::text), n % 12, n % 997 / 3.0,
    CASE WHEN n % 4 = 0 THEN decode(md5(n::text), 'hex') END FROM generate_series(1, {lines}) n;
CREATE INDEX ON orders (tenant_key, id);
CREATE INDEX ON order_lines (order_id);
"""
#: With a second way to the tenant, whose a line is cannot be told in one condition.
SHARED = {"more": "gift_for bigint REFERENCES orders (id),", "values": "NULL,"}
PLAIN = {"more": "", "values": ""}
SELECTS = (
    "SELECT l.* FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE o.tenant_key = 'acme' ORDER BY l.id DESC",
    "SELECT * FROM orders WHERE tenant_key = 'acme' ORDER BY id DESC",
)


def limit(url: str, _sample: int) -> int:
    """The least that anybody has to do."""
    import psycopg

    number = 0
    with (
        psycopg.connect(url) as connection,
        tempfile.TemporaryFile() as body,
        zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for at, select in enumerate(SELECTS):
            with archive.open(f"{at}.jsonl", "w", force_zip64=True) as entry, connection.cursor(f"c{at}") as cursor:
                cursor.itersize = 2_000
                cursor.execute(select)
                names = [column.name for column in cursor.description or ()]
                for row in cursor:
                    entry.write(json.dumps(dict(zip(names, row, strict=True)), default=str).encode() + b"\n")
                    number += 1
    return number


def ours(url: str, _sample: int) -> int:
    """The connector, the archive and the deposit."""
    from retention.connectors.base import Place
    from retention.connectors.depositing import FolderDeposit
    from retention.connectors.sql import SqlConnector
    from retention.returning import parts_of, sha256_of

    number = 0
    connector = SqlConnector(Place(kind="sql", selector="orders.tenant_key=acme", secrets={"url": url}))
    with tempfile.TemporaryDirectory() as folder:
        deposit = FolderDeposit(Place(kind="deposit", selector=f"{folder}/back/", settings={"roots": [folder]}))
        for part in parts_of(connector):
            sha256_of(part.body)
            deposit.put_file(f"{part.number}.zip", part.body)
            number += part.objects
    return number


def one_by_one(url: str, sample: int) -> int:
    """Each row read by itself."""
    from retention.connectors.base import Place
    from retention.connectors.sql import SqlConnector

    connector = SqlConnector(Place(kind="sql", selector="orders.tenant_key=acme", secrets={"url": url}))
    number = 0
    for page in connector.pages():
        for item in page:
            b"".join(connector.read(item))
            number += 1
            if number == sample:
                return number
    return number


WAYS: dict[str, Callable[[str, int], int]] = {
    "plain SELECT into a zip": limit, "ours": ours, "one by one": one_by_one,
}  # fmt: skip


def measured(name: str, url: str, sample: int, profiled: bool, told: Any) -> None:
    """One way in this process: rows, seconds, those of this CPU, and how far memory went beyond what was loaded."""
    import psycopg  # noqa: F401  (loaded before the clock runs)

    import retention.connectors.depositing
    import retention.connectors.sql
    import retention.returning  # noqa: F401

    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    profile = cProfile.Profile() if profiled else None
    number = profile.runcall(WAYS[name], url, sample) if profile else WAYS[name](url, sample)
    seconds, busy = time.perf_counter() - started, time.process_time()
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    told.put((number, seconds, busy, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024))


def run(name: str, url: str, sample: int, profiled: bool) -> tuple[int, float, float, float]:
    """The same in a process of its own."""
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    process = context.Process(target=measured, args=(name, url, sample, profiled, told))
    process.start()
    process.join()
    found: tuple[int, float, float, float] = told.get(timeout=1)
    return found


def filled(server: str, rows: int, more: dict[str, str]) -> str:
    """A database with the tenant's rows and as many of another's."""
    import psycopg

    name = f"bench{'_shared' if more is SHARED else ''}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = server.rsplit("/", 1)[0].replace("postgres://", "postgresql://") + f"/{name}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA.format(orders=rows // 2, lines=rows // 2 * 3, **more))
        connection.execute("VACUUM ANALYZE")
    return url


def figures(url: str, arguments: argparse.Namespace) -> Iterator[tuple[str, int, float, float, float]]:
    """Each way once."""
    for name in WAYS:
        yield name, *run(name, url, arguments.sample, arguments.profile and name == "ours")


def main() -> None:
    """Run every way on the same rows, and print a table with ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sample", type=int, default=2_000)
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    os.environ |= {"DJANGO_SETTINGS_MODULE": "console.settings", "ENV_FILE": "", "DEBUG": "1", "LOG_LEVEL": "ERROR"}
    from tests.servers import postgres

    with postgres("autovacuum=off") as server:
        for title, more in (("one way to the tenant", PLAIN), ("two ways, one of them empty", SHARED)):
            url = filled(server, arguments.rows, more)
            print(f"\n{arguments.rows:,} rows, lines with {title}, {dt.date.today():%d %b %Y}")  # noqa: DTZ011
            print(f"{'way':28}{'rows':>10}{'seconds':>9}{'µs a row':>10}{'× limit':>9}{'CPU s':>8}{'MB':>6}")
            least = 0.0
            for name, number, seconds, busy, memory in figures(url, arguments):
                each = seconds / number * 1e6
                least = least or each
                told = f"{number:10,}{seconds:9.2f}{each:10.1f}{each / least:9.2f}{busy:8.2f}{memory:6.0f}"
                print(f"{name:28}{told}", flush=True)


if __name__ == "__main__":
    main()
