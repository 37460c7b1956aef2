"""Signed notes and checkpoints as C2SP specifies them (signed-note, tlog-checkpoint), with Ed25519."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes that name a key in a note."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """The key's public form, ``name+id+key``: what an auditor keeps."""
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """What a checkpoint signs."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """``text`` with its signature line."""
    public = key.public_key().public_bytes_raw()
    signature = base64.b64encode(key_id(name, public) + key.sign(text.encode())).decode()
    return f"{text}\n\u2014 {name} {signature}\n"


@dataclass(frozen=True, slots=True)
class ParsedCheckpoint:
    """A checkpoint's content; whether it is true is another question."""

    origin: str
    size: int
    root: bytes
    text: str


def parse_checkpoint(note: str) -> ParsedCheckpoint:
    """Read a checkpoint's text."""
    text = note.split("\n\n", 1)[0] + "\n"
    origin, size, root = text.split("\n")[:3]
    return ParsedCheckpoint(origin, int(size), base64.b64decode(root), text)


def is_signed_by(note: str, verifier: str) -> bool:
    """Whether the note has a good signature by this verifier key."""
    text, _blank, lines = note.partition("\n\n")
    name, wanted, packed = verifier.split("+", 2)
    public = base64.b64decode(packed)[1:]
    for line in lines.splitlines():
        mark, signer, packed_signature = line.split(" ")
        raw = base64.b64decode(packed_signature)
        if mark == "\u2014" and signer == name and raw[:4].hex() == wanted:
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], f"{text}\n".encode())
            except InvalidSignature:
                return False
            return True
    return False
