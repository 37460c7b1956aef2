"""Secrets that lie outside the database: the MAC key, and the signer's key and memory."""

from __future__ import annotations

import os
import secrets
import stat
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from auditlog.errors import LogKeyError

MAC_KEY_FILE = "audit-mac.key"


def keys_dir() -> Path:
    """Where the log's keys lie (``AUDIT_KEYS_DIR``, else ``VAR_DIR/keys``), made private to this user."""
    folder = Path(settings.AUDITLOG_KEYS_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def read_secret(path: Path) -> bytes:
    """A key file's bytes; refuses a file that others on the machine may read."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise LogKeyError(f"{path} may be read by other users; run: chmod 600 {path}")
    return path.read_bytes()


def write_secret(path: Path, content: bytes) -> bytes:
    """Write a new key file, readable by this user alone; whoever wrote it first wins."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    try:
        draft.write_bytes(content)
        try:
            os.link(draft, path)
        except FileExistsError:
            return read_secret(path)
    finally:
        draft.unlink()
    return content


def mac_keys() -> tuple[bytes, ...]:
    """The keys events are MACed with: one hex key a line; the first makes, all of them check."""
    if settings.AUDITLOG_MAC_KEYS:
        return _parse(settings.AUDITLOG_MAC_KEYS.encode())
    return _mac_keys_of_file(keys_dir() / MAC_KEY_FILE)


@lru_cache(maxsize=8)
def _mac_keys_of_file(path: Path) -> tuple[bytes, ...]:
    if path.exists():
        return _parse(read_secret(path))
    from_new_file = write_secret(path, secrets.token_hex(32).encode() + b"\n")
    return _parse(from_new_file)


def _parse(text: bytes) -> tuple[bytes, ...]:
    keys = tuple(bytes.fromhex(line.decode()) for line in text.replace(b",", b"\n").split())
    if not keys or any(len(key) < 32 for key in keys):
        raise LogKeyError("The audit log's MAC keys must be hex, 32 bytes or more each.")
    return keys
