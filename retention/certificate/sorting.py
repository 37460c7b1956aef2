"""Digests in order, with a few MB of memory however many there are: sorted runs in a temporary file, then merged."""

from __future__ import annotations

import heapq
import itertools
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, overload

from retention.services.ledger import LEAF

#: How many digests are sorted at once, and read at once: some 80 bytes of memory each.
RUN, BLOCK = 100_000, 256
#: Up to so many bytes are kept in memory instead of on a disk.
IN_MEMORY = 1024 * 1024


class SortedDigests(Sequence[bytes]):
    """Digests of 32 bytes each, sorted, in a temporary file that vanishes with this. Not for two threads at once."""

    def __init__(self, digests: Iterable[bytes]) -> None:
        self._file, ends = _in_runs(digests)
        if len(ends) > 1:
            self._file = _merged(self._file, ends)
        self._length = ends[-1] if ends else 0
        weakref.finalize(self, self._file.close)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        yield from _between(self._file, 0, self._length)  # holds on to this, and so to the file

    @overload
    def __getitem__(self, at: int) -> bytes: ...

    @overload
    def __getitem__(self, at: slice) -> list[bytes]: ...

    def __getitem__(self, at: int | slice) -> bytes | list[bytes]:
        if isinstance(at, int):
            index = range(self._length)[at]
            return next(_between(self._file, index, index + 1))
        span = range(self._length)[at]
        return list(_between(self._file, span.start, span.stop)) if span.step == 1 else [self[one] for one in span]


def _spool() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(IN_MEMORY)


def _in_runs(digests: Iterable[bytes]) -> tuple[IO[bytes], list[int]]:
    """A file of runs, each sorted, and where they end."""
    file, ends, rest = _spool(), list[int](), iter(digests)
    while run := sorted(itertools.islice(rest, RUN)):
        file.write(b"".join(run))
        ends.append((ends[-1] if ends else 0) + len(run))
    return file, ends


def _merged(file: IO[bytes], ends: Sequence[int]) -> IO[bytes]:
    """One file in order; the other is closed."""
    merged = _spool()
    whole = heapq.merge(*[_between(file, start, end) for start, end in zip([0, *ends], ends, strict=False)])
    while block := b"".join(itertools.islice(whole, BLOCK)):
        merged.write(block)
    file.close()
    return merged


def _between(file: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    """The digests from one place to another; many may read at once, in turns."""
    for at in range(start, end, BLOCK):
        file.seek(at * LEAF)
        block = file.read(min(BLOCK, end - at) * LEAF)
        for byte in range(0, len(block), LEAF):
            yield block[byte : byte + LEAF]
