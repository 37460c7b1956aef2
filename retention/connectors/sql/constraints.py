"""Every foreign key of a database: a table of any schema may refer to the tenant's rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.engine import Inspector
from sqlalchemy.engine.reflection import ObjectKind

#: A table: schema (``None``: the session's own) and name.
Place = tuple[str | None, str]

#: MySQL's tables are asked for one by one, which takes long and fails at one odd default anywhere; this is one query.
MYSQL = """
SELECT table_schema, table_name, constraint_name, referenced_table_schema, referenced_table_name, column_name,
       referenced_column_name
FROM information_schema.key_column_usage WHERE referenced_table_name IS NOT NULL
ORDER BY table_schema, table_name, constraint_name, ordinal_position
"""
#: Parts of partitioned tables: their rows are listed with the whole.
PARTITIONS = "SELECT nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relispartition"


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns of one table that refer to columns of another; ``referred`` empty: to its primary key."""

    child: Place
    parent: Place
    columns: tuple[str, ...]
    referred: tuple[str, ...]


def foreign_keys(connection: sa.Connection, inspector: Inspector) -> list[ForeignKey]:
    """All there are, as far as this role can see."""
    if connection.dialect.name == "mysql":
        return list(_mysql(connection, inspector.default_schema_name))
    return list(_reflected(connection, inspector))


def _mysql(connection: sa.Connection, own: str | None) -> Iterator[ForeignKey]:
    rows = connection.execute(sa.text(MYSQL))
    for key, some in groupby(rows, key=lambda row: tuple(row[:5])):
        pairs = [tuple(row[5:]) for row in some]
        child, parent = _place(key[0], key[1], own), _place(key[3], key[4], own)
        yield ForeignKey(child, parent, tuple(one for one, _o in pairs), tuple(other for _o, other in pairs))


def _reflected(connection: sa.Connection, inspector: Inspector) -> Iterator[ForeignKey]:
    own, parts = inspector.default_schema_name, set[Place]()
    schemas: list[str | None] = [None]
    if connection.dialect.name == "postgresql":
        schemas += [name for name in inspector.get_schema_names() if name != own and not _is_system(name)]
        parts = {_place(schema, name, own) for schema, name in connection.execute(sa.text(PARTITIONS))}
    for schema in schemas:
        for child, keys in inspector.get_multi_foreign_keys(schema=schema, kind=ObjectKind.TABLE).items():
            for key in keys if child not in parts else ():
                parent = _place(key["referred_schema"], key["referred_table"], own)
                yield ForeignKey(child, parent, tuple(key["constrained_columns"]), tuple(key["referred_columns"]))


def _place(schema: str | None, name: str, own: str | None) -> Place:
    return (None if schema == own else schema), name


def _is_system(schema: str) -> bool:
    return schema == "information_schema" or schema.startswith("pg_")
