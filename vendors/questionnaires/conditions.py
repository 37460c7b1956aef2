"""When a question is shown: a small language over other answers, and who may see what of it.

::

    secprog is secprog_yes and not (hosting is saas or notes contains "EU")
    policies answered        region shown        true

``is`` holds for the choice of a single choice and for one of several; everything about a question that
is itself hidden is false.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

MAX_LENGTH = 4_000
MAX_NESTING = 40


class ConditionError(Exception):
    """A condition that is not understood; its text says why."""


@dataclass(frozen=True, slots=True)
class Always:
    """``true`` or ``false``."""

    holds: bool


@dataclass(frozen=True, slots=True)
class Test:
    """One question's answer: ``is``/``contains`` a value, ``answered``, or ``shown``."""

    key: str
    verb: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Condition


@dataclass(frozen=True, slots=True)
class All:
    """Every part (``and``)."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any_:
    """At least one part (``or``)."""

    parts: tuple[Condition, ...]


Condition = Always | Test | Not | All | Any_
ALWAYS = Always(True)
WORD = re.compile(r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<mark>[()])|(?P<word>[^\s()"]+))')
VERBS = ("is", "contains")


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Condition:
    """Read a condition; empty means always. :class:`ConditionError` says what is wrong with it."""
    if len(text) > MAX_LENGTH:
        raise ConditionError(_("it is longer than %(length)d characters") % {"length": MAX_LENGTH})
    return _Reader(_words(text)).whole() if text.strip() else ALWAYS


def _words(text: str) -> list[str]:
    words, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = WORD.match(text, at)
        if found is None:
            raise ConditionError(_("a quotation mark is not closed"))
        words.append(found.group().strip())
        at = found.end()
    return words


class _Reader:
    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.at = 0
        self.depth = 0

    def peek(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self) -> str:
        word = self.peek()
        if not word:
            raise ConditionError(_("it ends too early"))
        self.at += 1
        return word

    def whole(self) -> Condition:
        condition = self.either()
        if self.peek():
            raise ConditionError(_("“%(word)s” is one word too many") % {"word": self.peek()[:40]})
        return condition

    def either(self) -> Condition:
        parts = [self.both()]
        while self.peek() == "or":
            self.take()
            parts.append(self.both())
        return any_of(parts)

    def both(self) -> Condition:
        parts = [self.negated()]
        while self.peek() == "and":
            self.take()
            parts.append(self.negated())
        return all_of(parts)

    def negated(self) -> Condition:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise ConditionError(_("it is nested too deep"))
        try:
            if self.peek() != "not":
                return self.atom()
            self.take()
            return negate(self.negated())
        finally:
            self.depth -= 1

    def atom(self) -> Condition:
        word = self.take()
        if word == "(":
            inner = self.either()
            if self.take() != ")":
                raise ConditionError(_("a closing bracket is missing"))
            return inner
        if word in ("true", "false"):
            return Always(word == "true")
        if word in (")", "and", "or", "is", "contains", "answered", "shown"):
            raise ConditionError(_("“%(word)s” cannot stand here") % {"word": word})
        return self.test(_unquoted(word))

    def test(self, key: str) -> Test:
        verb = self.peek()
        if verb in VERBS:
            self.take()
            return Test(key, verb, _unquoted(self.take()))
        if verb in ("answered", "shown"):
            return Test(key, self.take())
        raise ConditionError(_("after “%(key)s” must come is, contains, answered or shown") % {"key": key[:40]})


def _unquoted(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word[1:-1]) if word.startswith('"') else word


def _quoted(word: str) -> str:
    plain = re.fullmatch(r'[^\s()"\\]+', word) and word not in (
        "and",
        "or",
        "not",
        "is",
        "true",
        "false",
        "contains",
        "answered",
        "shown",
    )
    return word if plain else '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def all_of(parts: Iterable[Condition]) -> Condition:
    """``and``, without what is always so."""
    kept: list[Condition] = []
    for part in parts:
        for inner in part.parts if isinstance(part, All) else (part,):
            if inner != ALWAYS and inner not in kept:
                kept.append(inner)
    return ALWAYS if not kept else kept[0] if len(kept) == 1 else All(tuple(kept))


def any_of(parts: Iterable[Condition]) -> Condition:
    """``or``, flattened."""
    kept: list[Condition] = []
    for part in parts:
        for inner in part.parts if isinstance(part, Any_) else (part,):
            if inner not in kept:
                kept.append(inner)
    return kept[0] if len(kept) == 1 else Any_(tuple(kept))


def negate(part: Condition) -> Condition:
    """``not``, without saying it twice."""
    if isinstance(part, Not):
        return part.part
    return Always(not part.holds) if isinstance(part, Always) else Not(part)


def written(condition: Condition) -> str:
    """The condition as text that :func:`parse` reads back; empty for always."""
    return "" if condition == ALWAYS else _write(condition)


def _write(condition: Condition) -> str:
    if isinstance(condition, Always):
        return "true" if condition.holds else "false"
    if isinstance(condition, Test):
        value = f" {_quoted(condition.value)}" if condition.verb in VERBS else ""
        return f"{_quoted(condition.key)} {condition.verb}{value}"
    if isinstance(condition, Not):
        return f"not {_bracketed(condition.part)}"
    joiner = " and " if isinstance(condition, All) else " or "
    return joiner.join(_bracketed(part) for part in condition.parts)


def _bracketed(part: Condition) -> str:
    return f"({_write(part)})" if isinstance(part, (All, Any_)) else _write(part)


def tests(condition: Condition) -> list[Test]:
    """Every test in it, in order."""
    if isinstance(condition, Test):
        return [condition]
    if isinstance(condition, Not):
        return tests(condition.part)
    if isinstance(condition, (All, Any_)):
        return [test for part in condition.parts for test in tests(part)]
    return []


def depth(condition: Condition) -> int:
    """How deep it is nested."""
    if isinstance(condition, Not):
        return 1 + depth(condition.part)
    if isinstance(condition, (All, Any_)):
        return 1 + max(depth(part) for part in condition.parts)
    return 0


def holds(condition: Condition, answers: Mapping[str, Any], shown: Callable[[str], bool]) -> bool:
    """Whether it holds for ``answers`` (key to value); ``shown`` says whether a question is."""
    if isinstance(condition, Always):
        return condition.holds
    if isinstance(condition, Test):
        return shown(condition.key) and _test_holds(condition, answers.get(condition.key))
    if isinstance(condition, Not):
        return not holds(condition.part, answers, shown)
    results = (holds(part, answers, shown) for part in condition.parts)
    return all(results) if isinstance(condition, All) else any(results)


def _test_holds(test: Test, value: Any) -> bool:
    if test.verb == "shown":
        return True
    if value is None or value == "" or (value == [] and test.verb != "answered"):
        return False
    if test.verb == "answered":
        return True
    if test.verb == "is":
        return test.value in value if isinstance(value, list) else test.value == value
    return test.value.casefold() in str(value).casefold()


def visible(conditions: Mapping[str, Condition], answers: Mapping[str, Any]) -> set[str]:
    """The keys of ``conditions`` (key to when it is shown) that are shown for ``answers``.

    A question whose condition leads back to itself is shown: nobody is kept from answering by a mistake.
    """
    order, circular = _ordered(conditions)
    shown = set(circular)
    for key in order:
        if holds(conditions[key], answers, shown.__contains__):
            shown.add(key)
    return shown


def cycles(conditions: Mapping[str, Condition]) -> set[str]:
    """The keys whose condition leads back to themselves, or to such a key."""
    return _ordered(conditions)[1]


def _ordered(conditions: Mapping[str, Condition]) -> tuple[list[str], set[str]]:
    """The keys, each after those it depends on, and the keys for which there is no such order."""
    awaits = {key: {test.key for test in tests(condition)} & conditions.keys() for key, condition in conditions.items()}
    followers: dict[str, list[str]] = {}
    for key, needed in awaits.items():
        for other in needed:
            followers.setdefault(other, []).append(key)
    order = [key for key, needed in awaits.items() if not needed]
    for key in order:  # grows while it is read
        for follower in followers.get(key, ()):
            awaits[follower].discard(key)
            if not awaits[follower]:
                order.append(follower)
    return order, conditions.keys() - set(order)
