"""How a row is named: its table and key as JSON, and back again without any loss."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

#: A row's key as the driver gave it.
Key = tuple[Any, ...]

#: What JSON has no form for: tag → (type, to text, from text). PostgreSQL's keys are text already.
TAGGED: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "bytes": (bytes, bytes.hex, bytes.fromhex),
    "decimal": (Decimal, str, Decimal),
    "datetime": (dt.datetime, dt.datetime.isoformat, dt.datetime.fromisoformat),
    "date": (dt.date, dt.date.isoformat, dt.date.fromisoformat),
    "seconds": (dt.timedelta, lambda span: str(span // dt.timedelta(microseconds=1)),
                lambda text: dt.timedelta(microseconds=int(text))),
}  # fmt: skip


_compact = json.JSONEncoder(separators=(",", ":")).encode


def name_of(table: str, key: Key, number: int = 0) -> str:
    """The name of a row: ``["orders", 17]``. ``number`` tells identical rows of a table without a key apart, from 1."""
    parts = [table, *map(_written, key)] + ([{"row": number}] if number else [])
    return _compact(parts)


def parse_name(name: str) -> tuple[str, Key]:
    """Table and key of a name; the number of an identical row is left out: they share a key.

    Raises :class:`ValueError` for what is no name.
    """
    parts = json.loads(name)
    if not isinstance(parts, list) or len(parts) < 2 or not isinstance(parts[0], str):
        raise ValueError("no name of a row")
    return parts[0], tuple(_read(part) for part in parts[1:] if not _is_number(part))


def _is_number(part: Any) -> bool:
    return isinstance(part, dict) and "row" in part


def _written(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    for tag, (kind, write, _read_it) in TAGGED.items():
        if isinstance(value, kind):
            return {tag: write(value)}
    raise TypeError(type(value).__name__)


def _read(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    ((tag, text),) = part.items()
    return TAGGED[tag][2](text)
