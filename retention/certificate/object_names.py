"""How one object is named, and the digest that stands for it: shipped beside the checker, with Python alone.

Every kind of store writes names in its own way. A name in another way has another digest and would be told "not among
those destroyed", which is no answer: so what has not the form of its store is told apart (:meth:`Named.flaw`), and
what a store may have written in two ways is looked for in both.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

#: Stores whose objects were not listed by the console, but destroyed and told by somebody else: they have no leaves.
TOLD = frozenset({"webhook", "attested"})


@dataclass(frozen=True)
class NameForm:
    """How a kind of store names what was in it: what there is, and an example of a name."""

    kinds: tuple[str, ...]
    example: str


#: Kinds of stores whose objects were listed, and so have digests.
FORMS = {
    "s3": NameForm(("version", "marker", "upload", "key"), "acme/plans/2026.pdf"),
    "sql": NameForm(("row",), '["orders",17]'),
    "filesystem": NameForm(("file", "folder", "link"), "plans/2026.pdf"),
    "own": NameForm(("row",), "0f0c1d8e-6f0a-4a51-9d3b-2f6c1f0f7a11"),
}
#: How something that is in no bucket at all is often named.
ADDRESSES = ("s3://", "http://", "https://", "arn:", "/")


@dataclass(frozen=True)
class Flaw:
    """Why an object cannot have been found: by its ``store``, ``kind``, ``name`` or ``version``.

    ``store`` is the certificate's line of the data store; ``None`` where it has no such store.
    """

    code: str
    store: dict[str, Any] | None


def leaf_digest(salt: bytes, store: str, kind: str, name: str, version: str) -> bytes:
    """The salted digest that stands for one object."""
    row = json.dumps([store, kind, name, version], separators=(",", ":"))
    return sha256(salt + b"\x00" + row.encode()).digest()


@dataclass(frozen=True)
class Named:
    """An object somebody asks about, in their own words."""

    store: str
    kind: str
    name: str
    version: str = ""

    def line(self, stores: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
        """The certificate's line of its data store, which may be given by key or by name."""
        rows = list(stores)
        wanted = [row for row in rows if row["key"] == self.store.strip()]
        return next(iter(wanted or [row for row in rows if row.get("name") == self.store.strip()]), None)

    def leaves(self, stores: Iterable[dict[str, Any]], salt: bytes) -> set[bytes]:
        """The digests that would stand for it, one for each way in which its store may have written its name."""
        row = self.line(stores)
        if row is None:
            return set()
        return {leaf_digest(salt, row["key"], self.kind, *way) for way in self._ways(row["kind"])}

    def flaw(self, stores: Iterable[dict[str, Any]]) -> Flaw | None:
        """What is wrong with how it is named, for one that was not found; ``None``: it was not there."""
        row = self.line(stores)
        if row is None or row["kind"] not in FORMS:
            return Flaw("store", row)
        if self.kind not in FORMS[row["kind"]].kinds:
            return Flaw("kind", row)
        if not SHAPES[row["kind"]](self.name, self.kind):
            return Flaw("name", row)
        needs_version = row["kind"] == "s3" and self.kind != "key"
        return Flaw("version", row) if needs_version and not self.version else None

    def _ways(self, store_kind: str) -> set[tuple[str, str]]:
        ways = {(self.name, self.version)}
        if store_kind == "s3":
            return ways | {(self.name, self.version or "null")}
        if store_kind == "sql":
            return ways | {(name, "") for name in _row_names(self.name)}
        if store_kind == "own":
            return ways | {(name, "") for name in _ids(self.name)}
        return ways | {(_path(self.name, self.kind), "")}


def _row_names(name: str) -> set[str]:
    """A row's name as databases write it: numbers of a key are text in some of them, and numbers in others."""
    parts = _row(name)
    if parts is None:
        return set()
    table, *key = parts
    texts = [str(part) if type(part) is int else part for part in key]
    numbers = [int(part) if isinstance(part, str) and part.isdecimal() and part.isascii() else part for part in key]
    return {json.dumps([table, *way], separators=(",", ":")) for way in (key, texts, numbers)}


def _row(name: str) -> list[Any] | None:
    """Table and key of a row's name; ``None`` for what is none."""
    try:
        parts = json.loads(name)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parts, list) or len(parts) < 2 or not isinstance(parts[0], str):
        return None
    return None if any(isinstance(part, list) for part in parts) else parts


def _ids(name: str) -> set[str]:
    try:
        return {str(uuid.UUID(name.strip()))}
    except ValueError:
        return set()


def _path(name: str, kind: str) -> str:
    """A path as a folder's listing has it: the folder itself is the empty one."""
    if kind != "folder":
        return name
    return "" if name in (".", "./", "/") else name.removesuffix("/")


def _is_path(path: str) -> bool:
    """Whether it is a path below a folder, or the folder itself."""
    return path == "" or not {"", ".", ".."} & set(path.split("/"))


#: Whether a name (and what it names) has the form of its kind of store.
SHAPES: dict[str, Callable[[str, str], bool]] = {
    "s3": lambda name, kind: kind == "key" or not name.startswith(ADDRESSES),
    "sql": lambda name, _kind: _row(name) is not None,
    "filesystem": lambda name, kind: _is_path(_path(name, kind)),
    "own": lambda name, _kind: bool(_ids(name)),
}


def flaw_words(flaw: Flaw, stores: Iterable[dict[str, Any]]) -> str:
    """What to write instead."""
    row = flaw.store
    if row is None:
        return f"the certificate lists no such data store; it has {', '.join(row['key'] for row in stores)}"
    if flaw.code == "store":
        return f"{row['key']} lists no objects: what became of them is the word of whoever keeps it"
    form = FORMS[row["kind"]]
    if flaw.code == "kind":
        return f"what was in {row['key']} is one of: {', '.join(form.kinds)}"
    if flaw.code == "version":
        return "give --version as well; it is null where the bucket kept no versions"
    return f"{row['key']} names what was in it otherwise, such as {form.example} (python checker.py --help)"
