"""RFC 9162's Merkle tree, as functions over hashes: append, inclusion and consistency proofs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

#: Gives the hash of the perfect subtree of height ``level`` at ``index`` (level 0: a leaf).
Node = Callable[[int, int], bytes]

EMPTY_ROOT = hashlib.sha256(b"").digest()


def pair(left: bytes, right: bytes) -> bytes:
    """The hash above two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(frontier: Sequence[bytes]) -> bytes:
    """The root over a frontier: the perfect subtrees from the left, largest first."""
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-1]
    for left in reversed(frontier[:-1]):
        root = pair(left, root)
    return root


def extend(frontier: list[bytes], size: int, leaves: Iterable[bytes]) -> int:
    """Append ``leaves`` to the frontier of a tree of ``size`` leaves, in place; the new size."""
    for leaf in leaves:
        node, carry = leaf, size
        while carry & 1:
            node = pair(frontier.pop(), node)
            carry >>= 1
        frontier.append(node)
        size += 1
    return size


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over 2^n hashes."""
    level = list(hashes)
    while len(level) > 1:
        level = [pair(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


def subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """The perfect subtrees (level, index) that cover leaves ``start`` to ``end``, from the left.

    ``start`` must be a multiple of the largest power of two below ``end - start``.
    """
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def range_root(node: Node, start: int, end: int) -> bytes:
    """MTH(D[start:end]) from stored nodes."""
    return fold([node(level, index) for level, index in subtrees(start, end)])


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """PATH(index, D[0:size]): what, with the leaf, gives the root."""
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(range_root(node, middle, end))
            end = middle
        else:
            proof.append(range_root(node, start, middle))
            start = middle
    proof.reverse()
    return proof


def consistency_proof(node: Node, old: int, size: int) -> list[bytes]:
    """PROOF(old, D[0:size]): shows that the tree of ``size`` begins with the one of ``old`` leaves."""
    if old in (0, size):
        return []
    proof: list[bytes] = []
    start, end, whole = 0, size, True
    while old - start != end - start:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(range_root(node, middle, end))
            end = middle
        else:
            proof.append(range_root(node, start, middle))
            start, whole = middle, False
    if not whole:
        proof.append(range_root(node, start, end))
    proof.reverse()
    return proof


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to; ``None`` when its length is wrong (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return None
    node, fn, sn = leaf, index, size - 1
    for step in proof:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            node = pair(step, node)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = pair(node, step)
        fn, sn = fn >> 1, sn >> 1
    return node if sn == 0 else None


def is_consistent(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows that the tree of ``size`` extends the one of ``old`` (RFC 9162, 2.1.4.2)."""
    if old == size:
        return not proof and old_root == root
    if old == 0:
        return not proof
    if not 0 < old < size or not proof:
        return False
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = pair(step, fr), pair(step, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = pair(sr, step)
        fn, sn = fn >> 1, sn >> 1
    return fr == old_root and sr == root and sn == 0
