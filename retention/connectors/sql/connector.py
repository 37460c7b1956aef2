"""One tenant's rows in a relational database."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from retention.connectors.base import Item, Outcome, Place, State, TroubleError
from retention.connectors.sql.address import engine_of
from retention.connectors.sql.claims import Claim, parse_selector
from retention.connectors.sql.erasing import Erasure, by_table, put_off
from retention.connectors.sql.errors import told, told_but_integrity
from retention.connectors.sql.exporting import Export
from retention.connectors.sql.graph import Graph, read_graph
from retention.connectors.sql.keys import parse_name
from retention.connectors.sql.listing import Listing
from retention.connectors.sql.reaching import Reach
from retention.connectors.sql.reading import line_of
from retention.connectors.sql.relations import CHUNK
from retention.connectors.sql.rights import refuse_missing_rights
from retention.connectors.sql.sessions import Sessions

__all__ = ["SqlConnector", "engine_of"]
#: What every other item is refused for when something that cannot be seen refers to it.
UNSEEN = "something that this role cannot see refers to it"


class SqlConnector:
    """The rows with a value in a column, and all rows that refer to them through foreign keys, whatever way.

    Place: selector ``table.column=value`` or ``schema.table.column=value``, the value compared as the column's own type
    and to the letter; secret ``url``; setting ``cascade`` (``False``: the named table only), and ``within``, the
    tenant's own selector when ``selector`` is one person's part of it. Where the database lies cannot be asked.

    A row belongs to another tenant if its column of the selector's name says so or, where it has none, if any row it
    refers to does. Such a row is never touched, and what it refers to is kept as ``wrong_kind``.
    """

    batch = CHUNK

    def __init__(self, place: Place) -> None:
        self.place = place
        self.selector = parse_selector(place.selector)
        within = place.settings.get("within")
        self.owner = parse_selector(within["selector"]) if within else self.selector
        self.is_part = bool(within)
        if self.is_part and self.selector.column.casefold() == self.owner.column.casefold():
            raise TroubleError("wrong_kind", "the tenant's own column tells no person's part")
        self.sessions = Sessions(engine_of(place.secrets.get("url", "")))
        self.threads = (1, 1) if self.sessions.dialect == "sqlite" else (2, 4)
        self._lock = threading.Lock()
        self._reach: Reach | None = None
        self._patient: set[str] = set()

    @property
    def reach(self) -> Reach:
        """Tables and foreign keys, read once."""
        with self._lock:
            if self._reach is None:
                with told("reading the schema"), self.sessions.reading() as connection:
                    self._reach = self._read(connection)
            return self._reach

    def _read(self, connection: sa.Connection) -> Reach:
        cascade = bool(self.place.settings.get("cascade", True))
        whole = read_graph(connection, self.owner, cascade=cascade or self.is_part)
        owner = Claim(whole.root, self.owner.column, self.owner.value)
        if not self.is_part:
            return Reach(whole, [owner])
        graph = self._part(whole, cascade=cascade)
        return Reach(graph, [owner, Claim(graph.root, self.selector.column, self.selector.value, is_owner=False)])

    def _part(self, whole: Graph, *, cascade: bool) -> Graph:
        """The part of the tenant's tables that hangs below the one that one person's rows are in."""
        name = f"{self.selector.schema}.{self.selector.table}" if self.selector.schema else self.selector.table
        root = whole.relations.get(name)
        if root is None:
            raise TroubleError("wrong_kind", "the person's table does not hang below the tenant's")
        if not root.has(self.selector.column):
            raise TroubleError("wrong_kind", "the table has no such column")
        return whole.below(root, cascade=cascade)

    def check(self) -> None:
        """Whether database, table, column and rights are there, and the value is spelled in one way only.

        Raises :class:`TroubleError`: ``unreachable``, ``credentials``, ``vanished``, ``denied``, ``wrong_kind``.
        """
        reach = self.reach
        with told("SELECT"), self.sessions.reading() as connection:
            for claim in reach.claims:
                self._refuse_other_spelling(connection, claim)
        with told("checking the right to DELETE"), self.sessions.reading() as connection:
            refuse_missing_rights(connection, reach.graph.reached)

    def _refuse_other_spelling(self, connection: sa.Connection, claim: Claim) -> None:
        alias = claim.root.table.alias()
        alike, ours = claim.is_alike(claim.root, alias), claim.is_ours(claim.root, alias)
        query: sa.Select[Any] = (
            sa.select(sa.literal_column("1")).select_from(alias).where(alike, sa.not_(ours)).limit(1)
        )
        if connection.execute(query).first():
            raise TroubleError("wrong_kind", "the database takes other spellings of the value for the same")

    def pages(self) -> Iterator[list[Item]]:
        """The rows, children first, each read backwards by key."""
        listing = Listing(self.reach, self.sessions.reading)
        pages = listing.pages()
        while True:
            with told("listing"):
                page = next(pages, None)
            if page is None:
                return
            yield page

    def erase(self, items: Sequence[Item]) -> list[Outcome]:
        """Erase rows in one transaction; what is not there, or not the tenant's any more, is gone."""
        reach = self.reach
        try:
            return self._erase(reach, items)
        except IntegrityError:
            if len(items) > 1 and not all(item.name in self._patient for item in items):
                return put_off(items, self._patient, "a constraint refused it")
        return [outcome for item in items for outcome in self._alone(reach, item)]

    def _erase(self, reach: Reach, items: Sequence[Item]) -> list[Outcome]:
        wanted = by_table(items, [parse_name(item.name) for item in items])
        patient = set(self._patient)
        with told_but_integrity("DELETE"), self.sessions.writing() as connection:
            outcomes = Erasure(connection, reach.graph, reach.claims, patient).run(wanted)
        self._patient |= patient
        return outcomes

    def _alone(self, reach: Reach, item: Item) -> list[Outcome]:
        """What refuses can be told only by trying each row by itself."""
        try:
            return self._erase(reach, [item])
        except IntegrityError:
            if item.name not in self._patient:
                return put_off([item], self._patient, "a constraint refused it")
            return [Outcome(item, State.KEPT, "denied", UNSEEN, owner="the database's owner")]

    def read(self, item: Item) -> Iterator[bytes]:
        """The row as one line of JSON, bytes in base64; nothing when it is gone or not the tenant's any more."""
        table, key = parse_name(item.name)
        relation = self.reach.graph.relations.get(table)
        if relation is None:
            return
        with told("SELECT"), self.sessions.reading() as connection:
            line = line_of(connection, self.reach.claims, relation, key)
        if line is not None:
            yield line

    def rows(self) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
        """Every row, as :meth:`read` gives one, many at a time: table, then each row's name and line."""
        batches = Export(self.reach, self.sessions).batches()
        while True:
            with told("SELECT"):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    def close(self) -> None:
        """Close all connections."""
        self.sessions.engine.dispose()
