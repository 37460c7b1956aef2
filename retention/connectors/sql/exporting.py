"""All rows of the tenant's with their contents, many with each query, for their return to the customer.

A table is read backwards by key, a batch in a transaction of its own that is over before the batch is given: who
takes it may be slow. Whose a row is and what is in it are read in one snapshot, so that no other tenant's row slips in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from retention.connectors.sql.claims import UNSAID
from retention.connectors.sql.keys import Key, name_of
from retention.connectors.sql.lineage import ours_among
from retention.connectors.sql.reaching import Reach
from retention.connectors.sql.reading import contents, encoded, filled
from retention.connectors.sql.relations import Alias, Link, Relation, chunks
from retention.connectors.sql.sessions import Sessions
from retention.connectors.sql.walking import gathered
from retention.connectors.sql.weighing import BUDGET, fitting, portions, weight

#: How many rows are read at once at most.
BATCH = 2_000
#: Rows of one table: each row's own name and its content, one line of JSON.
Named = list[tuple[str, bytes]]
#: A row as it was read: its key, what it says of itself and what the rows that it refers to are, its content.
Row = tuple[Key, Sequence[Any], Sequence[Any]]


@dataclass(slots=True)
class Reader:
    """How rows of one table are read, together with what tells whose they are."""

    reach: Reach
    relation: Relation
    alias: Alias = field(init=False)
    #: Foreign keys whose parents are read along; those that lead to several rows would multiply ours.
    links: list[Link] = field(init=False)
    names: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.alias = self.relation.table.alias()
        is_plain = self.reach.is_plain(self.relation)
        self.links = [] if is_plain else [link for link in self.relation.up if link.is_single]
        self.names = [column.name for column in filled(self.relation)]

    def query(self, where: sa.ColumnElement[bool]) -> sa.Select[Any]:
        """Rows with everything that is wanted of them."""
        claim, joined = self.reach.claims[0], self.alias
        told: list[Any] = [] if self.reach.is_plain(self.relation) else [claim.of(self.relation, self.alias)]
        for link in self.links:
            parent = link.parent.table.alias()
            joined = joined.outerjoin(parent, link.joins(self.alias, parent))
            told += [*link.parent.shown_keys(parent), claim.of(link.parent, parent)]
        told = [column.label(f"t{number}") for number, column in enumerate(told)]
        columns = [*self.relation.shown_keys(self.alias), *told, *contents(self.relation, self.alias)]
        return sa.select(*columns).select_from(joined).where(where)

    def sizes(self, where: sa.ColumnElement[bool], *more: Any) -> sa.Select[Any] | None:
        """How long they are; ``None`` where all are short."""
        size = weight(self.relation, self.alias)
        return None if size is None else sa.select(*more, size.label("size")).where(where)

    def take(self, rows: Iterable[sa.Row[Any]]) -> list[Row]:
        """Rows as the query gave them, taken apart."""
        width, start = len(self.relation.identity) or 1, -len(self.names)
        return [(row[:width], row[width:start], row[start:]) for row in rows]

    def ours(self, connection: sa.Connection, rows: list[Row]) -> list[Row]:
        """Those that are the tenant's."""
        if not rows or self.reach.is_plain(self.relation):
            return rows
        says = {key: told[0] for key, told, _values in rows}
        unsaid = [(key, told) for key, told, _values in rows if told[0] == UNSAID]
        above: dict[Link, list[tuple[Key, Key, int]]] = {}
        at = 1
        for link in self.links:
            end = at + (len(link.parent.identity) or 1)
            above[link] = [(key, tuple(told[at:end]), told[end]) for key, told in unsaid if told[at] is not None]
            at = end + 1
        kept = ours_among(connection, self.reach.claims, self.relation, says, above=above)
        return [row for row in rows if row[0] in kept]

    def named(self, rows: list[Row], first: int, seen: Counter[Key]) -> Named:
        """Names and lines; ``first`` numbers the first of identical rows, ``seen`` counts them."""
        return [(self._name(row[0], first, seen), encoded(self.names, row[2])) for row in rows]

    def _name(self, key: Key, first: int, seen: Counter[Key]) -> str:
        if not self.relation.is_keyless:
            return name_of(self.relation.name, key)
        seen[key] += 1
        return name_of(self.relation.name, key, first + seen[key] - 1)


