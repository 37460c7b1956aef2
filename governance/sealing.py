"""Secrets at rest, under the name the rooms from here upwards use; written down in :mod:`auditlog.sealing`."""

from auditlog.sealing import InvalidToken, is_newest, keyed_digest, keyed_digests, keys, reseal, seal, unseal

__all__ = ["InvalidToken", "is_newest", "keyed_digest", "keyed_digests", "keys", "reseal", "seal", "unseal"]
