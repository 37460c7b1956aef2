"""The bytes of an event: canonical JSON, its leaf hash, and what may stand in it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import time
import uuid
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

from auditlog.errors import EventContentError

VERSION = 1
SAFE_INTEGER = 2**53
#: Ids, enumerated values, codes, versions, digests. Anything with a space or mixed case is text.
TOKEN = re.compile(r"[a-z0-9_+-][a-z0-9_.:/+=-]{0,199}|[A-Z0-9_-]{1,64}|", re.ASCII)
KEY = re.compile(r"[A-Za-z0-9_.:/-]{1,128}", re.ASCII)

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def canonical(value: Any) -> str:
    """JSON that equals RFC 8785 for ASCII keys, no floats, and integers below 2^53 in size."""
    return _encode(value)


def leaf_hash(body: bytes) -> bytes:
    """RFC 9162's hash of a leaf."""
    return hashlib.sha256(b"\x00" + body).digest()


def micros(moment: dt.datetime) -> str:
    """A moment as ``2026-11-22T16:05:44.000000Z``."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def uuid7() -> uuid.UUID:
    """A time-ordered id (RFC 9562, version 7), with microseconds in its first random bits."""
    micro = time.time_ns() // 1000
    milli, rest = divmod(micro, 1000)
    random = int.from_bytes(os.urandom(8), "big") & (2**62 - 1)
    return uuid.UUID(int=(milli & (2**48 - 1)) << 80 | 0x7 << 76 | (rest << 2 | 0) << 64 | 0b10 << 62 | random)


def digest_of(text: str) -> str:
    """What stands in an event in place of text: ``sha256:`` and 64 hex digits."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def plain(value: Any) -> Any:
    """``value`` as it may stand in an event: ids, enums, numbers, times; text becomes its digest (I99)."""
    if value is None or isinstance(value, bool):
        return value
    if type(value) is not str and isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, str):
        text = str(value)
        return text if TOKEN.fullmatch(text) else digest_of(text)
    if isinstance(value, (uuid.UUID, Decimal)):
        return str(value)
    if isinstance(value, dt.datetime):
        return micros(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [plain(item) for item in value]
        return sorted(items, key=str) if isinstance(value, (set, frozenset)) else items
    raise EventContentError(f"An event's details may not hold a {type(value).__name__}: {value!r}")


def _integer(value: int) -> int:
    if abs(value) >= SAFE_INTEGER:
        raise EventContentError(f"{value} is too large for an event; give it as a string.")
    return int(value)


def _key(key: object) -> str:
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise EventContentError(f"{key!r} is not the name of a field.")
    return str(key)
