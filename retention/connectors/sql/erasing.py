"""Erases rows: one transaction for a call, children first, and never a row that is not the tenant's now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from retention.connectors.base import Item, Outcome, State, TroubleError
from retention.connectors.sql.claims import Claim
from retention.connectors.sql.graph import Graph
from retention.connectors.sql.keys import Key
from retention.connectors.sql.lineage import Node, ours_among, present
from retention.connectors.sql.referrers import Referrers, Refusal
from retention.connectors.sql.relations import Relation, chunks

STAYED = Refusal("denied", "it is still there after DELETE: a trigger or a row policy keeps it")
UNKNOWN = Refusal("wrong_kind", "its table does not refer to the tenant's rows any more")


@dataclass(slots=True)
class Erasure:
    """One call. ``patient``: rows that were in the way before; asked again, they are refused instead of put off."""

    connection: sa.Connection
    graph: Graph
    claims: Sequence[Claim]
    patient: set[str]
    outcomes: list[Outcome] = field(default_factory=list)

    def run(self, wanted: dict[str, dict[Key, list[Item]]]) -> list[Outcome]:
        """Erase what is wanted, by table and key; gives an outcome for each item."""
        known = self.graph.relations
        leaving = {(known[table], key) for table, rows in wanted.items() if table in known for key in rows}
        for relation in self.graph.reached:
            if rows := wanted.pop(relation.name, None):
                self._table(relation, rows, leaving)
        for rows in wanted.values():
            self._answer(rows, rows, UNKNOWN)
        return self.outcomes

    def _table(self, relation: Relation, rows: dict[Key, list[Item]], leaving: set[Node]) -> None:
        lock = relation.dialect == "mysql"
        says = present(self.connection, self.claims[0], relation, list(rows), lock=lock)
        ours = ours_among(self.connection, self.claims, relation, says) if says else set()
        self._answer(rows, rows.keys() - ours)  # not there, or not the tenant's: a key can be used again
        if not ours:
            return
        referrers = Referrers(
            self.connection, self.graph, self.claims, relation, {key: says[key] for key in ours}, leaving
        )
        refused = referrers.refused(is_last=lambda key: rows[key][0].name in self.patient)
        for key, refusal in refused.items():
            self._answer(rows, [key], refusal)
        doomed = [key for key in rows if key in ours and key not in refused]
        for some in referrers.rounds(doomed):
            self._delete(relation, some)
        stayed = self._stayed(relation, doomed)
        self._answer(rows, stayed, STAYED)
        self._answer(rows, [key for key in doomed if key not in stayed])

    def _delete(self, relation: Relation, keys: Sequence[Key]) -> None:
        """Delete these; the condition says again that they are not somebody else's."""
        table = relation.table
        for some in chunks(keys):
            query = sa.delete(table).where(relation.among(table, some))
            for claim in self.claims:
                allowed = claim.is_not_elsewhere(relation, table)
                query = query if allowed is None else query.where(allowed)
            number = self.connection.execute(query).rowcount
            if number > len(some) and not relation.is_keyless:
                raise TroubleError("wrong_kind", f"{number} rows instead of {len(some)} on DELETE; undone")

    def _stayed(self, relation: Relation, keys: Sequence[Key]) -> set[Key]:
        return set(present(self.connection, self.claims[0], relation, keys))

    def _answer(self, rows: dict[Key, list[Item]], keys: Iterable[Key], refusal: Refusal | None = None) -> None:
        for key in list(keys):
            for item in rows[key]:
                self.outcomes.append(refusal.outcome(item, self.patient) if refusal else Outcome(item, State.GONE))


def by_table(items: Sequence[Item], parsed: Iterable[tuple[str, Key]]) -> dict[str, dict[Key, list[Item]]]:
    """Items by the table and key that their names say."""
    found: defaultdict[str, dict[Key, list[Item]]] = defaultdict(dict)
    for item, (table, key) in zip(items, parsed, strict=True):
        found[table].setdefault(key, []).append(item)
    return dict(found)


def put_off(items: Sequence[Item], patient: set[str], detail: str) -> list[Outcome]:
    """Every item is to be asked for again."""
    patient.update(item.name for item in items)
    return [Outcome(item, State.AGAIN, "throttled", detail) for item in items]
