"""What stands on a piece of evidence: the rooms above say so, and hear when it stops counting."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from auditlog.actors import Actor
from governance.models import Evidence


@dataclass(frozen=True, slots=True)
class Use:
    """One place that uses evidence; ``kind`` is its word (Assessment, Agreement)."""

    kind: str
    title: str
    url: str


Finder = Callable[[Actor, Iterable[uuid.UUID]], Mapping[uuid.UUID, Iterable[Use]]]
Listener = Callable[[Actor, Evidence], None]

USES: list[Finder] = []
LISTENERS: list[Listener] = []


def register_use(finder: Finder) -> None:
    """Add a query (actor, evidence ids) → uses by evidence id, of what the actor may see (one query, any number)."""
    USES.append(finder)


def register_listener(listener: Listener) -> None:
    """Add what must follow when evidence stops counting (I22), called inside the change that stops it."""
    LISTENERS.append(listener)


def uses_of(actor: Actor, evidence_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Use]]:
    """Where each piece of evidence is used."""
    wanted = list(evidence_ids)
    found: dict[uuid.UUID, list[Use]] = {each: [] for each in wanted}
    for finder in USES:
        for evidence_id, uses in finder(actor, wanted).items():
            found.setdefault(evidence_id, []).extend(uses)
    return found


def tell_listeners(actor: Actor, evidence: Evidence) -> None:
    """Evidence stopped counting: everything that stands on it hears, in the same transaction."""
    for listener in LISTENERS:
        listener(actor, evidence)
