"""The archive a customer gets back: zip parts, each with a list of what is in it, and a manifest over all of them.

A part ``<store>-0001.zip`` holds files under their own names where a file system can have them (else ``odd/<n>``),
rows of a database as lines of ``rows/<table>.jsonl``, and ``files.jsonl``, one line for each file and each row: kind,
name, version, size, SHA-256, and where it is in the part; a row from which byte of its file on (``from``).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from typing import IO, Any, Protocol, runtime_checkable

from retention.connectors.base import Connector, Item

FORMAT = "countersign-data-return/2"
#: A part is closed at the first file, or the first batch of rows, that takes it past one of these.
MOST_FILES, MOST_ROWS, MOST_BYTES = 10_000, 100_000, 512 * 1024 * 1024
#: Kinds of items that have content.
WITH_CONTENT = frozenset({"version", "file", "row"})
IN_MEMORY = 8 * 1024 * 1024


@runtime_checkable
class Tabular(Protocol):
    """A connector that gives small contents many at a time."""

    def rows(self) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
        """A table's name, and some of its rows: each row's own name and its content, a line."""
        ...


def _spool() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(IN_MEMORY)


@dataclass(slots=True)
class Part:
    """One zip of a store, while it is filled: ``body`` holds the archive once it is closed."""

    number: int
    body: IO[bytes] = field(default_factory=_spool)
    #: The lines of ``files.jsonl``.
    index: IO[bytes] = field(default_factory=_spool)
    objects: int = 0
    rows: int = 0
    size: int = 0
    is_last: bool = False
    names: set[str] = field(default_factory=set)
    archive: zipfile.ZipFile = field(init=False)
    #: The table whose rows are being written, and where.
    table: str = ""
    entry: IO[bytes] | None = None
    at: str = ""
    written: int = 0

    def __post_init__(self) -> None:
        self.archive = zipfile.ZipFile(self.body, "w", zipfile.ZIP_DEFLATED, allowZip64=True)

    @property
    def is_full(self) -> bool:
        """Whether what comes next goes into the next part."""
        files = self.objects - self.rows
        return files >= MOST_FILES or self.rows >= MOST_ROWS or self.size >= MOST_BYTES

    def add_item(self, connector: Connector, item: Item, alive: Callable[[], None]) -> None:
        """Put in a file."""
        name, digest, size = place_in(self, item), hashlib.sha256(), 0
        with self.archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as entry:
            for chunk in connector.read(item):
                entry.write(chunk)
                digest.update(chunk)
                size += len(chunk)
                alive()
        told = {"kind": item.kind, "name": item.name, "version": item.version, "size": size}
        self.index.write(json.dumps(told | {"sha256": digest.hexdigest(), "at": name}).encode() + b"\n")
        self.objects += 1
        self.size += size

    def add_rows(self, table: str, rows: Sequence[tuple[str, bytes]]) -> None:
        """Put in some rows of a table, after those of it that are there."""
        entry = self._open(table)
        lines: list[str] = []
        for name, line in rows:
            size = len(line)
            lines.append(
                f'{{"kind": "row", "name": {json.dumps(name)}, "version": "", "size": {size}, "sha256": "'
                f'{hashlib.sha256(line).hexdigest()}", "at": {self.at}, "from": {self.written}}}\n'
            )
            self.written += size
            self.size += size
        entry.write(b"".join([line for _name, line in rows]))
        self.index.write("".join(lines).encode())
        self.objects += len(rows)
        self.rows += len(rows)

    def _open(self, table: str) -> IO[bytes]:
        if self.entry is not None and self.table == table:
            return self.entry
        self._close()
        place = place_in(self, Item("table", f"rows/{table}.jsonl"))
        info = zipfile.ZipInfo(place)
        info.compress_type = zipfile.ZIP_DEFLATED
        self.table, self.at, self.written = table, json.dumps(place), 0
        self.entry = self.archive.open(info, "w", force_zip64=True)
        return self.entry

    def _close(self) -> None:
        if self.entry is not None:
            self.entry.close()
            self.entry = None

    def close(self) -> Part:
        """Write the list, and end the archive."""
        self._close()
        self.index.seek(0)
        with self.archive.open("files.jsonl", "w", force_zip64=True) as entry:
            shutil.copyfileobj(self.index, entry)
        self.index.close()
        self.archive.close()
        self.body.seek(0)
        return self


def parts_of(connector: Connector, start: int = 1, alive: Callable[[], None] = lambda: None) -> Iterator[Part]:
    """Everything in a store that has content, in parts; the last one says so, and is there even when it is empty.

    ``alive`` is called often, so that whoever waits for a part knows that it comes.
    """
    part = Part(start)
    for put in _loads(connector, alive):
        if part.is_full:
            yield part.close()
            part = Part(part.number + 1)
        put(part)
        alive()
    part.is_last = True
    yield part.close()


def _loads(connector: Connector, alive: Callable[[], None]) -> Iterator[Callable[[Part], None]]:
    """What goes into a part at once."""
    if isinstance(connector, Tabular):
        for table, rows in connector.rows():
            yield partial(Part.add_rows, table=table, rows=rows)
        return
    for page in connector.pages():
        for item in page:
            if item.kind in WITH_CONTENT:
                yield partial(Part.add_item, connector=connector, item=item, alive=alive)


def place_in(part: Part, item: Item) -> str:
    """Where an item goes in its part: under its own name if a file system anywhere can have that, else ``odd/<n>``."""
    name = item.name
    if item.kind == "row":
        name = f"rows/{part.objects + 1:06}.json"
    parts = PurePosixPath(name).parts
    odd = any(ord(letter) < 32 or letter in '\\:*?"<>|' or 0xD7FF < ord(letter) < 0xE000 for letter in name)
    if odd or not parts or name.startswith("/") or name.endswith("/") or ".." in parts or len(name) > 200:
        name = f"odd/{part.objects + 1:06}"
    if name in part.names:
        name = f"versions/{part.objects + 1:06}/{PurePosixPath(name).name}"
    part.names.add(name)
    return name


def sha256_of(body: IO[bytes]) -> str:
    """The SHA-256 of an open file, hex; it is back at its beginning afterwards."""
    digest = hashlib.file_digest(body, "sha256")  # type: ignore[arg-type]
    body.seek(0)
    return digest.hexdigest()


def manifest_of(case: str, tenant: str, parts: list[dict[str, Any]], left_out: list[dict[str, str]]) -> bytes:
    """The manifest: each part with its digest, and the stores that give their data back by themselves."""
    told = {"format": FORMAT, "case": case, "tenant": tenant, "parts": parts, "not_included": left_out}
    return json.dumps(told, indent=1, sort_keys=True).encode()
