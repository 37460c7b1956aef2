"""What the verifier computes with: Ed25519, signed notes, the tree. Python's standard library only."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

TILE, HASH = 256, 32
NO_EVENT = b"\xff" * HASH

# --- Ed25519 (RFC 8032), verification only --------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def _add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    h, g, i, j = f - e, d - c, d + c, f + e
    return h * g % P, i * j % P, g * i % P, h * j % P


def _times(scalar: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point, scalar = _add(point, point), scalar >> 1
    return result


def _point(packed: bytes) -> Point | None:
    y = int.from_bytes(packed, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


_y = 4 * pow(5, P - 2, P) % P
BASE = _point(_y.to_bytes(32, "little"))


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature over ``message`` is good."""
    key, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or key is None or r is None or s >= L or BASE is None:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = _times(s, BASE), _add(r, _times(challenge, key))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


# --- Signed notes and checkpoints (C2SP) ----------------------------------------------------------------------


@dataclass(frozen=True)
class Checkpoint:
    """A signed size and root of one tree."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: tuple[tuple[str, bytes], ...]

    @classmethod
    def parse(cls, note: str) -> Checkpoint:
        """Read a note; raises ValueError when it is none."""
        text, _blank, lines = note.partition("\n\n")
        try:
            origin, size, root = text.split("\n")[:3]
            signatures = [line.split(" ") for line in lines.splitlines() if line.startswith("\u2014 ")]
            packed = tuple((name, base64.b64decode(value)) for _dash, name, value in signatures)
            return cls(origin, int(size), base64.b64decode(root, validate=True), f"{text}\n", packed)
        except (ValueError, binascii.Error):
            raise ValueError("this is no checkpoint") from None

    def is_signed_by(self, verifier: str) -> bool:
        """Whether it has a good signature by this key."""
        name, key_id, packed = verifier.split("+", 2)
        public = base64.b64decode(packed)[1:]
        own = [raw[4:] for signer, raw in self.signatures if signer == name and raw[:4].hex() == key_id]
        return any(is_good(public, self.text.encode(), signature) for signature in own)


@lru_cache(maxsize=4096)
def is_good(public: bytes, message: bytes, signature: bytes) -> bool:
    """As :func:`ed25519_holds`, remembered."""
    return ed25519_holds(public, message, signature)


def rotation_statement(origin: str, new_key: str) -> bytes:
    """What an old key signs to endorse a new one."""
    return f"countersign key rotation\n{origin}\n{new_key}\n".encode()


def public_of(verifier: str) -> bytes:
    """The 32 bytes of a key in its published form, ``name+id+key``; raises ValueError when it is none."""
    packed = base64.b64decode([*verifier.split("+", 2), "", ""][2], validate=True)
    if len(packed) != 33:
        raise ValueError(f"{verifier!r} is no key: it has the form name+id+base64")
    return packed[1:]


def endorsed(trusted: Iterable[str], published: Sequence[dict[str, str]]) -> set[str]:
    """The keys given, and those among the published that they endorsed in turn."""
    found = set(trusted)
    for key in [*published] * len(published):
        statement = rotation_statement(key["origin"], key["verifier"])
        own = [public_of(verifier) for verifier in found if verifier.split("+")[0] == key["origin"]]
        if any(is_good(public, statement, bytes.fromhex(key["endorsement"])) for public in own):
            found.add(key["verifier"])
    return found


# --- The tree (RFC 9162) --------------------------------------------------------------------------------------


def leaf_hashes(lines: Iterable[bytes]) -> bytes:
    """The leaf hash of each event, one after the other."""
    return b"".join([sha256(b"\0" + line).digest() if line else NO_EVENT for line in lines])


def node_level(packed: bytes) -> bytes:
    """The next level of a row of hashes (of even number)."""
    return b"".join([sha256(b"\1" + packed[i : i + 64]).digest() for i in range(0, len(packed), 64)])


def tile_roots(packed: bytes) -> bytes:
    """The root of each full tile in a row of leaf hashes: level by level over all of them at once."""
    packed = packed[: len(packed) // (TILE * HASH) * (TILE * HASH)]
    for _height in range(8):
        packed = node_level(packed)
    return packed


class Tree:
    """A tree over leaf hashes in memory: its root at any size."""

    def __init__(self, leaves: bytes, roots: bytes | None = None) -> None:
        self.leaves = leaves
        self.size = len(leaves) // HASH
        self._levels: list[bytes] = [tile_roots(leaves) if roots is None else roots]
        while len(self._levels[-1]) > HASH:
            even = len(self._levels[-1]) // 64 * 64
            self._levels.append(node_level(self._levels[-1][:even]))

    def root(self, size: int) -> bytes:
        """The root over the first ``size`` leaves."""
        if not size:
            return sha256(b"").digest()
        parts, start = [], 0
        while start < size:
            level = (size - start).bit_length() - 1
            parts.append(self._node(level, start >> level))
            start += 1 << level
        root = parts.pop()
        while parts:
            root = sha256(b"\1" + parts.pop() + root).digest()
        return root

    def _node(self, level: int, index: int) -> bytes:
        if level >= 8:
            return self._levels[level - 8][index * HASH : (index + 1) * HASH]
        packed = self.leaves[(index << level) * HASH : (index + 1 << level) * HASH]
        for _height in range(level):
            packed = node_level(packed)
        return packed

    def leaf(self, index: int) -> bytes:
        """One leaf's hash."""
        return self.leaves[index * HASH : (index + 1) * HASH]

    def split(self) -> list[bytes]:
        """All leaves."""
        return [self.leaves[i : i + HASH] for i in range(0, len(self.leaves), HASH)]
