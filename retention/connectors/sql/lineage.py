"""Whose a row is when it does not say so itself: that of the rows it refers to, up to one that does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from retention.connectors.sql.claims import ELSEWHERE, OURS, UNSAID, Claim
from retention.connectors.sql.keys import Key
from retention.connectors.sql.relations import Link, Relation, chunks

#: A row: its table and key.
Node = tuple[Relation, Key]
#: Child's key, parent's key and what the one that was looked for says.
Pairs = Sequence[tuple[Key, Key, int]]
NOTHING: Mapping[Link, Pairs] = {}


@dataclass(slots=True)
class Web:
    """Rows, what each says of itself, and which refers to which."""

    says: dict[Node, int] = field(default_factory=dict)
    parents: defaultdict[Node, list[Node]] = field(default_factory=lambda: defaultdict(list))
    children: defaultdict[Node, list[Node]] = field(default_factory=lambda: defaultdict(list))

    def add(self, node: Node, says: int) -> bool:
        """Take in a row; ``False`` when it is known."""
        if node in self.says:
            return False
        self.says[node] = says
        return True

    def refer(self, child: Node, parent: Node) -> None:
        """Note that one refers to the other."""
        self.parents[child].append(parent)
        self.children[parent].append(child)


def flood(seeds: Iterable[Node], onwards: Mapping[Node, list[Node]], passes: Callable[[Node], bool]) -> set[Node]:
    """Everything that is reached from the seeds through rows that let it pass."""
    found = set(seeds)
    todo = list(found)
    while todo:
        for node in onwards.get(todo.pop(), ()):
            if node not in found and passes(node):
                found.add(node)
                todo.append(node)
    return found


def present(
    connection: sa.Connection, claim: Claim, relation: Relation, keys: Sequence[Key], *, lock: bool = False
) -> dict[Key, int]:
    """Which of these rows are there, and what each says of itself."""
    found: dict[Key, int] = {}
    alias = relation.table.alias()
    for some in chunks(keys):
        query = sa.select(*relation.shown_keys(alias), claim.of(relation, alias)).where(relation.among(alias, some))
        if lock:
            query = query.with_for_update()
        found |= {tuple(row[:-1]): row[-1] for row in connection.execute(query)}
    return found


def parents(connection: sa.Connection, claim: Claim, link: Link, keys: Sequence[Key]) -> list[tuple[Key, Key, int]]:
    """Child's key, parent's key and what the parent says, for children with these keys."""
    return _pairs(connection, claim, link, keys, of_child=True)


def children(connection: sa.Connection, claim: Claim, link: Link, keys: Sequence[Key]) -> list[tuple[Key, Key, int]]:
    """Child's key, parent's key and what the child says, for parents with these keys."""
    return _pairs(connection, claim, link, keys, of_child=False)


def _pairs(
    connection: sa.Connection, claim: Claim, link: Link, keys: Sequence[Key], *, of_child: bool
) -> list[tuple[Key, Key, int]]:
    child, parent = link.child.table.alias(), link.parent.table.alias()
    says = claim.of(link.parent, parent) if of_child else claim.of(link.child, child)
    ones, others = link.child.shown_keys(child), link.parent.shown_keys(parent)
    width, found = len(ones), []
    for some in chunks(keys):
        given = link.child.among(child, some) if of_child else link.parent.among(parent, some)
        columns = [c.label(f"c{n}") for n, c in enumerate([*ones, *others, says])]
        query = sa.select(*columns).select_from(child.join(parent, link.joins(child, parent))).where(given)
        found += [(tuple(r[:width]), tuple(r[width:-1]), int(r[-1])) for r in connection.execute(query)]
    return found


def ours_among(
    connection: sa.Connection,
    claims: Sequence[Claim],
    relation: Relation,
    says: Mapping[Key, int],
    without: Link | None = None,
    above: Mapping[Link, Pairs] = NOTHING,
) -> set[Key]:
    """Which of these rows are ours by every claim; ``says`` is their own word on the first one.

    ``without``: as if that reference were not there. ``above``: what they refer to, where that was read with them.
    """  # fmt: skip
    rows = set(says)
    for number, claim in enumerate(claims):
        own = says if number == 0 else present(connection, claim, relation, list(rows))
        word, known = {key: own.get(key, UNSAID) for key in rows}, above if number == 0 else NOTHING
        standing = standings(connection, claim, relation, word, without, known)
        rows = {key for key in rows if standing[key] == OURS}
        if not rows:
            break
    return rows


def standings(
    connection: sa.Connection,
    claim: Claim,
    relation: Relation,
    says: Mapping[Key, int],
    without: Link | None = None,
    above: Mapping[Link, Pairs] = NOTHING,
) -> dict[Key, int]:
    """Whose each of these rows is: a row that refers to somebody else's is theirs, too, and never only ours."""
    if all(says.values()):
        return dict(says)
    web = climb(connection, claim, relation, says, without, above)
    unsaid = lambda node: web.says[node] == UNSAID  # noqa: E731
    theirs = flood((n for n, own in web.says.items() if own == ELSEWHERE), web.children, unsaid)
    ours = flood((n for n, own in web.says.items() if own == OURS), web.children, unsaid)
    return {
        key: ELSEWHERE if (relation, key) in theirs else OURS if (relation, key) in ours else UNSAID for key in says
    }


def climb(
    connection: sa.Connection,
    claim: Claim,
    relation: Relation,
    says: Mapping[Key, int],
    without: Link | None = None,
    above: Mapping[Link, Pairs] = NOTHING,
) -> Web:
    """The rows that these refer to, level by level, up to rows that say whose they are."""
    web, known = Web(), dict(above)
    level: dict[Relation, list[Key]] = defaultdict(list)
    for key, own in says.items():
        if web.add((relation, key), own) and own == UNSAID:
            level[relation].append(key)
    while level:
        upper: dict[Relation, list[Key]] = defaultdict(list)
        for child, keys in level.items():
            for link in child.up:
                if link is not without:
                    pairs = known.pop(link) if link in known else parents(connection, claim, link, keys)
                    _step_up(link, pairs, web, upper)
        level = upper
    return web


def _step_up(link: Link, pairs: Pairs, web: Web, upper: dict[Relation, list[Key]]) -> None:
    for one, other, own in pairs:
        node = (link.parent, other)
        if web.add(node, own) and own == UNSAID:
            upper[link.parent].append(other)
        web.refer((link.child, one), node)


def descend(connection: sa.Connection, claim: Claim, nodes: Mapping[Node, int]) -> Web:
    """The rows that refer to these, level by level, down to the last; somebody else's are not looked behind."""
    web = Web()
    level: dict[Relation, list[Key]] = defaultdict(list)
    for node, own in nodes.items():
        web.add(node, own)
        level[node[0]].append(node[1])
    while level:
        below: dict[Relation, list[Key]] = defaultdict(list)
        for parent, keys in level.items():
            for link in parent.down:
                for one, other, own in children(connection, claim, link, keys):
                    node = (link.child, one)
                    if web.add(node, own) and own != ELSEWHERE:
                        below[link.child].append(one)
                    web.refer(node, (parent, other))
        level = below
    return web
