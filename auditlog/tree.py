"""The tree in the database: appending leaves, reading nodes back, proofs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from auditlog import merkle
from auditlog.models import Leaf, Origin, Tile

TILE = 256
HASH = 32
ORIGIN_LOCK = 0x4F524947  # "ORIG"
LEAF = 'INSERT INTO auditlog_leaf (origin_id, "index", event_id, hash) VALUES (%s, %s, %s, %s)'
HEAD = "SELECT size, root, frontier FROM auditlog_batch WHERE origin_id = %s ORDER BY size DESC LIMIT 1"
BATCH = "INSERT INTO auditlog_batch (origin_id, size, root, frontier) VALUES (%s, %s, %s, %s)"


def current_origin() -> Origin:
    """The tree that grows now; the first use names one after the console's address."""
    return Origin.objects.order_by("-id").first() or _first_origin()


def _first_origin() -> Origin:
    """Start the first tree, once, whoever else would like to at the same time."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ORIGIN_LOCK])
        return Origin.objects.order_by("-id").first() or start_origin(previous="")


def start_origin(*, previous: str) -> Origin:
    """Begin a new, empty tree; ``previous`` is the note of the last checkpoint of the one before."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    name = f"{host}/log/{uuid.uuid4().hex[:8]}"
    return Origin.objects.create(name=name, previous=previous, started_at=timezone.now())


def head(origin: Origin) -> tuple[int, bytes, list[bytes]]:
    """The size, root and frontier of a tree."""
    return _head(origin.pk)


def _head(origin_id: int) -> tuple[int, bytes, list[bytes]]:
    with connection.cursor() as cursor:  # raw: this runs within every change on SQLite
        cursor.execute(HEAD, [origin_id])
        last = cursor.fetchone()
    if last is None:
        return 0, merkle.EMPTY_ROOT, []
    packed = bytes(last[2])
    return last[0], bytes(last[1]), [packed[i : i + HASH] for i in range(0, len(packed), HASH)]


def current_origin_id() -> int:
    """The id of the tree that grows now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM auditlog_origin ORDER BY id DESC LIMIT 1")
        found = cursor.fetchone()
    return int(found[0]) if found else current_origin().pk


def append_leaves(origin_id: int, events: Sequence[tuple[int, bytes]]) -> int:
    """Append (event id, leaf hash) pairs in this order; the caller holds the one writer's lock. The new size."""
    start, _root, frontier = _head(origin_id)
    hashes = [leaf for _id, leaf in events]
    size = merkle.extend(frontier, start, hashes)
    leaves = [(origin_id, start + i, event_id, leaf) for i, (event_id, leaf) in enumerate(events)]
    with connection.cursor() as cursor:
        cursor.executemany(LEAF, leaves)
        cursor.execute(BATCH, [origin_id, size, merkle.fold(frontier), b"".join(frontier)])
    _complete_tiles(origin_id, start, size)
    return size


def _complete_tiles(origin_id: int, start: int, size: int) -> None:
    """Write each tile that became full between ``start`` and ``size``, level by level."""
    level, first, last = 0, start // TILE, size // TILE
    while first < last:
        for index in range(first, last):
            hashes = _entries(origin_id, level, index * TILE, (index + 1) * TILE)
            Tile.objects.create(
                origin_id=origin_id, level=level, index=index, hashes=b"".join(hashes), root=merkle.perfect_root(hashes)
            )
        level, first, last = level + 1, first // TILE, last // TILE


def _entries(origin_id: int, level: int, start: int, end: int) -> list[bytes]:
    """Hashes ``start`` to ``end`` of a tile level: leaves, or the roots of the tiles below."""
    if level == 0:
        rows = Leaf.objects.filter(origin_id=origin_id, index__gte=start, index__lt=end)
        return [bytes(value) for value in rows.order_by("index").values_list("hash", flat=True)]
    tiles = Tile.objects.filter(origin_id=origin_id, level=level - 1, index__gte=start, index__lt=end)
    return [bytes(value) for value in tiles.order_by("index").values_list("root", flat=True)]


def tile_hashes(origin: Origin, level: int, index: int, width: int = TILE) -> bytes | None:
    """The first ``width`` hashes of a tile, as C2SP serves them; ``None`` when the tree is not that large."""
    if width == TILE:
        stored = Tile.objects.filter(origin=origin, level=level, index=index).values_list("hashes", flat=True).first()
        return None if stored is None else bytes(stored)
    hashes = _entries(origin.pk, level, index * TILE, index * TILE + width)
    return b"".join(hashes) if len(hashes) == width else None


class StoredNodes:
    """Looks up any perfect subtree's hash by reading at most one tile; remembers the tiles it read."""

    def __init__(self, origin: Origin, size: int) -> None:
        self.origin = origin
        self.size = size
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """The hash of the subtree of height ``level`` at ``index``."""
        tile_level, height = divmod(level, 8)
        first = index << height
        hashes = self._tile(tile_level, first // TILE)
        offset = first % TILE
        return merkle.perfect_root(hashes[offset : offset + (1 << height)])

    def _tile(self, level: int, index: int) -> list[bytes]:
        key = (level, index)
        if key not in self._tiles:
            width = min((self.size >> 8 * level) - index * TILE, TILE)
            packed = tile_hashes(self.origin, level, index, width) or b""
            self._tiles[key] = [packed[i : i + HASH] for i in range(0, len(packed), HASH)]
        return self._tiles[key]
