"""The text of a service account's token: random, made once, kept nowhere."""

from __future__ import annotations

import hashlib
import re
import secrets

PATTERN = re.compile(r"cs_(sandbox|staging|production)_[A-Za-z0-9_-]{43}", re.ASCII)


def is_token(text: str) -> bool:
    """Whether ``text`` has the shape of a token."""
    return PATTERN.fullmatch(text) is not None


def new_token(environment: str) -> str:
    """A fresh token: 256 random bits after a beginning that scanners for lost secrets can look for."""
    return f"cs_{environment}_{secrets.token_urlsafe(32)}"


def digest_of_token(text: str) -> str:
    """What is kept of a token: a plain hash is enough for 256 random bits, and can be looked up."""
    return hashlib.sha256(text.encode()).hexdigest()


def hint_of_token(text: str) -> str:
    """Enough to tell one token from another, far too little to use it."""
    return f"{text[:-39]}…{text[-4:]}"
