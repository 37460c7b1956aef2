"""A row's content, for its return to the customer."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from retention.connectors.sql.claims import Claim
from retention.connectors.sql.keys import Key
from retention.connectors.sql.lineage import ours_among, present
from retention.connectors.sql.relations import Relation, raw


def line_of(connection: sa.Connection, claims: Sequence[Claim], relation: Relation, key: Key) -> dict[str, Any] | None:
    """Column → value of one row, as JSON can hold it; ``None`` when it is gone or not the tenant's."""
    says = present(connection, claims[0], relation, [key])
    if not ours_among(connection, claims, relation, says):
        return None
    alias = relation.table.alias()
    columns = [column for column in relation.table.columns if not column.system]
    query = sa.select(*[raw(alias.c[c.name]).label(c.name) for c in columns]).where(relation.among(alias, [key]))
    row = connection.execute(query.limit(1)).first()
    return None if row is None else {name: plain(value) for name, value in row._mapping.items()}


def plain(value: Any) -> Any:
    """A value as JSON has it: bytes in base64, what else it lacks as text."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
