"""Who writes events in this process, each with a counter that leaves no gap."""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(slots=True)
class Writer:
    """Numbers events 1, 2, 3, … A number counts only once its transaction has committed."""

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    count: int = 0


@dataclass(slots=True, weakref_slot=True)
class Desk:
    """The idle writers and the labels already stored, for one process or one enclosing transaction.

    An enclosing transaction (a test case's) may roll back what it saw commit, so what is
    remembered of it must be forgotten with it.
    """

    idle: list[Writer] = field(default_factory=list)
    labels: dict[tuple[str, uuid.UUID, str], str] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.Lock)

    def take(self) -> Writer:
        """A writer nobody else uses; the one used last, so that there are few."""
        with self.lock:
            return self.idle.pop() if self.idle else Writer()

    def give_back(self, writer: Writer) -> None:
        """Keep a writer whose last transaction certainly committed or certainly wrote nothing."""
        with self.lock:
            self.idle.append(writer)

    def remember(self, labels: dict[tuple[str, uuid.UUID, str], str]) -> None:
        """Remember labels that are stored now."""
        with self.lock:
            if len(self.labels) > 10_000:
                self.labels.clear()
            self.labels.update(labels)


_process: dict[tuple[int, str], Desk] = {}
_enclosing: WeakKeyDictionary[Any, Desk] = WeakKeyDictionary()


def desk(connection: BaseDatabaseWrapper) -> Desk:
    """The desk of this process and database, or of the transaction that already encloses the change."""
    if connection.in_atomic_block and connection.atomic_blocks:
        return _enclosing.setdefault(connection.atomic_blocks[-1], Desk())
    name = str(connection.settings_dict["NAME"])
    return _process.setdefault((os.getpid(), name), Desk())


def forget_writers() -> None:
    """Begin with new writers, as a new process does; the tests need it when they empty the log."""
    _process.clear()


def label_digest(salt: bytes, text: str) -> str:
    """What an event holds of a label."""
    return hashlib.sha256(salt + text.encode()).hexdigest()
