"""Transactional tests empty the tables when they end; the log's fences are lowered for that moment only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.operations import BaseDatabaseOperations

from auditlog.writers import forget_writers

_flush = BaseDatabaseOperations.execute_sql_flush


def flush_behind_fences(operations: BaseDatabaseOperations, sql_list: list[str]) -> None:
    """What Django does, with the fences down."""
    with lowered(operations.connection):
        _flush(operations, sql_list)
    forget_writers()  # their last events are gone


BaseDatabaseOperations.execute_sql_flush = flush_behind_fences


@contextmanager
def lowered(connection: Any) -> Iterator[None]:
    """Take the log's triggers away, and put them back. What an attacker who owns the database can do."""
    down, up = _postgres(connection) if connection.vendor == "postgresql" else _sqlite(connection)
    _run(connection, down)
    try:
        yield
    finally:
        _run(connection, up)


def _run(connection: Any, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _sqlite(connection: Any) -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
    return [f'DROP TRIGGER "{name}"' for name, _sql in triggers], [sql for _name, sql in triggers]


def _postgres(connection: Any) -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname, t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND n.nspname = current_schema()"
        )
        triggers = cursor.fetchall()
    down = [f'ALTER TABLE "{table}" DISABLE TRIGGER "{name}"' for table, name, _mode in triggers]
    up = [
        f'ALTER TABLE "{table}" ENABLE {"ALWAYS " if mode == "A" else ""}TRIGGER "{name}"'
        for table, name, mode in triggers
    ]
    now, later = "SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED"
    return [now, *down], [now, *up, later]
