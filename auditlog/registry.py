"""What can happen, and to what: each room declares its actions and subjects in ``AppConfig.ready()``."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

ACTIONS: dict[str, object] = {}


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of thing events are about. ``locate`` gives (label, url) or ``None`` when it is gone."""

    kind: str
    name: object
    locate: Callable[[uuid.UUID], tuple[str, str] | None]


SUBJECTS: dict[str, Subject] = {}


def register_actions(actions: Mapping[str, object]) -> None:
    """Declare actions: ``room.noun.verb_in_past`` to the (lazily translated) sentence a timeline shows."""
    ACTIONS.update(actions)


def register_subject(kind: str, name: object, locate: Callable[[uuid.UUID], tuple[str, str] | None]) -> None:
    """Declare a subject kind (``vendors.assessment``), its word, and how to find its page."""
    SUBJECTS[kind] = Subject(kind, name, locate)
