"""Which rows are reached from the named table, as a condition in SQL where that can be said in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from retention.connectors.sql.claims import Claim
from retention.connectors.sql.graph import Graph
from retention.connectors.sql.relations import Alias, Link, Relation

#: How many tables one condition may ask; beyond, rows are walked one by one.
MOST_TABLES = 40


@dataclass(slots=True)
class Reach:
    """How the rows of each table are found.

    ``by``: the foreign keys that lead to a table's rows. Where a mandatory one leads to rows that are always either
    the tenant's or somebody else's, it says all, and the others need not be asked. ``walked``: tables whose rows lead
    to each other and so on without end, and what hangs below them: they are gathered row by row.
    """

    graph: Graph
    claims: Sequence[Claim]
    by: dict[Relation, list[Link]] = field(default_factory=dict)
    walked: set[Relation] = field(default_factory=set)

    def __post_init__(self) -> None:
        decided = self._decided()
        for relation in self.graph.reached:
            self.by[relation] = decided[relation] if relation in decided else self._up(relation)
        self.walked = self._endless()

    def _up(self, relation: Relation) -> list[Link]:
        return [link for link in relation.up if link.parent in self.graph.members]

    @property
    def first(self) -> Claim:
        """The claim that rows are reached by: the narrowest."""
        return self.claims[-1]

    def is_plain(self, relation: Relation) -> bool:
        """Whether the condition says all there is to say of whose a row is."""
        if len(self.claims) > 1 or relation in self.walked:
            return False
        if relation is self.first.root and not self.by[relation]:
            return True
        return len(relation.up) == 1 and relation.up[0].is_single and self.is_plain(relation.up[0].parent)

    def condition(self, relation: Relation, alias: Alias, links: Sequence[Link] | None = None) -> ColumnElement[bool]:
        """The condition that a row is reached; ``links``: through these alone."""
        ways: list[ColumnElement[bool]] = []
        if relation is self.first.root:
            ways.append(self.first.is_ours(relation, alias))
        ways += [self._through(link, alias) for link in (self.by[relation] if links is None else links)]
        reached = sa.or_(sa.false(), *ways)
        allowed = [claim.is_not_elsewhere(relation, alias) for claim in self.claims]
        return sa.and_(reached, *[part for part in allowed if part is not None])

    def _through(self, link: Link, child: Alias) -> ColumnElement[bool]:
        parent = link.parent.table.alias()
        there: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(parent)
        there = there.where(link.joins(child, parent), self.condition(link.parent, parent))
        return there.correlate(child).exists()

    def _decided(self) -> dict[Relation, list[Link]]:
        """Tables each row of which is ours or somebody else's for certain, and the one foreign key that tells."""
        owner = self.claims[0]
        if len(self.claims) > 1 or not owner.root.is_never_null([owner.column]):
            return {}
        found: dict[Relation, list[Link]] = {owner.root: []}
        todo = [relation for relation in self.graph.reached if not owner.tells(relation)]
        while True:
            more = {r: [k for k in r.up if k.is_mandatory and k.parent in found][:1] for r in todo if r not in found}
            fresh = {relation: links for relation, links in more.items() if links}
            if not fresh:
                return found
            found |= fresh

    def _endless(self) -> set[Relation]:
        sizes: dict[Relation, int] = {}
        walked = {r for link in self._fast_links() for r in (link.child, link.parent)}
        for _round in range(len(self.by) + 1):
            for relation, links in self.by.items():
                sizes[relation] = 1 + sum(sizes.get(link.parent, 1) for link in links)
            walked |= {relation for relation, size in sizes.items() if size > MOST_TABLES}
            walked |= {r for r, links in self.by.items() if any(link.parent in walked for link in links)}
        return walked | {relation for relation in self.by if self._leads_to_itself(relation)}

    def _fast_links(self) -> list[Link]:
        """References in a circle that cannot be emptied without losing the row they lead to."""
        links = [link for relation in self.graph.reached for link in self._up(relation) if link.is_cyclic]
        return [link for link in links if not link.loose or link in self.by[link.child]]

    def _leads_to_itself(self, relation: Relation) -> bool:
        seen: set[Relation] = set()
        todo = [link.parent for link in self.by[relation]]
        while todo:
            one = todo.pop()
            if one is relation:
                return True
            if one not in seen:
                seen.add(one)
                todo += [link.parent for link in self.by[one]]
        return False
