"""What is there, page by page, children first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import sqlalchemy as sa

from retention.connectors.base import Item
from retention.connectors.sql.keys import Key, name_of
from retention.connectors.sql.lineage import ours_among, present
from retention.connectors.sql.reaching import Reach
from retention.connectors.sql.relations import Relation
from retention.connectors.sql.walking import Walk, gathered

#: How many rows one page holds.
PAGE = 5_000


@dataclass(slots=True)
class Listing:
    """One listing through; each page is read in a transaction of its own, which is over before the page is given."""

    reach: Reach
    reading: Callable[[], AbstractContextManager[sa.Connection]]

    def pages(self) -> Iterator[list[Item]]:
        """All rows, a table after another."""
        walk = gathered(self.reach, self.reading)
        for knot in self.reach.graph.knots:
            if walk and any(relation in self.reach.walked for relation in knot):
                yield from self._walked(walk, knot)
            for relation in knot:
                if relation in self.reach.graph.members and relation not in self.reach.walked:
                    yield from self._listed(relation)

    def _walked(self, walk: Walk, knot: Sequence[Relation]) -> Iterator[list[Item]]:
        for nodes in walk.ordered(knot):
            with self.reading() as connection:
                ours = {r: self._ours(connection, r, [key for one, key in nodes if one is r]) for r in knot}
            page = [Item("row", name_of(r.name, key)) for r, key in nodes if key in ours[r]]
            if page:
                yield page

    def _listed(self, relation: Relation) -> Iterator[list[Item]]:
        """By key, backwards: what was made later refers to what was made earlier more often than the other way."""
        last: Key | None = None
        while True:
            with self.reading() as connection:
                rows = self._read(connection, relation, last)
                keys = list(rows)
                ours = set(keys) if self.reach.is_plain(relation) else self._ours(connection, relation, keys)
            page = [item for key in keys if key in ours for item in self._items(relation, key, rows[key])]
            if page:
                yield page
            if len(keys) < PAGE:
                return
            last = keys[-1]

    def _read(self, connection: sa.Connection, relation: Relation, last: Key | None) -> dict[Key, int]:
        alias = relation.table.alias()
        shown, order = relation.shown_keys(alias), relation.keys(alias)
        query = sa.select(*shown, self._number(relation)).where(self.reach.condition(relation, alias)).limit(PAGE)
        if last is not None:
            query = query.where(relation.before(alias, last))
        if relation.is_keyless:
            query = query.group_by(*order)
        query = query.order_by(*[key.desc() for key in order])
        return {tuple(row[:-1]): row[-1] for row in connection.execute(query)}

    def _number(self, relation: Relation) -> sa.ColumnElement[int]:
        return sa.func.count() if relation.is_keyless else sa.literal_column("0")

    def _items(self, relation: Relation, key: Key, number: int) -> list[Item]:
        if not relation.is_keyless:
            return [Item("row", name_of(relation.name, key))]
        return [Item("row", name_of(relation.name, key, at)) for at in range(1, number + 1)]

    def _ours(self, connection: sa.Connection, relation: Relation, keys: Sequence[Key]) -> set[Key]:
        if not keys:
            return set()
        says = present(connection, self.reach.claims[0], relation, keys)
        return ours_among(connection, self.reach.claims, relation, says)
