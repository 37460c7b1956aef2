"""Keyset paging: a cursor in the URL, never OFFSET, never a count of a big table."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and the addresses (``?…``) of its neighbours, empty at the ends."""

    rows: list[Any]
    next_url: str
    previous_url: str

    @property
    def count_text(self) -> str:
        """How many rows this page shows, in words."""
        shown = len(self.rows)
        if not self.next_url and not self.previous_url:
            return ngettext("%(n)s row", "%(n)s rows", shown) % {"n": shown}
        return _("%(n)s rows on this page") % {"n": shown}

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def page_of(rows: QuerySet[Any], query: QueryDict, keys: Sequence[str] = ("id",), size: int = 50) -> Page:
    """The page that ``?after=`` or ``?before=`` asks for, in one query.

    ``keys`` are the ordering's fields (``-`` for descending); the last one is unique, none is null.
    A cursor somebody mangled, or one of another ordering, gives the first page rather than an error.
    """
    back = "before" in query
    cursor = _decode(query.get("before" if back else "after", ""), keys)
    ordering = [_flip(key) for key in keys] if back and cursor else list(keys)
    wanted = rows.order_by(*ordering)
    try:
        found = list((wanted.filter(_beyond(ordering, cursor)) if cursor else wanted)[: size + 1])
    except (ValueError, TypeError, OverflowError, ValidationError):
        cursor, found = None, list(rows.order_by(*keys)[: size + 1])
    more, found = len(found) > size, found[:size]
    if back and cursor:
        found.reverse()
        return Page(
            found, _url(query, "after", found[-1:], keys), _url(query, "before", found[:1] if more else [], keys)
        )
    return Page(
        found,
        _url(query, "after", found[-1:] if more else [], keys),
        _url(query, "before", found[:1] if cursor else [], keys),
    )


def rows_after(rows: QuerySet[Any], cursor: str, keys: Sequence[str], size: int) -> tuple[list[Any], str | None]:
    """The ``size`` rows after a cursor (empty: the first ones) and the next cursor, ``None`` at the end.

    Raises :class:`ValueError` for a cursor that no list in this order gave: a program would start
    again from the first page and never know.
    """
    values = _decode(cursor, keys) if cursor else None
    if cursor and values is None:
        raise ValueError("not a cursor")
    wanted = rows.order_by(*keys)
    try:
        found = list((wanted.filter(_beyond(keys, values)) if values else wanted)[: size + 1])
    except (TypeError, OverflowError, ValidationError, DataError) as error:
        raise ValueError("not a cursor of this list") from error
    more, found = len(found) > size, found[:size]
    return found, _encode([_value(found[-1], key.lstrip("-")) for key in keys]) if more else None


def _flip(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _beyond(keys: Sequence[str], values: list[Any]) -> Q:
    """Rows after the cursor: (a > x) or (a = x and b > y), and so on."""
    beyond, equal = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        name = key.lstrip("-")
        beyond |= equal & Q(**{f"{name}__{'lt' if key.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    return beyond


def _url(query: QueryDict, side: str, row: list[Model], keys: Sequence[str]) -> str:
    if not row:
        return ""
    wanted = query.copy()
    wanted.pop("after", None)
    wanted.pop("before", None)
    wanted[side] = _encode([_value(row[0], key.lstrip("-")) for key in keys])
    return f"?{wanted.urlencode()}"


def _value(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = getattr(row, part)
    if isinstance(row, dt.datetime):
        return {"t": row.isoformat()}
    if isinstance(row, dt.date):
        return {"d": row.isoformat()}
    return row if isinstance(row, int | str) else str(row)


def _encode(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def _decode(cursor: str, keys: Sequence[str]) -> list[Any] | None:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not cursor or not isinstance(values, list) or len(values) != len(keys):
            return None
        return [_read(value) for value in values]
    except (ValueError, TypeError, RecursionError, binascii.Error):
        return None


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return dt.datetime.fromisoformat(value["t"]) if "t" in value else dt.date.fromisoformat(value.get("d", ""))
    return value
