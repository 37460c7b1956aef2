"""What waits for a person, across the workflows: each room registers where to look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from auditlog.actors import Actor


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing on *My work*. ``waiting`` says for whom or what; ``due`` is UTC or ``None``."""

    room: str
    title: str
    url: str
    due: dt.datetime | None = None
    waiting: str = ""
    mine: bool = True  # False: I asked for it and somebody else holds it


SOURCES: list[Callable[[Actor], Iterable[WorkItem]]] = []


def register_work(source: Callable[[Actor], Iterable[WorkItem]]) -> None:
    """Add a query that yields what waits for the actor (``mine``) or what the actor waits for."""
    SOURCES.append(source)


def work_for(actor: Actor) -> list[WorkItem]:
    """Everything that waits, most urgent first; what has no due time comes last."""
    items = [item for source in SOURCES for item in source(actor)]
    return sorted(
        items, key=lambda item: (item.due is None, item.due or dt.datetime.max.replace(tzinfo=dt.UTC), item.title)
    )
