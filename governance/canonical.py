"""Canonical JSON (RFC 8785) and the digest everything consequential is bound to."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


def canonical(snapshot: Any) -> str:
    """The one spelling of ``snapshot`` (dicts, lists, strings, booleans, integers below 2^53, ``None``)."""
    return rfc8785.dumps(snapshot).decode()


def digest(text: str) -> str:
    """SHA-256 of the text's UTF-8 bytes, hex."""
    return hashlib.sha256(text.encode()).hexdigest()
