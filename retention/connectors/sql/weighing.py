"""How much of a table fits into memory at once, asked before its contents are read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from retention.connectors.sql.reading import filled
from retention.connectors.sql.relations import Alias, Relation, raw

#: How many bytes of contents are in memory at once, unless a single row has more.
BUDGET = 8 * 1024 * 1024
#: Of so many bytes at most is a row of a table whose columns all have a limit, and a small one.
NARROW = 4_000
#: What a column of a plain type needs at most, and a letter.
SMALL, LETTER = 64, 4
BOUNDED = (sa.Integer, sa.Numeric, sa.Float, sa.Boolean, sa.Date, sa.Time, sa.DateTime, sa.Interval, sa.Uuid, sa.Enum)


def fitting(connection: sa.Connection, sizes: sa.Select[Any] | None, number: int) -> int:
    """How many rows may be read at once, at most ``number`` and at least one; ``sizes`` gives theirs, in order."""
    if sizes is None:
        return number
    sums = accumulate(int(size) for size in connection.scalars(sizes.limit(number)))
    return next((max(1, at) for at, total in enumerate(list(sums)) if total > BUDGET), number)


def portions(sizes: Sequence[tuple[Any, int]]) -> list[Sequence[Any]]:
    """What is to be read, in portions that fit."""
    found: list[list[Any]] = [[]]
    total = 0
    for one, size in sizes:
        total += size
        if total > BUDGET and found[-1]:
            found.append([])
            total = size
        found[-1].append(one)
    return [portion for portion in found if portion]


def weight(relation: Relation, alias: Alias) -> sa.ColumnElement[int] | None:
    """How many bytes the long columns of a row hold; ``None`` for a table that can have no long rows."""
    long = [column for column in filled(relation) if _most(relation, column) is None]
    bounded = sum(_most(relation, column) or 0 for column in filled(relation))
    if not long and bounded <= NARROW:
        return None
    weighed = [sa.func.coalesce(_length(relation, alias.c[column.name]), 0) for column in filled(relation)]
    return sum(weighed[1:], start=weighed[0])


def _most(relation: Relation, column: sa.Column[Any]) -> int | None:
    """How many bytes a column's value can have; ``None``: nobody knows. SQLite keeps anything anywhere."""
    if relation.dialect == "sqlite":
        return None
    if isinstance(column.type, BOUNDED):
        return SMALL
    length = getattr(column.type, "length", None)
    return length * LETTER if isinstance(length, int) and isinstance(column.type, (sa.String, sa.LargeBinary)) else None


def _length(relation: Relation, column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    if relation.dialect == "sqlite":
        return sa.func.length(sa.cast(column, sa.BLOB))
    if relation.dialect == "mysql":
        return sa.func.length(raw(column))
    is_stored_so = isinstance(column.type, (sa.String, sa.LargeBinary)) and not isinstance(column.type, sa.Enum)
    return sa.func.octet_length(raw(column) if is_stored_so else sa.cast(column, sa.Text))
