"""Rows that lead to each other, gathered in memory and put in an order in which each can go: whoever refers, first."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import sqlalchemy as sa

from retention.connectors.base import TroubleError
from retention.connectors.sql.keys import Key
from retention.connectors.sql.lineage import Node, children
from retention.connectors.sql.reaching import Reach
from retention.connectors.sql.relations import CHUNK, Relation, chunks


@dataclass(slots=True)
class Walk:
    """The rows of tables that cannot be listed by a condition; keeps their keys in memory, some 500 bytes for a row."""

    reach: Reach
    connection: sa.Connection
    levels: dict[Node, int] = field(default_factory=dict)
    parents: defaultdict[Node, list[Node]] = field(default_factory=lambda: defaultdict(list))

    def gather(self) -> None:
        """Start with what is reached from outside, then go down along every foreign key."""
        fresh: dict[Relation, list[Key]] = {r: self._start(r) for r in self.reach.walked}
        level = 0
        while any(fresh.values()):
            level += 1
            below: dict[Relation, list[Key]] = defaultdict(list)
            for parent, keys in fresh.items():
                self._step(parent, keys, level, below)
            fresh = below

    def _start(self, relation: Relation) -> list[Key]:
        outside = [link for link in self.reach.by[relation] if link.parent not in self.reach.walked]
        if not outside and relation is not self.reach.first.root:
            return []
        alias = relation.table.alias()
        query = sa.select(*relation.shown_keys(alias)).where(self.reach.condition(relation, alias, outside))
        keys = [tuple(row) for row in self.connection.execute(query)]
        self.levels |= {(relation, key): 0 for key in keys}
        return list(dict.fromkeys(keys))

    def _step(self, parent: Relation, keys: Sequence[Key], level: int, below: dict[Relation, list[Key]]) -> None:
        for link in parent.down:
            if link.child not in self.reach.walked:
                continue
            for one, other, says in children(self.connection, self.reach.claims[0], link, keys):
                node = (link.child, one)
                if node not in self.levels and says >= 0 and link in self.reach.by[link.child]:
                    self.levels[node] = level
                    below[link.child].append(one)
                self.parents[node].append((parent, other))

    def ordered(self, knot: Sequence[Relation]) -> list[Sequence[Node]]:
        """The rows of these tables in pages, whoever refers first. Rows in a circle come last, in one page if they fit.

        Raises :class:`TroubleError` (``wrong_kind``) for a circle that neither fits nor can be opened.
        """
        inside = [node for node in self.levels if node[0] in knot]
        line, circle = _sorted(inside, self.parents)
        pages = chunks(line)
        if circle:
            self._refuse_fast(knot, circle)
            circle.sort(key=lambda node: -self.levels[node])
            pages += chunks(circle)
        return pages

    def _refuse_fast(self, knot: Sequence[Relation], circle: Sequence[Node]) -> None:
        links = [link for relation in knot for link in relation.up if link.is_cyclic]
        if len(circle) > CHUNK and not any(link.loose for link in links):
            raise TroubleError("wrong_kind", f"{len(circle)} rows refer to each other in circles that cannot be opened")


def gathered(reach: Reach, reading: Callable[[], AbstractContextManager[sa.Connection]]) -> Walk | None:
    """A walk through all tables that have to be walked; ``None`` where there are none."""
    if not reach.walked:
        return None
    with reading() as connection:
        walk = Walk(reach, connection)
        walk.gather()
        return walk


def _sorted(inside: Sequence[Node], parents: dict[Node, list[Node]]) -> tuple[list[Node], list[Node]]:
    """Rows so that none comes before one that refers to it, and those for which there is no such order (Kahn)."""
    waiting = dict.fromkeys(inside, 0)
    for node in inside:
        for parent in parents.get(node, ()):
            if parent in waiting and parent != node:
                waiting[parent] += 1
    free = deque(node for node, number in waiting.items() if not number)
    line: list[Node] = []
    while free:
        node = free.popleft()
        line.append(node)
        for parent in parents.get(node, ()):
            if parent in waiting and parent != node:
                waiting[parent] -= 1
                if not waiting[parent]:
                    free.append(parent)
    return line, [node for node, number in waiting.items() if number]
