"""Secrets at rest: encrypted (authenticator seeds, webhook secrets) or keyed-hashed (recovery codes)."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def keys() -> list[bytes]:
    """The Fernet keys, newest first; without ``ENCRYPTION_KEYS`` (demo, debug, tests) one derived from SECRET_KEY."""
    given = [key.encode() for key in getattr(settings, "ENCRYPTION_KEYS", [])]
    if given:
        return given
    derived = hashlib.sha256(b"countersign sealing " + settings.SECRET_KEY.encode()).digest()
    return [base64.urlsafe_b64encode(derived)]


def seal(secret: str) -> str:
    """Encrypt ``secret`` under the newest key (authenticated; safe to store)."""
    return MultiFernet([Fernet(key) for key in keys()]).encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """What :func:`seal` was given; any key still listed opens it. Raises ``InvalidToken`` for anything else."""
    return MultiFernet([Fernet(key) for key in keys()]).decrypt(sealed.encode()).decode()


def reseal(sealed: str) -> str:
    """The same secret under the newest key, for when keys are rotated."""
    return MultiFernet([Fernet(key) for key in keys()]).rotate(sealed.encode()).decode()


def is_newest(sealed: str) -> bool:
    """Whether the newest key opens it."""
    try:
        Fernet(keys()[0]).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def keyed_digest(secret: str, *, purpose: str) -> str:
    """HMAC-SHA256 of ``secret`` under the newest key, hex: useless without the key."""
    return _keyed(keys()[0], secret, purpose)


def keyed_digests(secret: str, *, purpose: str) -> list[str]:
    """As :func:`keyed_digest`, under every key still listed, for looking a secret up after a rotation."""
    return [_keyed(key, secret, purpose) for key in keys()]


def _keyed(key: bytes, secret: str, purpose: str) -> str:
    return hmac.new(key, f"{purpose}\0{secret}".encode(), hashlib.sha256).hexdigest()


__all__ = ["InvalidToken", "is_newest", "keyed_digest", "keyed_digests", "keys", "reseal", "seal", "unseal"]
