"""From a database's URL to an engine: drivers, time-outs, and what each session has to be told first."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError

from retention.connectors.base import TroubleError

#: Django's and libpq's names → SQLAlchemy's, with the drivers that are installed.
DRIVERS = {
    "postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql", "sqlite": "sqlite",
}  # fmt: skip
CONNECT_SECONDS, LOCK_SECONDS = 10, 10
STATEMENT = dt.timedelta(minutes=5)
#: Set for one transaction only, so that nothing stays behind in a pooler's session. Keys are read as text, so the
#: forms in which text is written are fixed.
POSTGRES = {
    "lock_timeout": f"{LOCK_SECONDS}s", "statement_timeout": f"{int(STATEMENT.total_seconds())}s",
    "idle_in_transaction_session_timeout": "60s", "timezone": "UTC", "datestyle": "ISO, YMD",
    "intervalstyle": "postgres", "bytea_output": "hex", "extra_float_digits": "1",
}  # fmt: skip
MYSQL = f"SET SESSION innodb_lock_wait_timeout={LOCK_SECONDS}, time_zone='+00:00', foreign_key_checks=1"


def engine_of(given: str, *, most: int = 4) -> Engine:
    """An engine for a URL, with at most ``most`` connections beside the one that lists. Connects to nothing yet.

    Raises :class:`TroubleError`: ``wrong_kind`` for what is no such URL, ``vanished`` for a missing SQLite file.
    """
    url = address_of(given)
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    engine = sa.create_engine(
        url, pool_size=most + 1, max_overflow=1, pool_timeout=CONNECT_SECONDS * 3, pool_pre_ping=True,
        pool_recycle=1_800, hide_parameters=True, connect_args=_arguments(url),
    )  # fmt: skip
    if url.get_backend_name() == "postgresql":
        sa.event.listen(engine, "begin", _begin_postgres)
    return engine


def address_of(given: str) -> URL:
    """The URL as SQLAlchemy takes it; its driver is one of ours, whatever it says."""
    try:
        url = make_url(given.strip())
        backend = url.drivername.partition("+")[0]
        return url.set(drivername=DRIVERS[backend])
    except (ArgumentError, ValueError, KeyError):
        raise TroubleError("wrong_kind", "the address is not postgresql://, mysql:// or sqlite:///") from None


def _arguments(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "mysql":
        return {
            "connect_timeout": CONNECT_SECONDS, "read_timeout": int(STATEMENT.total_seconds()),
            "write_timeout": int(STATEMENT.total_seconds()), "init_command": MYSQL, "charset": "utf8mb4",
        }  # fmt: skip
    return {
        "connect_timeout": CONNECT_SECONDS, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3,
        "prepare_threshold": None, "application_name": "Countersign retention",
    }  # fmt: skip


def _begin_postgres(connection: sa.Connection) -> None:
    told = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in POSTGRES.items())
    connection.exec_driver_sql(f"SELECT {told}")


def _sqlite(url: URL) -> Engine:
    """A SQLite file that is there already: opening one that is missing would make it."""
    path = Path(url.database or "")
    if not path.is_absolute():
        raise TroubleError(
            "wrong_kind", "the address names no SQLite file by its whole path: sqlite:////srv/app.sqlite3"
        )
    if not path.is_file():
        raise TroubleError("vanished", "there is no such SQLite file")

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode=rw", uri=True, timeout=LOCK_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    return sa.create_engine("sqlite://", creator=connect, poolclass=sa.pool.NullPool, hide_parameters=True)
