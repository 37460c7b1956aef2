"""One search over everything a person may see: each room registers its part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from auditlog.actors import Actor


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found; ``kind`` is its word (Vendor, Service), ``note`` what tells it apart."""

    kind: str
    title: str
    url: str
    note: str = ""


PARTS: list[Callable[[Actor, str], Iterable[Hit]]] = []


def register_search(part: Callable[[Actor, str], Iterable[Hit]]) -> None:
    """Add a query (actor, words) that yields only what the actor may see, at most ten hits, best first."""
    PARTS.append(part)


def search(actor: Actor, words: str) -> list[Hit]:
    """Hits from every room for ``words`` (stripped; fewer than two characters find nothing)."""
    words = words.strip()
    return [hit for part in PARTS for hit in part(actor, words)] if len(words) >= 2 else []
