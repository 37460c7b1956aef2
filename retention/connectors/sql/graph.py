"""Which tables hang below the named one, and the order in which their rows can go: children first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

import sqlalchemy as sa
from sqlalchemy.engine import Inspector
from sqlalchemy.types import NullType

from retention.connectors.base import TroubleError
from retention.connectors.sql.claims import Selector
from retention.connectors.sql.constraints import ForeignKey, Place, foreign_keys
from retention.connectors.sql.relations import Link, Relation


@dataclass(slots=True)
class Graph:
    """The named table and all that refer to it.

    ``members``: those whose rows are to go. ``knots``: groups of tables that refer to each other, children first.
    """

    root: Relation
    relations: dict[str, Relation]
    knots: list[list[Relation]]
    members: set[Relation]

    @property
    def reached(self) -> list[Relation]:
        """The tables whose rows are to go, children first."""
        return [relation for knot in self.knots for relation in knot if relation in self.members]

    def below(self, root: Relation, *, cascade: bool) -> Graph:
        """The same tables, but only rows of ``root`` are to go, and with ``cascade`` those of the tables below it."""
        return Graph(root, self.relations, self.knots, {root} | (_reachable(root) if cascade else set()))


def read_graph(connection: sa.Connection, selector: Selector, *, cascade: bool) -> Graph:
    """Read the tables and foreign keys of the database, as far as they matter to the selector.

    Raises :class:`TroubleError`: ``vanished`` without the table, ``wrong_kind`` for a view or without the column.
    """
    inspector = sa.inspect(connection)
    place = _root(inspector, selector)
    keys = foreign_keys(connection, inspector)
    found = _below(place, keys)
    relations = {one: _relation(connection, inspector, one) for one in found}
    root = relations[place]
    if not root.has(selector.column):
        raise TroubleError("wrong_kind", "the table has no such column")
    _link(relations, keys)
    named = {relation.name: relation for relation in relations.values()}
    return Graph(root, named, _knots(named.values()), set()).below(root, cascade=cascade)


def _root(inspector: Inspector, selector: Selector) -> Place:
    schema = None if selector.schema == inspector.default_schema_name else selector.schema
    if schema is not None and schema not in inspector.get_schema_names():
        raise TroubleError("vanished", "there is no such schema")
    if selector.table not in inspector.get_table_names(schema):
        if selector.table in inspector.get_view_names(schema):
            raise TroubleError("wrong_kind", "it is a view, not a table")
        raise TroubleError("vanished", "there is no such table")
    return schema, selector.table


def _below(root: Place, keys: Sequence[ForeignKey]) -> list[Place]:
    children: defaultdict[Place, list[Place]] = defaultdict(list)
    for key in keys:
        children[key.parent].append(key.child)
    found = {root: None}
    todo = [root]
    while todo:
        fresh = [child for child in dict.fromkeys(children[todo.pop()]) if child not in found]
        found |= dict.fromkeys(fresh)
        todo += fresh
    return list(found)


def _relation(connection: sa.Connection, inspector: Inspector, place: Place) -> Relation:
    schema, name = place
    table = sa.Table(name, sa.MetaData(), schema=schema, autoload_with=connection, resolve_fks=False)
    identity = tuple(column.name for column in table.primary_key.columns) or _unique(inspector, table)
    if connection.dialect.name == "sqlite":
        identity = _untyped(table, identity)
    return Relation(f"{schema}.{name}" if schema else name, table, identity, connection.dialect.name)


def _unique(inspector: Inspector, table: sa.Table) -> tuple[str, ...]:
    """The columns of a unique constraint without a gap, in place of a primary key."""
    for constraint in inspector.get_unique_constraints(table.name, table.schema):
        names = constraint["column_names"]
        if names and all(not table.c[name].nullable for name in names):
            return tuple(names)
    return ()


def _untyped(table: sa.Table, identity: tuple[str, ...]) -> tuple[str, ...]:
    """SQLite keeps any value in any column, so values are taken as they are; a table without a key has row numbers.

    So has one whose key has gaps: SQLite lets a primary key be empty, and then it tells no row apart.
    """
    is_number = len(identity) == 1 and str(table.c[identity[0]].type).upper() == "INTEGER"
    is_filled = is_number or not any(table.c[name].nullable for name in identity)
    for column in table.columns:
        column.info["declared"] = column.type
        column.type = NullType()
    if identity and is_filled:
        return identity
    names = {column.name.lower() for column in table.columns}
    number = next(name for name in ("rowid", "oid", "_rowid_") if name not in names)
    table.append_column(sa.Column(number, NullType(), nullable=False, system=True))
    return (number,)


def _link(relations: Mapping[Place, Relation], keys: Sequence[ForeignKey]) -> None:
    for key in keys:
        child, parent = relations.get(key.child), relations.get(key.parent)
        if child is None or parent is None:
            continue
        own = tuple(column.name for column in parent.table.primary_key.columns)
        link = Link(child, parent, key.columns, key.referred or own or parent.identity)
        parent.down.append(link)
        child.up.append(link)


def _knots(relations: Iterable[Relation]) -> list[list[Relation]]:
    """Tables in groups that refer to each other, children before parents (Tarjan's components, sorted)."""
    rows = list(relations)
    below = {relation: _reachable(relation) for relation in rows}
    knot_of: dict[Relation, list[Relation]] = {}
    for relation in rows:
        knot = next((knot_of[other] for other in below[relation] & knot_of.keys() if relation in below[other]), [])
        knot.append(relation)
        knot_of[relation] = knot
    for relation in rows:
        for link in relation.down:
            link.is_cyclic = knot_of[link.child] is knot_of[link.parent]
    sorter: TopologicalSorter[int] = TopologicalSorter()
    by_id = {id(knot): knot for knot in knot_of.values()}
    for relation in rows:
        others = {id(knot_of[link.child]) for link in relation.down}
        sorter.add(id(knot_of[relation]), *sorted(others - {id(knot_of[relation])}))
    return [by_id[number] for number in sorter.static_order()]


def _reachable(relation: Relation) -> set[Relation]:
    """Every table whose rows refer to rows of this one, through others too."""
    found: set[Relation] = set()
    todo = [relation]
    while todo:
        for link in todo.pop().down:
            if link.child not in found:
                found.add(link.child)
                todo.append(link.child)
    return found
