"""Whose a row is, as far as one column can tell: ours, somebody else's, or not said."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import CHAR
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import NullType

from retention.connectors.base import TroubleError
from retention.connectors.sql.relations import Alias, Relation, bound, raw

OURS, UNSAID, ELSEWHERE = 1, 0, -1
SELECTOR = re.compile(r"(?:(?P<schema>\w+)\.)?(?P<table>\w+)\.(?P<column>\w+)=(?P<value>.*\S)", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Selector:
    """``table.column=value``, taken apart. The value is everything after the first ``=``."""

    schema: str | None
    table: str
    column: str
    value: str


def parse_selector(text: str) -> Selector:
    """Take a selector apart; raises :class:`TroubleError` (``wrong_kind``) when it is none."""
    found = SELECTOR.fullmatch(text)
    if found is None:
        raise TroubleError("wrong_kind", "the selector is not table.column=value")
    return Selector(found["schema"], found["table"], found["column"], found["value"])


@dataclass(frozen=True, slots=True)
class Claim:
    """A selector's word on rows: ``value`` in ``column`` of ``root`` makes a row ours.

    ``is_owner``: the column tells in every table that has one of its name, and another value makes a row somebody
    else's. Without it (one person's part of a tenant's store) other values say nothing.
    """

    root: Relation
    column: str
    value: str
    is_owner: bool = True

    def tells(self, relation: Relation) -> bool:
        """Whether rows of this table say it themselves."""
        return relation is self.root or (self.is_owner and relation.has(self.column))

    def of(self, relation: Relation, alias: Alias) -> ColumnElement[int]:
        """What a row says: OURS, ELSEWHERE or UNSAID."""
        if not self.tells(relation):
            return sa.literal_column("0")
        ours: Any = (self.is_ours(relation, alias), sa.literal_column(str(OURS)))
        if not self.is_owner:
            return sa.case(ours, else_=sa.literal_column(str(UNSAID)))
        unsaid: Any = (alias.c[self.column].is_(None), sa.literal_column(str(UNSAID)))
        return sa.case(ours, unsaid, else_=sa.literal_column(str(ELSEWHERE)))

    def is_ours(self, relation: Relation, alias: Alias) -> ColumnElement[bool]:
        """The condition that the column holds the value to the letter: a collation may take others for the same."""
        return sa.and_(self.is_alike(relation, alias), _exactly(relation, alias.c[self.column], self.value))

    def is_alike(self, relation: Relation, alias: Alias) -> ColumnElement[bool]:
        """The condition that the database takes the column for equal to the value; an index finds it."""
        return raw(alias.c[self.column]) == bound(_typed(relation, self.column, self.value))

    def is_not_elsewhere(self, relation: Relation, alias: Alias) -> ColumnElement[bool] | None:
        """The condition that a row does not say it is somebody else's; ``None`` where it cannot say so."""
        if not self.is_owner or not self.tells(relation):
            return None
        return sa.or_(alias.c[self.column].is_(None), self.is_ours(relation, alias))


def _exactly(relation: Relation, column: ColumnElement[Any], value: str) -> ColumnElement[bool]:
    is_text = isinstance(column.type, sa.String) and not isinstance(column.type, sa.Enum)
    if relation.dialect == "sqlite":
        return sa.collate(raw(column), "BINARY") == bound(value)
    if relation.dialect == "postgresql" and is_text:
        return sa.cast(column, sa.Text).collate("C") == bound(value)
    if relation.dialect == "mysql" and is_text:
        letters = sa.cast(column, CHAR(charset="utf8mb4"))
        return raw(sa.cast(letters, sa.BINARY)) == sa.cast(bound(value), sa.BINARY)
    return sa.true()


def _typed(relation: Relation, column: str, value: str) -> Any:
    """The value as MySQL needs it, which would take ``acme`` for the number 0; others read the text themselves."""
    found = relation.table.c[column]
    kind = found.info.get("declared", found.type)
    if relation.dialect == "postgresql" or isinstance(kind, sa.String):
        return value
    try:
        typed = _read(kind, value)
    except (ValueError, InvalidOperation, OverflowError):
        raise TroubleError("wrong_kind", "the value is not of the column's type") from None
    return typed if relation.dialect == "mysql" else value


def _read(kind: sa.types.TypeEngine[Any], value: str) -> Any:
    if isinstance(kind, sa.Integer):
        return int(value)
    if isinstance(kind, sa.Numeric):
        return Decimal(value)
    if isinstance(kind, sa.DateTime):
        return dt.datetime.fromisoformat(value)
    if isinstance(kind, sa.Date):
        return dt.date.fromisoformat(value)
    if isinstance(kind, sa.LargeBinary):
        return bytes.fromhex(value.replace("-", ""))
    if isinstance(kind, (NullType, sa.Uuid)):
        return value
    raise ValueError("cannot be compared safely")
