"""Events in words: what happened, with before and after."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auditlog.registry import ACTIONS, SUBJECTS

DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
BEFORE = ("from", "before", "old")
AFTER = ("to", "after", "new")

REFUSALS = {
    "AUTHORITY": gettext_lazy("the roles held do not allow it"),
    "SEPARATION_OF_DUTIES": gettext_lazy("somebody else has to decide this"),
    "STEP_UP": gettext_lazy("a fresh second factor was missing"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One field an event tells about: its value, or what it was before and after."""

    name: str
    value: str
    before: str | None = None
    is_digest: bool = False


def action_words(action: str) -> str:
    """What the registry says of an action; the action itself when the room is gone."""
    return str(ACTIONS.get(action, action))


def subject_word(kind: str) -> str:
    """The word for a kind of thing."""
    known = SUBJECTS.get(kind)
    return str(known.name) if known else kind.rpartition(".")[2].replace("_", " ")


def refusal_words(error: str) -> str:
    """Why something was refused."""
    return str(REFUSALS.get(error, error))


def actor_kind_word(kind: str) -> str:
    """The word for a kind of actor."""
    return {"person": _("person"), "service_account": _("service account"), "job": _("job")}.get(kind, kind)


def facts(details: dict[str, Any]) -> list[Fact]:
    """An event's details, one field each; a bare ``from`` and ``to`` are the state before and after."""
    rest = dict(details)
    moved = []
    if {"from", "to"} <= rest.keys():
        before, after = rest.pop("from"), rest.pop("to")
        moved = [Fact(_("state"), shown(after), before=shown(before))]
    return moved + [_fact(name, value) for name, value in rest.items()]


def _fact(name: str, value: Any) -> Fact:
    word = name.replace("_", " ")
    if isinstance(value, dict):
        before = next((value[key] for key in BEFORE if key in value), None)
        after = next((value[key] for key in AFTER if key in value), None)
        if any(key in value for key in (*BEFORE, *AFTER)):
            return Fact(word, shown(after), before=shown(before))
    whole = DIGEST.fullmatch(value) if isinstance(value, str) else None
    if whole:
        return Fact(word, whole[1], is_digest=True)
    return Fact(word, shown(value))


def shown(value: Any) -> str:
    """A value of an event as a person reads it."""
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {shown(item)}" for key, item in value.items())
    text = str(value)
    whole = DIGEST.fullmatch(text)
    if whole:
        return f"{whole[1][:12]}…"
    return f"{text[:8]}…" if UUID.fullmatch(text) else text
