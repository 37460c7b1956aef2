"""The engine: erases one store, sweep by sweep, until a sweep finds nothing.

:meth:`Eraser.destroy` is the one function that destroys: the intent is committed, then the call is made. Calls run
side by side in threads that know nothing of our database; the thread that holds the lease commits intents and answers.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from retention.connectors.base import Connector, Item, Outcome, TroubleError
from retention.errors import StoppedError
from retention.models import Batch
from retention.services.ledger import Books, unpack

#: How often a batch is tried in one go before its step waits, and the first wait in seconds (doubled each time).
TRIES, FIRST_WAIT = 5, 0.2


class Eraser:
    """Erases what one connector lists, for as long as it is allowed to."""

    def __init__(self, books: Books, connector: Connector, until: float) -> None:
        self.books, self.connector, self.until = books, connector, until
        self.width, self.most = connector.threads
        self.flying: dict[Future[list[Outcome]], tuple[Batch, int]] = {}
        self.pool = ThreadPoolExecutor(self.most, thread_name_prefix="erase") if self.most > 1 else None

    def close(self) -> None:
        """Wait for calls that are on their way."""
        if self.pool:
            self.pool.shutdown(wait=True)

    def replay(self) -> None:
        """Ask again for what was intended and not answered for: by a crash, or because the store was busy."""
        for batch in self.books.open_batches():
            self.books.intend_again(batch)
            self._make_room()
            self._call(batch, unpack(batch.items), 1)
        self._drain()

    def recall(self, kept: Sequence[Item], number: int) -> None:
        """Ask by name for what the store kept: what went by itself is answered ``gone``, and is residue no more."""
        for items in _chunks(kept, self.connector.batch):
            self.destroy(items, number)
        self._drain()

    def sweep(self, number: int) -> int | None:
        """List once through and erase what is found; gives how much was, or ``None`` when time ran out."""
        known, found = self.books.known_residue(), 0
        try:
            for page in self.connector.pages():
                fresh = [item for item in page if not known or self.books.leaf(item) not in known]
                for items in _chunks(fresh, self.connector.batch):
                    found += len(items)
                    self.destroy(items, number)
                if fresh and time.monotonic() > self.until:  # a slice that erased nothing would begin anew for ever
                    return None
                self.books.stay()
                self._reap(block=False)
        except StoppedError:
            with contextlib.suppress(TroubleError, StoppedError):
                self._drain()
            raise
        finally:
            self._drain()
        return found

    def destroy(self, items: Sequence[Item], sweep: int) -> None:
        """Commit the intent, then make the call. Nothing else erases."""
        self._make_room()
        batch = self.books.intend(items, sweep)
        self._call(batch, items, 1)

    def _call(self, batch: Batch, items: Sequence[Item], tries: int) -> None:
        if self.pool is None:
            self._answer(batch, self.connector.erase(items), tries)
            return
        self.flying[self.pool.submit(self.connector.erase, list(items))] = (batch, tries)

    def _make_room(self) -> None:
        while len(self.flying) >= self.width:
            self._reap(block=True)

    def _drain(self) -> None:
        """Take in every answer that is on its way, whatever happened to the others; the first trouble is raised."""
        first: TroubleError | StoppedError | None = None
        while self.flying:
            try:
                self._reap(block=True)
            except (TroubleError, StoppedError) as error:
                first = first or error
        if first:
            raise first

    def _reap(self, *, block: bool) -> None:
        """Take in answers that have come; with ``block`` at least one. After a trouble, the others are still there."""
        done, _waiting = wait(self.flying, timeout=None if block else 0, return_when=FIRST_COMPLETED)
        for future in done:
            self._take(*self.flying.pop(future), future)

    def _take(self, batch: Batch, tries: int, future: Future[list[Outcome]]) -> None:
        try:
            outcomes = future.result()
        except TroubleError as trouble:
            if not self._try_again(batch, unpack(batch.items), tries, trouble):
                raise
        else:
            self._answer(batch, outcomes, tries)

    def _answer(self, batch: Batch, outcomes: list[Outcome], tries: int) -> None:
        """Enter the answers; what was not answered for is asked again after a wait, for a while (rule 4)."""
        rest = self.books.settle(batch, outcomes)
        if not rest:
            self.width = min(self.width + 1, self.most) if self.pool else self.width
            return
        asked = {(item.kind, item.name, item.version) for item in rest}
        codes = [o.code for o in outcomes if (o.item.kind, o.item.name, o.item.version) in asked and o.code]
        code = next(iter(codes), "throttled")
        if not self._try_again(batch, rest, tries, TroubleError(code, "not every item was answered for")):
            raise TroubleError(code, "not every item was answered for")

    def _try_again(self, batch: Batch, items: list[Item], tries: int, trouble: TroubleError) -> bool:
        """Back off, narrow down, and call again; ``False`` when it is not worth while, now."""
        self.width = max(1, self.width // 2)
        if trouble.code not in ("throttled", "unreachable") or tries >= TRIES:
            return False
        time.sleep(FIRST_WAIT * 2 ** (tries - 1) * (1 + random.random()))  # noqa: S311  (spreads callers, guards nothing)
        self.books.intend_again(batch)
        self._call(batch, items, tries + 1)
        return True


def _chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    rows = iter(items)
    while chunk := list(itertools.islice(rows, size)):
        yield chunk
