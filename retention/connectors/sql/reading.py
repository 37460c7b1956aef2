"""A row's content, for its return to the customer."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from retention.connectors.sql.claims import Claim
from retention.connectors.sql.keys import Key
from retention.connectors.sql.lineage import ours_among, present
from retention.connectors.sql.relations import Alias, Relation, raw


def line_of(connection: sa.Connection, claims: Sequence[Claim], relation: Relation, key: Key) -> bytes | None:
    """One row as a line of JSON; ``None`` when it is gone or not the tenant's."""
    says = present(connection, claims[0], relation, [key])
    if not ours_among(connection, claims, relation, says):
        return None
    alias = relation.table.alias()
    query = sa.select(*contents(relation, alias)).where(relation.among(alias, [key]))
    row = connection.execute(query.limit(1)).first()
    return None if row is None else encoded([column.name for column in filled(relation)], tuple(row))


def filled(relation: Relation) -> list[sa.Column[Any]]:
    """The columns that somebody filled: SQLite's row number is none."""
    return [column for column in relation.table.columns if not column.system]


def contents(relation: Relation, alias: Alias) -> list[sa.ColumnElement[Any]]:
    """What is read of a row, each column as the driver gives it."""
    return [raw(alias.c[column.name]).label(f"v{number}") for number, column in enumerate(filled(relation))]


def encoded(names: Sequence[str], values: Sequence[Any]) -> bytes:
    """Column → value as one line of JSON: bytes in base64, what else JSON lacks as text."""
    return _encode(dict(zip(names, values, strict=True))).encode() + b"\n"


def _plain(value: Any) -> str:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    return str(value)


_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, default=_plain).encode