@dataclass(slots=True)
class Export:
    """One reading through of all tables, children first."""

    reach: Reach
    sessions: Sessions

    def batches(self) -> Iterator[tuple[str, Named]]:
        """Every row once, with the name of its table."""
        walked = self._walked()
        for relation in self.reach.graph.reached:
            for found in self._found(Reader(self.reach, relation), walked.pop(relation, [])):
                if found:
                    yield relation.name, found

    def _walked(self) -> dict[Relation, list[Key]]:
        keys: defaultdict[Relation, list[Key]] = defaultdict(list)
        walk = gathered(self.reach, self.sessions.reading)
        for relation, key in walk.levels if walk else ():
            keys[relation].append(key)
        return keys

    def _found(self, reader: Reader, walked: list[Key]) -> Iterator[Named]:
        if reader.relation in self.reach.walked:
            return self._gathered(reader, walked)
        return self._streamed(reader) if reader.relation.is_keyless else self._paged(reader)

    def _paged(self, reader: Reader) -> Iterator[Named]:
        """By key, backwards, as many rows at a time as memory has room for."""
        reached = where = self.reach.condition(reader.relation, reader.alias)
        order, number = [key.desc() for key in reader.relation.keys(reader.alias)], BATCH
        while True:
            with self.sessions.snapshot() as connection:
                sizes = reader.sizes(where)
                number = fitting(connection, sizes if sizes is None else sizes.order_by(*order), number)
                rows = reader.take(connection.execute(reader.query(where).order_by(*order).limit(number)))
                ours = reader.ours(connection, rows)
            yield reader.named(ours, 1, Counter())
            if len(rows) < number:
                return
            where = sa.and_(reached, reader.relation.before(reader.alias, rows[-1][0]))
            number = min(2 * number, BATCH)

    def _gathered(self, reader: Reader, keys: Sequence[Key]) -> Iterator[Named]:
        """Rows that were gathered one by one: of identical ones, the first has a name without a number there."""
        for some in chunks(keys):
            for portion in self._portions(reader, some):
                with self.sessions.snapshot() as connection:
                    among = reader.relation.among(reader.alias, portion)
                    ours = reader.ours(connection, reader.take(connection.execute(reader.query(among))))
                yield reader.named(ours, 0, Counter())

    def _portions(self, reader: Reader, keys: Sequence[Key]) -> list[Sequence[Key]]:
        among, shown = reader.relation.among(reader.alias, keys), reader.relation.shown_keys(reader.alias)
        sizes = reader.sizes(among, *shown)
        if sizes is None:
            return [keys]
        with self.sessions.reading() as connection:
            found: Counter[Key] = Counter()
            for row in connection.execute(sizes):
                found[tuple(row[:-1])] += int(row[-1])
        return portions(list(found.items()))

    def _streamed(self, reader: Reader) -> Iterator[Named]:
        """In one query: each further one would read and sort a table without a key once more."""
        where = self.reach.condition(reader.relation, reader.alias)
        order, seen = reader.relation.keys(reader.alias), Counter[Key]()
        with self.sessions.streaming() as connection:
            number = self._longest(connection, reader, where)
            query = reader.query(where).order_by(*order)
            for some in connection.execute(query, execution_options={"yield_per": number}).partitions():
                rows = reader.take(some)
                with self.sessions.snapshot() as other:
                    ours = reader.ours(other, rows)
                yield reader.named(ours, 1, seen)
                last = rows[-1][0]
                seen = Counter({last: seen[last]})

    def _longest(self, connection: sa.Connection, reader: Reader, where: sa.ColumnElement[bool]) -> int:
        """How many rows can be in memory if all are as long as the longest."""
        sizes = reader.sizes(where)
        most = 1 if sizes is None else connection.scalar(sa.select(sa.func.max(sizes.subquery().c.size)))
        return max(1, min(BATCH, BUDGET // max(1, int(most or 1))))
