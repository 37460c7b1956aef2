"""What refers to rows that are to go: somebody else's keep them, late ones put them off, circles are opened."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from retention.connectors.base import Item, Outcome, State
from retention.connectors.sql.claims import ELSEWHERE, Claim
from retention.connectors.sql.graph import Graph
from retention.connectors.sql.keys import Key
from retention.connectors.sql.lineage import Node, Web, children, descend, flood, ours_among, present
from retention.connectors.sql.relations import Link, Relation, chunks


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row cannot go now. ``passes``: by itself, in this sweep or the next."""

    code: str
    detail: str
    passes: bool = False

    def outcome(self, item: Item, patient: set[str]) -> Outcome:
        """As an answer: put off when it is asked for the first time, and kept, but due again at once, after that.

        An answer that is always *again* would be asked for ever, before the sweep that finds what is in the way: open
        batches come first. ``wrong_kind``, since the ledger takes no passing reason for residue.
        """
        if not self.passes:
            return Outcome(item, State.KEPT, self.code, self.detail, owner="the database's owner")
        if item.name not in patient:
            patient.add(item.name)
            return Outcome(item, State.AGAIN, self.code, self.detail)
        return Outcome(item, State.KEPT, "wrong_kind", self.detail, until=dt.datetime.now(dt.UTC))


OTHERS = Refusal("wrong_kind", "a row of another tenant refers to it")
OUTSIDE = Refusal("wrong_kind", "rows of another table refer to it, and they are not to be erased (cascade is off)")
STUCK = Refusal(
    "denied", "a row that refers to it cannot be deleted: a trigger, a row policy or a missing right keeps it"
)
LATE = Refusal("throttled", "a row that appeared meanwhile refers to it", passes=True)


