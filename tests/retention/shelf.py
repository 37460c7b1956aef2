"""A store that misbehaves on demand: loses pages, answers by halves, is killed. What real servers do only sometimes."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from retention import opening
from retention.connectors.base import Item, Outcome, State

#: What a folder is registered with beside its key and selector.
FILES = {"kind": "filesystem", "account": "", "backup_days": None}


class Killed(BaseException):
    """kill -9, as far as one process can have it: nothing catches it."""


class Shelf:
    """What lies in the store, and what it does to callers. ``faults`` are called with each batch, one after another."""

    def __init__(self, names=(), size: int = 10, page: int = 50, batch: int = 20) -> None:
        self.there = {Item("file", name, "", size) for name in names}
        self.at_first = set(self.there)
        self.faults: list[Callable | None] = []
        self.after: list[Callable | None] = []
        self.locked: dict[str, Outcome] = {}
        self.erased: list[Item] = []
        self.page, self.batch, self.loses = page, batch, 0
        self.trouble: Exception | None = None

    def install(self, monkeypatch, kind: str = "filesystem") -> Shelf:
        monkeypatch.setitem(opening.CONNECTORS, kind, "tests.retention.shelf.ShelfConnector")
        monkeypatch.setattr(ShelfConnector, "shelf", self)
        return self


class ShelfConnector:
    shelf: Shelf = None
    threads = (1, 1)

    def __init__(self, place) -> None:
        self.batch = self.shelf.batch

    def check(self) -> None:
        if self.shelf.trouble:
            raise self.shelf.trouble

    def pages(self):
        self.check()
        rows = iter(sorted(self.shelf.there, key=lambda item: item.name))
        first = True
        while page := list(itertools.islice(rows, self.shelf.page)):
            if self.shelf.loses and not first:
                self.shelf.loses -= 1  # as servers do that page by position while one deletes
                continue
            first = False
            yield page

    def erase(self, items):
        self.check()
        if self.shelf.faults and (fault := self.shelf.faults.pop(0)):
            answer = fault(items)
            if answer is not None:
                return answer
        answers = [self.take(item) for item in items]
        if self.shelf.after and (fault := self.shelf.after.pop(0)):
            fault(items)
        return answers

    def take(self, item) -> Outcome:
        if item.name in self.shelf.locked:
            return self.shelf.locked[item.name]
        if item in self.shelf.there:
            self.shelf.there.discard(item)
            self.shelf.erased.append(item)
        return Outcome(item, State.GONE)

    def read(self, item):
        yield b"x" * item.size

    def close(self) -> None:
        pass
