"""Three real databases for the SQL connector: SQLite files, PostgreSQL from its wheel, MariaDB where it is installed.

MariaDB comes in no wheel: ``apt-get install mariadb-server-core``. Without it, its tests are skipped and say so.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest
import sqlalchemy as sa

from retention.connectors.base import Outcome, Place, State
from retention.connectors.sql import SqlConnector
from tests.servers import die_with_parent, free_port, stop, wait_for

MISSING = "MariaDB is not installed (apt-get install mariadb-server-core): the SQL connector is not tried on it"


@contextlib.contextmanager
def mariadb() -> Iterator[str]:
    """A MariaDB of our own, over TCP: ``mysql://root@127.0.0.1:…/test``."""
    binary, tables = shutil.which("mariadbd"), Path("/usr/share/mysql")
    if not binary or not (tables / "mysql_system_tables.sql").exists():
        pytest.skip(MISSING)
    folder, port = Path(tempfile.mkdtemp(prefix="countersign-my-")), free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    root = ["--user=root"] if os.geteuid() == 0 else []
    first = "CREATE DATABASE mysql;\nCREATE DATABASE test;\nUSE mysql;\n"
    own = "".join((tables / f"mysql_system_tables{part}.sql").read_text() for part in ("", "_data"))
    subprocess.run(
        [binary, "--no-defaults", f"--datadir={folder}", "--bootstrap", *root], check=True, text=True,
        input=f"{first}{own}\n", **quiet,
    )  # fmt: skip
    server = subprocess.Popen(
        [binary, "--no-defaults", f"--datadir={folder}", f"--port={port}", "--bind-address=127.0.0.1",
         f"--socket={folder}/s", f"--pid-file={folder}/p", "--innodb-flush-log-at-trx-commit=0", *root],
        preexec_fn=die_with_parent(signal.SIGKILL), start_new_session=True, **quiet,
    )  # fmt: skip
    try:
        wait_for(lambda: pymysql.connect(host="127.0.0.1", port=port, user="root").close() is None, what="MariaDB")
        yield f"mysql://root@127.0.0.1:{port}/test"
    finally:
        stop(server, signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: str) -> Store:
    """A database of its own on a server."""
    name, driver = (
        f"r{uuid.uuid4().hex[:12]}",
        "postgresql+psycopg" if server.startswith("postgres") else "mysql+pymysql",
    )
    url = sa.make_url(server).set(drivername=driver)
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    plain = url.set(database=name)
    return Store(
        plain.set(drivername=driver.partition("+")[0]).render_as_string(hide_password=False), sa.create_engine(plain)
    )


class Store:
    """A database of the customer's, as its owner sees it."""

    def __init__(self, url: str, engine: sa.Engine) -> None:
        self.url, self.engine, self.dialect = url, engine, engine.dialect.name

    def run(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def count(self, what: str) -> int:
        with self.engine.connect() as connection:
            return connection.exec_driver_sql(f"SELECT count(*) FROM {what}").scalar()

    def rows(self, query: str) -> list[tuple]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def connector(self, selector: str = "orders.tenant_key=acme", url: str = "", **settings) -> SqlConnector:
        return SqlConnector(Place(kind="sql", selector=selector, settings=settings, secrets={"url": url or self.url}))


def sweep(connector: SqlConnector) -> list[Outcome]:
    """What the engine does: batches in order, what is to be tried again is, then once more from the beginning."""
    final: dict[str, Outcome] = {}
    for _sweep in range(8):
        found = 0
        for page in connector.pages():
            todo = [item for item in page if item.name not in final or final[item.name].until]
            found += len(todo)
            for at in range(0, len(todo), connector.batch):
                items = todo[at : at + connector.batch]
                for _try in range(3):
                    outcomes = connector.erase(items)
                    assert sorted(o.item.name for o in outcomes) == sorted(i.name for i in items)
                    final |= {o.item.name: o for o in outcomes}
                    items = [o.item for o in outcomes if o.state == State.AGAIN]
                    if not items:
                        break
                assert not items, "still again after three tries"
        if not found:
            return list(final.values())
    raise AssertionError("sweeps never ended")


def kept(outcomes: list[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.state == State.KEPT]


def row(outcome: Outcome) -> str:
    """``orders 1``: PostgreSQL's keys are text."""
    return " ".join(map(str, json.loads(outcome.item.name)))
