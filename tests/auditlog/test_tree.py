"""The tree is RFC 9162's, whichever way it is computed."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from auditlog import merkle, verifier_core
from auditlog.notes import checkpoint_text, is_signed_by, sign_note, verifier_key


def defined(leaves: list[bytes]) -> bytes:
    """MTH, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + defined(leaves[:k]) + defined(leaves[k:])).digest()


def leaves_of(size: int) -> list[bytes]:
    return [hashlib.sha256(b"\0%d" % n).digest() for n in range(size)]


def nodes(leaves):
    return lambda level, index: defined(leaves[index << level : (index + 1) << level])


@given(st.integers(0, 700), st.integers(0, 700))
@settings(max_examples=60, deadline=None)
def test_appending_gives_the_defined_root(first, more):
    leaves = leaves_of(first + more)
    frontier: list[bytes] = []
    size = merkle.extend(frontier, 0, leaves[:first])
    size = merkle.extend(frontier, size, leaves[first:])
    root = merkle.fold(frontier)
    assert (size, root) == (first + more, defined(leaves))
    assert verifier_core.Tree(b"".join(leaves)).root(size) == root


@given(st.data(), st.integers(1, 300))
@settings(max_examples=60, deadline=None)
def test_inclusion_proofs_hold_and_no_other(data, size):
    index = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    proof = merkle.inclusion_proof(nodes(leaves), index, size)
    root = defined(leaves)
    assert merkle.root_from_inclusion(leaves[index], index, size, proof) == root
    assert merkle.root_from_inclusion(bytes(32), index, size, proof) != root
    assert merkle.root_from_inclusion(leaves[index], index, size, [*proof, bytes(32)]) != root
    assert merkle.root_from_inclusion(leaves[index], size, size, proof) is None


@given(st.data(), st.integers(1, 300))
@settings(max_examples=80, deadline=None)
def test_consistency_proofs_hold_and_no_other(data, size):
    old = data.draw(st.integers(0, size))
    leaves = leaves_of(size)
    proof = merkle.consistency_proof(nodes(leaves), old, size)
    old_root, root = defined(leaves[:old]), defined(leaves)
    assert merkle.is_consistent(old, old_root, size, root, proof)
    if 0 < old < size:
        assert not merkle.is_consistent(old, bytes(32), size, root, proof)
        assert not merkle.is_consistent(old, old_root, size, bytes(32), proof)
        assert not merkle.is_consistent(old, old_root, size, root, proof[:-1])


@given(st.binary(max_size=200))
@settings(max_examples=15, deadline=None)
def test_the_verifiers_own_ed25519_agrees_with_the_library(message):
    key = Ed25519PrivateKey.generate()
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verifier_core.ed25519_holds(public, message, signature)
    assert not verifier_core.ed25519_holds(public, message + b"x", signature)
    assert not verifier_core.ed25519_holds(public, message, signature[:32] + bytes(32))
    assert not verifier_core.ed25519_holds(public, message, signature[:-1])
    assert not verifier_core.ed25519_holds(b"\xff" * 32, message, signature)


def test_notes_are_read_alike_here_and_offline():
    key = Ed25519PrivateKey.generate()
    note = sign_note(checkpoint_text("here/log", 7, bytes(32)), "here/log", key)
    verifier = verifier_key("here/log", key.public_key().public_bytes_raw())
    other = verifier_key("here/log", Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    read = verifier_core.Checkpoint.parse(note)
    assert (read.origin, read.size, read.root) == ("here/log", 7, bytes(32))
    assert is_signed_by(note, verifier)
    assert read.is_signed_by(verifier)
    assert not is_signed_by(note, other)
    assert not read.is_signed_by(other)
    assert not is_signed_by(note.replace("\n7\n", "\n8\n"), verifier)
