"""Transactions: short ones to read, and one to erase in which nobody can slip in between the look and the deed.

PostgreSQL: REPEATABLE READ. A row that changed since the look, and a new row that a cascade would take along, end the
transaction with 40001; no right but DELETE and SELECT is needed. MySQL: the rows are locked, and rows that refer to a
locked one cannot come. SQLite: one writer at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Engine

ISOLATION = {"postgresql": "REPEATABLE READ", "mysql": "READ COMMITTED"}

SNAPSHOT = {"postgresql": "REPEATABLE READ", "mysql": "REPEATABLE READ"}
#: What a session is told that waits for us between two rows, while an archive is written elsewhere.
PATIENT = {
    "postgresql": ("SET LOCAL idle_in_transaction_session_timeout = '2h'", "SET LOCAL statement_timeout = '2h'"),
    "mysql": ("SET SESSION net_write_timeout = 7200",),
}  # fmt: skip

#: Where constraints can wait for the commit, they do: rows in a circle can then go together.
BEGIN = {
    "sqlite": ("BEGIN IMMEDIATE", "PRAGMA defer_foreign_keys = ON"), "postgresql": ("SET CONSTRAINTS ALL DEFERRED",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sessions:
    """Opens transactions on one engine."""

    engine: Engine

    @property
    def dialect(self) -> str:
        """``postgresql``, ``mysql`` or ``sqlite``."""
        return self.engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that is not kept."""
        with self.engine.connect() as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """A transaction that is not kept, in which every query sees the same rows."""
        with self.engine.connect() as connection:
            if self.dialect in SNAPSHOT:
                connection = connection.execution_options(isolation_level=SNAPSHOT[self.dialect])
            else:
                connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()

    @contextmanager
    def streaming(self) -> Iterator[sa.Connection]:
        """The same, for one query whose rows are taken slowly."""
        with self.snapshot() as connection:
            for line in PATIENT.get(self.dialect, ()):
                connection.exec_driver_sql(line)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that is committed at the end, and undone by any exception."""
        with self.engine.connect() as connection:
            if self.dialect in ISOLATION:
                connection = connection.execution_options(isolation_level=ISOLATION[self.dialect])
            with connection.begin():
                for line in BEGIN.get(self.dialect, ()):
                    connection.exec_driver_sql(line)
                yield connection
