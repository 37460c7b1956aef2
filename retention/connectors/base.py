"""What every connector is given, what it answers, and how troubles are told apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One tenant's part of a store, and how to get there.

    ``selector`` is in the form of its kind (:mod:`tenants.selectors`); ``region`` where it has to lie;
    ``settings`` is what may be shown of the connection, ``secrets`` what may not (never logged, never in an
    error's text).
    """

    kind: str
    selector: str
    region: str = ""
    account: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be erased and is answered for by name.

    ``kind``: ``version`` | ``marker`` | ``upload`` | ``key`` (s3), ``row`` (sql), ``file`` | ``folder`` | ``link``
    (filesystem), ``request`` (webhook), ``attestation`` (attested). ``name`` is an object's key, a file's path
    relative to the selector, ``table:primary key`` as JSON; ``version`` an S3 version id or upload id, or empty.
    ``size`` in bytes, 0 where it has none.
    """

    kind: str
    name: str
    version: str = ""
    size: int = 0


class State(StrEnum):
    """What became of an item that was to be erased."""

    GONE = "gone"  # the store answered for it by name; an item that was not there any more is gone, too
    KEPT = "kept"  # the store will not let go of it until a date, or until somebody else lets go: residue
    AGAIN = "again"  # nothing was said of it, or it was refused for a reason that can be mended: try again


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer for one item. ``code`` is one of :data:`TROUBLES` where it is not gone.

    ``until`` is when a lock or a waiting time ends (``None``: nobody knows), ``owner`` who can lift it.
    """

    item: Item
    state: State
    code: str = ""
    detail: str = ""
    until: dt.datetime | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How much is there, by what is counted: ``items`` in all, ``bytes``, and ``kinds`` (item kind → how many)."""

    items: int = 0
    bytes: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)

    def plus(self, items: Sequence[Item]) -> Count:
        """The sum with ``items``."""
        kinds = dict(self.kinds)
        for item in items:
            kinds[item.kind] = kinds.get(item.kind, 0) + 1
        return Count(self.items + len(items), self.bytes + sum(item.size for item in items), kinds)


#: Troubles a store can have. The engine's words for them, and what to do, are in ``retention/troubles.py``.
TROUBLES = (
    "throttled",  # wait and try again: the only one that passes by itself
    "unreachable",  # no connection, a timeout, a 5xx that stays
    "credentials",  # unknown, wrong or expired credentials
    "denied",  # a policy does not allow it
    "vanished",  # the bucket, database, table or folder is not there
    "object_lock",  # locked until a date (compliance or governance mode)
    "legal_hold",  # the store's own legal hold on an object
    "key_pending",  # a KMS key waits for its deletion
    "wrong_region",  # the store answers that it lies elsewhere (I59)
    "wrong_kind",  # what is found is not what was registered: no such column, not a folder
    "awaited",  # asked for; an answer, a receipt or an attestation is waited for
    "failed",  # the other side says that it failed
)
#: Troubles that pass by themselves.
PASSING = frozenset({"throttled", "unreachable"})


class TroubleError(Exception):
    """The store, as a whole, cannot be worked on now.

    ``code`` is one of :data:`TROUBLES`; ``detail`` is the other side's own code and what was tried, without
    secrets and without customer content (no object keys, no values); ``until`` when to try again, if it said so.
    """

    def __init__(self, code: str, detail: str = "", *, until: dt.datetime | None = None) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.until = until


class Connector(Protocol):
    """One store, opened. Not safe for two threads, but for :meth:`erase`, which many may call at once."""

    #: How many items one call of :meth:`erase` takes at most.
    batch: int
    #: How many calls of :meth:`erase` may run side by side, at first and at most.
    threads: tuple[int, int]

    def check(self) -> None:
        """Whether it can be reached, is what was registered, and lies where it should; raises :class:`TroubleError`.

        Changes nothing in the store.
        """
        ...

    def pages(self) -> Iterator[list[Item]]:
        """What is there now, page by page, in an order in which it can be erased; reads nothing but names and sizes.

        The caller may erase a page before it asks for the next. Some stores lose items of a listing that is
        erased while it runs: one listing through is a *sweep*, and sweeps go on until one finds nothing.
        Raises :class:`TroubleError`.
        """
        ...

    def erase(self, items: Sequence[Item]) -> list[Outcome]:
        """Erase up to :attr:`batch` items: exactly one outcome for each, by name, in any order.

        Safe to call twice with the same items: what is not there any more is ``gone``. An item that the store
        did not answer for is ``again``, never ``gone``. Raises :class:`TroubleError` when the whole call failed; then
        nothing is known of any item, and the engine repeats it.
        """
        ...

    def read(self, item: Item) -> Iterator[bytes]:
        """The item's content, for its return to the customer; ``marker``, ``upload``, ``folder`` have none.

        A row is one line of JSON (column → value, ending in a line feed). Raises :class:`TroubleError`.
        """
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
