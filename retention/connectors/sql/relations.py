"""Tables, how their rows are told apart, and the foreign keys between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import UserDefinedType

from retention.connectors.sql.keys import Key

Alias = sa.FromClause
#: How many rows one statement names at most.
CHUNK = 1_000


class Given(UserDefinedType[Any]):
    """A value as the driver gives and takes it, without a cast: PostgreSQL reads text as what it is compared with."""

    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        """It is never created in a table."""
        raise NotImplementedError


GIVEN = Given()


@dataclass(eq=False, slots=True)
class Relation:
    """A table. ``identity``: the columns of its key; none: rows are told apart by a digest of all their values.

    ``up``: its foreign keys to tables of the graph, ``down``: those of other tables to it.
    """

    name: str
    table: sa.Table
    identity: tuple[str, ...]
    dialect: str
    up: list[Link] = field(default_factory=list)
    down: list[Link] = field(default_factory=list)

    @property
    def is_keyless(self) -> bool:
        """Whether identical rows may be there several times, under one key."""
        return not self.identity

    def has(self, column: str) -> bool:
        """Whether it has a column of this name."""
        return column in self.table.c

    def is_never_null(self, columns: Sequence[str]) -> bool:
        """Whether all of these columns are always filled."""
        return all(not self.table.c[name].nullable for name in columns)

    def keys(self, alias: Alias) -> list[ColumnElement[Any]]:
        """What tells rows apart, to compare with and to order by."""
        if self.identity:
            return [raw(alias.c[name]) for name in self.identity]
        return [self._digest(alias)]

    def shown_keys(self, alias: Alias) -> list[ColumnElement[Any]]:
        """The same, to be read: as text on PostgreSQL, whose own text form every type has and takes back."""
        if self.dialect == "postgresql":
            return [sa.cast(key, sa.Text).label(f"key_{number}") for number, key in enumerate(self.keys(alias))]
        return [key.label(f"key_{number}") for number, key in enumerate(self.keys(alias))]

    def among(self, alias: Alias, keys: Sequence[Key]) -> ColumnElement[bool]:
        """The condition that a row is one of these."""
        columns = self.keys(alias)
        if (
            len(columns) == 1 and self.dialect == "postgresql"
        ):  # one parameter instead of a thousand: three times as fast
            return columns[0] == sa.any_(bound(_array([key[0] for key in keys])))
        if len(columns) == 1:
            return columns[0].in_([key[0] for key in keys])
        if self.dialect == "mysql":  # MariaDB misses rows (…) IN (…) of another character set than the connection's
            return sa.or_(*[sa.and_(*[c == bound(v) for c, v in zip(columns, key, strict=True)]) for key in keys])
        return sa.tuple_(*columns, types=[GIVEN] * len(columns)).in_(keys)

    def before(self, alias: Alias, key: Key) -> ColumnElement[bool]:
        """The condition that a row comes before this one by key; the first column alone finds the place."""
        columns = self.keys(alias)
        binds = [bound(part) for part in key]
        if len(columns) == 1:
            return columns[0] < binds[0]
        if self.dialect == "mysql":  # which misses rows here, too
            firsts = [
                sa.and_(*[columns[n] == binds[n] for n in range(at)], columns[at] < binds[at]) for at in range(len(key))
            ]
            return sa.or_(*firsts)
        return sa.and_(columns[0] <= binds[0], sa.tuple_(*columns) < sa.tuple_(*binds))

    def _digest(self, alias: Alias) -> ColumnElement[Any]:
        columns = list(alias.c)
        if self.dialect == "postgresql":
            row = sa.func.convert_to(sa.cast(sa.func.row(*columns), sa.Text), sa.literal_column("'UTF8'"))
            return raw(sa.func.encode(sa.func.sha256(row), sa.literal_column("'hex'")))
        filled = [sa.func.coalesce(sa.func.hex(sa.cast(c, sa.BINARY)), sa.literal_column("'-'")) for c in columns]
        return raw(sa.func.sha2(sa.func.concat_ws(sa.literal_column("','"), *filled), sa.literal_column("256")))


@dataclass(eq=False, slots=True)
class Link:
    """A foreign key. ``is_cyclic``: parent and child refer to each other, by whatever way, or are one table."""

    child: Relation
    parent: Relation
    columns: tuple[str, ...]
    referred: tuple[str, ...]
    is_cyclic: bool = False

    def joins(self, child: Alias, parent: Alias) -> ColumnElement[bool]:
        """The condition that a row of the child refers to a row of the parent."""
        pairs = zip(self.columns, self.referred, strict=True)
        return sa.and_(*[raw(child.c[one]) == raw(parent.c[other]) for one, other in pairs])

    @property
    def is_single(self) -> bool:
        """Whether a row of the child refers to one row at most: MySQL lets it refer to what is not unique."""
        return self.child.dialect == "postgresql" or set(self.referred) == set(self.parent.identity)

    @property
    def is_mandatory(self) -> bool:
        """Whether every row of the child refers to a row of the parent."""
        return self.child.is_never_null(self.columns)

    @property
    def loose(self) -> list[str]:
        """The column that can be emptied to undo a reference, if there is one that serves nothing else."""
        others = {name for link in self.child.up if link is not self for name in link.columns}
        used = others | set(self.child.identity)
        free = [name for name in self.columns if self.child.table.c[name].nullable and name not in used]
        return free[-1:]  # of several the last: the first is often the tenant's


def raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column, compared with what the driver gave or what was registered, as the database does it by itself."""
    return sa.type_coerce(column, GIVEN)


def bound(value: Any) -> ColumnElement[Any]:
    """A value as it was given."""
    return sa.bindparam(None, value, type_=GIVEN, unique=True)


def _array(texts: Sequence[str]) -> str:
    """Texts as PostgreSQL writes an array."""
    return "{" + ",".join('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts) + "}"


def chunks(rows: Sequence[Any], size: int = CHUNK) -> list[Sequence[Any]]:
    """The rows in pieces that fit into a statement."""
    return [rows[at : at + size] for at in range(0, len(rows), size)]
