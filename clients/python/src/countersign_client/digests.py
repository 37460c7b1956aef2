"""Digests as Countersign computes them."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


def digest_of(content: Any) -> str:
    """SHA-256 (hex) over the RFC 8785 form of a source record's content; write integers beyond 2^53 as text."""
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()
