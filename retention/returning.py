"""The archive a customer gets back: zip parts, each with a list of what is in it, and a manifest over all of them.

A part ``<store>-0001.zip`` holds files under their own names where a file system can have them (else ``odd/<n>``) and
``files.jsonl``, one line for each: kind, name, version, size, SHA-256, and where it is in the part.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, Any

from retention.connectors.base import Connector, Item

FORMAT = "countersign-data-return/1"
#: A part is closed at the first file that takes it past one of these.
MOST_FILES, MOST_BYTES = 10_000, 512 * 1024 * 1024
#: Kinds of items that have content.
WITH_CONTENT = frozenset({"version", "file", "row"})
IN_MEMORY = 8 * 1024 * 1024


@dataclass(slots=True)
class Part:
    """One zip of a store, while it is filled: ``body`` holds the archive once it is closed."""

    number: int
    body: IO[bytes] = field(default_factory=lambda: tempfile.SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115
    objects: int = 0
    size: int = 0
    is_last: bool = False
    lines: list[dict[str, Any]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    @property
    def is_full(self) -> bool:
        """Whether the next file goes into the next part."""
        return self.objects >= MOST_FILES or self.size >= MOST_BYTES


def parts_of(connector: Connector, start: int = 1) -> Iterator[Part]:
    """Everything in a store that has content, in parts; the last one says so, and is there even when it is empty."""
    part = Part(start)
    archive = zipfile.ZipFile(part.body, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
    for page in connector.pages():
        for item in page:
            if item.kind not in WITH_CONTENT:
                continue
            if part.is_full:
                yield _closed(archive, part)
                part = Part(part.number + 1)
                archive = zipfile.ZipFile(part.body, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
            _add(archive, part, connector, item)
    part.is_last = True
    yield _closed(archive, part)


def _add(archive: zipfile.ZipFile, part: Part, connector: Connector, item: Item) -> None:
    name, digest, size = place_in(part, item), hashlib.sha256(), 0
    with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as entry:
        for chunk in connector.read(item):
            entry.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    part.objects += 1
    part.size += size
    part.lines.append({
        "kind": item.kind, "name": item.name, "version": item.version, "size": size, "sha256": digest.hexdigest(),
        "at": name,
    })  # fmt: skip


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


def _closed(archive: zipfile.ZipFile, part: Part) -> Part:
    archive.writestr("files.jsonl", "".join(json.dumps(line) + "\n" for line in part.lines))
    archive.close()
    part.body.seek(0)
    return part


def sha256_of(body: IO[bytes]) -> str:
    """The SHA-256 of an open file, hex; it is back at its beginning afterwards."""
    digest = hashlib.file_digest(body, "sha256")  # type: ignore[arg-type]
    body.seek(0)
    return digest.hexdigest()


def manifest_of(case: str, tenant: str, parts: list[dict[str, Any]], left_out: list[dict[str, str]]) -> bytes:
    """The manifest: each part with its digest, and the stores that give their data back by themselves."""
    told = {"format": FORMAT, "case": case, "tenant": tenant, "parts": parts, "not_included": left_out}
    return json.dumps(told, indent=1, sort_keys=True).encode()