@dataclass(slots=True)
class Referrers:
    """The rows that refer to some rows of one table, all of which are to go: ``ours``, and what each says of itself."""

    connection: sa.Connection
    graph: Graph
    claims: Sequence[Claim]
    relation: Relation
    ours: dict[Key, int]
    #: Rows of other tables that go in the same transaction, later.
    leaving: set[Node]
    #: By foreign key, for each child among ``ours`` its parents among them.
    inner: defaultdict[Link, defaultdict[Key, set[Key]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )

    def refused(self, is_last: Callable[[Key], bool]) -> dict[Key, Refusal]:
        """Which of them cannot go, and why. References in circles are emptied where the row stays ours without them."""
        refused: dict[Key, Refusal] = {}
        late: dict[Node, set[Key]] = defaultdict(set)
        for link in self.relation.down:
            self._look(link, refused, late)
        if late:
            refused |= self._late(late, is_last)
        return self._spread(refused)

    def _look(self, link: Link, refused: dict[Key, Refusal], late: dict[Node, set[Key]]) -> None:
        says: dict[Key, int] = {}
        of: dict[Key, set[Key]] = defaultdict(set)
        for one, other, own in children(self.connection, self.claims[0], link, list(self.ours)):
            if link.child is self.relation and one in self.ours:
                self.inner[link][one].add(other)
            elif link.loose or not link.is_cyclic or (link.child, one) not in self.leaving:
                says[one] = own
                of[one].add(other)
        if not says:
            return
        if link.child not in self.graph.members:
            refused |= {key: OUTSIDE for keys in of.values() for key in keys}
            return
        ours = ours_among(self.connection, self.claims, link.child, says)
        refused |= {key: OTHERS for one in says.keys() - ours for key in of[one]}
        for one in ours - self._open(link, {one: says[one] for one in ours}):
            late[(link.child, one)] |= of[one]

    def _open(self, link: Link, says: dict[Key, int]) -> set[Key]:
        """Empty the reference in rows that are ours without it, too; only where tables refer to each other."""
        if not link.is_cyclic or not link.loose or not says:
            return set()
        free = ours_among(self.connection, self.claims, link.child, says, without=link)
        self._empty(link, free)
        return free

    def _empty(self, link: Link, keys: set[Key]) -> None:
        table = link.child.table
        if not link.loose:
            return
        for some in chunks(list(keys)):
            query = sa.update(table).where(link.child.among(table, some))
            self.connection.execute(query.values(dict.fromkeys(link.loose)))

    def _late(self, late: dict[Node, set[Key]], is_last: Callable[[Key], bool]) -> dict[Key, Refusal]:
        """Rows of ours that were not there or did not go, and whether others refer to them in turn."""
        says: dict[Node, int] = {}
        tables: dict[Relation, list[Key]] = defaultdict(list)
        for relation, key in late:
            tables[relation].append(key)
        for relation, listed in tables.items():
            found = present(self.connection, self.claims[0], relation, listed)
            says |= {(relation, key): own for key, own in found.items()}
        web = descend(self.connection, self.claims[0], says)
        others: set[Node] = flood(self._others(web), web.parents, lambda _node: True)
        stuck: set[Node] = set()
        if any(is_last(key) for keys in late.values() for key in keys):
            stuck = flood(self._immovable(web, others), web.parents, lambda _node: True)
        found_out: dict[Key, Refusal] = {}
        for node, keys in late.items():
            why = OTHERS if node in others else STUCK if node in stuck else LATE
            found_out |= {key: why for key in keys if found_out.get(key, LATE) is LATE}
        return found_out

    def _others(self, web: Web) -> list[Node]:
        """Somebody else's rows, by their own word or by what they refer to."""
        by: dict[Relation, dict[Key, int]] = defaultdict(dict)
        for (relation, key), own in web.says.items():
            by[relation][key] = own
        found: list[Node] = []
        for relation, says in by.items():
            ours = ours_among(self.connection, self.claims, relation, says) if relation in self.graph.members else set()
            found += [(relation, key) for key, own in says.items() if own == ELSEWHERE or key not in ours]
        return found

    def _immovable(self, web: Web, others: set[Node]) -> list[Node]:
        """Rows that a DELETE would leave there: tried and undone."""
        point = self.connection.begin_nested()
        stays: list[Node] = []
        try:
            for relation in self._order(web):
                keys = [key for one, key in web.says if one is relation and (one, key) not in others]
                for some in chunks(keys):
                    self.connection.execute(sa.delete(relation.table).where(relation.among(relation.table, some)))
                stays += [(relation, key) for key in present(self.connection, self.claims[0], relation, keys)]
        except IntegrityError:
            pass  # it is in a knot of its own, or something newer came: it is tried again
        finally:
            point.rollback()
        return stays

    def _order(self, web: Web) -> list[Relation]:
        """The tables of a web, children first."""
        todo = dict.fromkeys(relation for relation, _key in web.says)
        order: list[Relation] = []
        while todo:
            free = [r for r in todo if not any(k.child in todo and k.child is not r for k in r.down)] or list(todo)
            order += free
            for relation in free:
                del todo[relation]
        return order

    def _spread(self, refused: dict[Key, Refusal]) -> dict[Key, Refusal]:
        """A row stays that a row which stays refers to, unless that reference can be emptied."""
        todo = set(refused)
        while todo:
            more: dict[Key, Refusal] = {}
            for link, parents in self.inner.items():
                staying = {key for key in todo if parents.get(key, set()) - {key} - refused.keys()}
                for key in staying - self._open(link, {key: self.ours[key] for key in staying}):
                    more |= {parent: refused[key] for parent in parents[key] if parent not in refused}
            refused |= more
            todo = set(more)
        return refused

    def rounds(self, doomed: Sequence[Key]) -> Iterator[Sequence[Key]]:
        """The rows in the order in which they go. Only MySQL checks each row by itself: there, whoever refers first."""
        left = dict.fromkeys(doomed)
        while left and self.inner and self.relation.dialect == "mysql":
            under = {p for parents in self.inner.values() for key in left for p in parents.get(key, set()) - {key}}
            free = [key for key in left if key not in under]
            if not free:  # a circle: what is emptied here goes in the same transaction
                for link in self.inner:
                    self._empty(link, set(left))
                break
            yield free
            for key in free:
                del left[key]
        yield list(left)
