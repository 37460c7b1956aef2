"""Whether the role may do what erasing needs, asked without changing anything."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from retention.connectors.base import TroubleError
from retention.connectors.sql.relations import Link, Relation


def refuse_missing_rights(connection: sa.Connection, relations: Sequence[Relation]) -> None:
    """Raise ``denied`` without the right to delete in each table, and to empty references that go in circles."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # a file that may only be read refuses this
        return
    for relation in relations:
        _refuse(connection, relation)


def _refuse(connection: sa.Connection, relation: Relation) -> None:
    if connection.dialect.name == "mysql":
        connection.execute(sa.delete(relation.table).where(sa.false()))  # asks for the right, deletes nothing, undone
        return
    named = connection.dialect.identifier_preparer.format_table(relation.table)
    for right in ("SELECT", "DELETE"):
        if not connection.scalar(sa.select(sa.func.has_table_privilege(named, right))):
            raise TroubleError("denied", f"42501: no right to {right} in every table")
    for column in {name for link in relation.up if opens(link) for name in link.loose}:
        if not connection.scalar(sa.select(sa.func.has_column_privilege(named, column, "UPDATE"))):
            raise TroubleError("denied", "42501: no right to UPDATE where tables refer to each other in a circle")


def opens(link: Link) -> bool:
    """Whether references of this kind may have to be emptied."""
    return link.is_cyclic and bool(link.loose)
