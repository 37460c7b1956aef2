"""The Merkle tree over events (RFC 9162): leaves, tiles, batches, and signed checkpoints. All append-only."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Origin(models.Model):
    """One tree and its name. A new one starts only after a lost key or a restore to an earlier state.

    ``previous`` is the last checkpoint of the tree before; the new tree's first leaf commits to it.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200, unique=True)
    previous = models.TextField(blank=True)
    started_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Leaf(models.Model):
    """The place of one event in the tree. Every committed event gets exactly one (I98)."""

    id = models.BigAutoField(primary_key=True)
    origin = models.ForeignKey(Origin, on_delete=models.PROTECT, related_name="leaves")
    index = models.BigIntegerField()
    event_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["origin", "index"], name="leaf_index_once")
        ]

    def __str__(self) -> str:
        return f"{self.index}"


class Tile(models.Model):
    """256 sibling hashes of one level, eight tree levels high, and the hash above them (C2SP tlog-tiles)."""

    id = models.BigAutoField(primary_key=True)
    origin = models.ForeignKey(Origin, on_delete=models.PROTECT, related_name="tiles")
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField(max_length=8192)
    root = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["origin", "level", "index"], name="tile_once")
        ]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Batch(models.Model):
    """What one append left behind: the tree's size, its root, and the frontier to go on from."""

    id = models.BigAutoField(primary_key=True)
    origin = models.ForeignKey(Origin, on_delete=models.PROTECT, related_name="batches")
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    frontier = models.BinaryField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["origin", "size"], name="batch_size_once")
        ]

    def __str__(self) -> str:
        return f"{self.size}"


class Checkpoint(models.Model):
    """A signed note (C2SP) over the tree's size and root: what an auditor takes away."""

    id = models.BigAutoField(primary_key=True)
    origin = models.ForeignKey(Origin, on_delete=models.PROTECT, related_name="checkpoints")
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    signed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["origin", "size"], name="checkpoint_size_once")
        ]

    def __str__(self) -> str:
        return f"{self.origin_id}@{self.size}"

    @property
    def root_hex(self) -> str:
        """The root as people compare it."""
        return bytes(self.root).hex()


class SigningKey(models.Model):
    """A public key that signed or signs checkpoints. Stays published for good.

    ``verifier`` is the C2SP form ``name+id+key``; ``endorsement`` is the signature by the key
    before it over ``rotation_statement`` (hex; empty for a first key).
    """

    id = models.BigAutoField(primary_key=True)
    origin = models.ForeignKey(Origin, on_delete=models.PROTECT, related_name="keys")
    verifier = models.CharField(max_length=400, unique=True)
    endorsement = models.CharField(max_length=128, blank=True)
    published_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.verifier
