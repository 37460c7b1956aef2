"""The fences in the database itself: append-only tables, and no governed write without its event.

A fence, not the proof: who owns the database can take it down. The proof is the tree.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from auditlog.models import Governed

#: Append-only tables, and the columns an ``INSERT OR REPLACE`` could collide on.
APPEND_ONLY: dict[str, tuple[tuple[str, ...], ...]] = {
    "auditlog_event": (("id",), ("uid",)),
    "auditlog_leaf": (("id",), ("origin_id", "index"), ("event_id",)),
    "auditlog_tile": (("id",), ("origin_id", "level", "index")),
    "auditlog_batch": (("id",), ("origin_id", "size")),
    "auditlog_checkpoint": (("id",), ("origin_id", "size")),
    "auditlog_origin": (("id",), ("name",)),
    "auditlog_signingkey": (("id",), ("verifier",)),
}

POSTGRES_FUNCTIONS = """
CREATE OR REPLACE FUNCTION auditlog_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: the audit log only grows', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE FUNCTION auditlog_require_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('countersign.audited', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
    RAISE EXCEPTION '% on % without an audit event in the same transaction', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NULL;
END $$;
"""


def append_only_sql(vendor: str) -> list[str]:
    """The statements that make the log's tables append-only."""
    make = _postgres_append_only if vendor == "postgresql" else _sqlite_append_only
    start = [POSTGRES_FUNCTIONS] if vendor == "postgresql" else []
    return start + [sql for table in APPEND_ONLY for sql in make(table)]


def _postgres_append_only(table: str) -> Iterable[str]:
    for name, event, each in (("rows", "UPDATE OR DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT")):
        trigger = f"{table}_only_grows_{name}"
        yield f"DROP TRIGGER IF EXISTS {trigger} ON {table}"
        yield f"CREATE TRIGGER {trigger} BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION auditlog_refuse()"
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"


def _sqlite_append_only(table: str) -> Iterable[str]:
    refuse = f"SELECT RAISE(ABORT, '{table}: the audit log only grows')"
    for event in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER IF NOT EXISTS {table}_only_grows_{event.lower()} BEFORE {event} ON {table} "
            f"BEGIN {refuse}; END"
        )
    same = " OR ".join(
        "(" + " AND ".join(f'"{column}" = NEW."{column}"' for column in key) + ")" for key in APPEND_ONLY[table]
    )
    exists = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608, the names are ours
    name = f"{table}_only_grows_replace"
    yield f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE INSERT ON {table} WHEN {exists} BEGIN {refuse}; END"


def governed_tables() -> list[str]:
    """Every table of a governed model."""
    return sorted(model._meta.db_table for model in apps.get_models() if issubclass(model, Governed))


def guard_tables(connection: BaseDatabaseWrapper) -> None:
    """Make PostgreSQL refuse, at commit, a change of a governed table without an event.

    On SQLite a trigger cannot look at the transaction, so the querysets' guard has to do.
    """
    if connection.vendor != "postgresql":
        return
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in governed_tables():
            if table in present:
                for statement in _guard(table):
                    cursor.execute(statement)


def _guard(table: str) -> Iterable[str]:
    yield f'DROP TRIGGER IF EXISTS auditlog_require_event ON "{table}"'
    yield (
        f'CREATE CONSTRAINT TRIGGER auditlog_require_event AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION auditlog_require_event()"
    )
    yield f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER auditlog_require_event'
    yield f'DROP TRIGGER IF EXISTS auditlog_refuse_truncate ON "{table}"'
    yield (
        f'CREATE TRIGGER auditlog_refuse_truncate BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION auditlog_refuse()"
    )
    yield f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER auditlog_refuse_truncate'


def guard_after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """``post_migrate``: fence the tables that the migrations made or, on SQLite, made anew."""
    connection = connections[using]
    if sender.name == "auditlog" and "auditlog_event" in connection.introspection.table_names():
        with connection.cursor() as cursor:
            for statement in append_only_sql(connection.vendor):
                cursor.execute(statement)
        guard_tables(connection)
