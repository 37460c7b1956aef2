"""The signer: signs only what extends what it signed before, which it remembers outside the database."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from auditlog.errors import LogKeyError, LogTamperedError
from auditlog.keys import keys_dir, read_secret, write_secret
from auditlog.merkle import EMPTY_ROOT, consistency_proof, is_consistent
from auditlog.models import Checkpoint, Origin, SigningKey
from auditlog.notes import checkpoint_text, sign_note, verifier_key
from auditlog.tree import StoredNodes, head


@dataclass(frozen=True, slots=True)
class Memory:
    """The size and root signed last."""

    size: int = 0
    root: bytes = EMPTY_ROOT


class Signer:
    """Signs checkpoints of one tree. Use inside :func:`signer_of`, which holds the lock."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        slug = origin.name.replace("/", "_")
        self.key_file = keys_dir() / f"audit-signing-{slug}.key"
        self.memory_file = keys_dir() / f"audit-signed-{slug}.json"

    @property
    def is_here(self) -> bool:
        """Whether this machine is the one that signs this tree."""
        return self.key_file.exists() or self.memory_file.exists()

    def key(self) -> Ed25519PrivateKey:
        """The private key; made at the tree's first signature, never silently made again."""
        if self.key_file.exists():
            return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(read_secret(self.key_file).decode()))
        if SigningKey.objects.filter(origin=self.origin).exists():
            raise LogKeyError(
                f"{self.key_file} is missing, but the log was signed with it. Put it back, or begin a new log "
                "that commits to the old one: manage.py auditlog_key --new-origin"
            )
        made = Ed25519PrivateKey.generate()
        write_secret(self.key_file, made.private_bytes_raw().hex().encode())
        return self.key()

    def replace_key(self, new: Ed25519PrivateKey) -> None:
        """Sign with ``new`` from now on; the old file is kept beside it."""
        self.key_file.rename(self.key_file.with_suffix(f".{timezone.now():%Y%m%d%H%M%S%f}.old"))
        write_secret(self.key_file, new.private_bytes_raw().hex().encode())

    def verifier(self) -> str:
        """The current key's public form; published at first use."""
        verifier = verifier_key(self.origin.name, self.key().public_key().public_bytes_raw())
        if not SigningKey.objects.filter(verifier=verifier).exists():
            SigningKey.objects.create(origin=self.origin, verifier=verifier, published_at=timezone.now())
        return verifier

    def memory(self) -> Memory:
        """What was signed last."""
        if not self.memory_file.exists():
            if Checkpoint.objects.filter(origin=self.origin).exists():
                raise LogTamperedError(
                    f"{self.memory_file} is missing: the signer cannot know what it signed before. Put it back, or "
                    "begin a new log that commits to the old one: manage.py auditlog_key --new-origin"
                )
            return Memory()
        kept = json.loads(self.memory_file.read_text())
        return Memory(kept["size"], bytes.fromhex(kept["root"]))

    def remember(self, size: int, root: bytes) -> None:
        """Keep what is about to be signed, safe against a crash in between."""
        draft = self.memory_file.with_suffix(".draft")
        with draft.open("w") as file:
            json.dump({"origin": self.origin.name, "size": size, "root": root.hex()}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.memory_file)

    def sign(self) -> Checkpoint | None:
        """Sign the tree as it is, if it grew; ``None`` when there is nothing new.

        Raises :class:`LogTamperedError` when the tree does not extend what was signed before.
        """
        size, root, _frontier = head(self.origin)
        known = self.memory()
        last = Checkpoint.objects.filter(origin=self.origin).order_by("-size").first()
        if size == known.size == (last.size if last else 0) and root == known.root:
            return None
        self.require_extension(size, root)
        return self._sign(size, root)

    def require_extension(self, size: int, root: bytes) -> None:
        """Raise :class:`LogTamperedError` unless the tree extends what was signed last."""
        known = self.memory()
        proof = consistency_proof(StoredNodes(self.origin, size), known.size, size) if known.size < size else []
        if not is_consistent(known.size, known.root, size, root, proof):
            raise LogTamperedError(
                f"The log has {size} events and does not extend the {known.size} that were signed: it was changed or "
                "restored to an earlier state. Nothing is signed. Look into it: manage.py auditlog_verify"
            )

    def _sign(self, size: int, root: bytes) -> Checkpoint:
        self.verifier()
        note = sign_note(checkpoint_text(self.origin.name, size, root), self.origin.name, self.key())
        self.remember(size, root)
        return Checkpoint.objects.create(origin=self.origin, size=size, root=root, note=note, signed_at=timezone.now())


@contextmanager
def signer_of(origin: Origin) -> Iterator[Signer]:
    """The signer of a tree, one at a time on this machine."""
    lock: Path = keys_dir() / "audit-signer.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield Signer(origin)
