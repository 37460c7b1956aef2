"""VSAQ's condition language (``!a && (b || ^c)``) turned into ours.

As in VSAQ, ``&&`` and ``||`` have one precedence and are read from left to right.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.translation import gettext as _

from vendors.questionnaires.conditions import (
    MAX_LENGTH,
    Always,
    Condition,
    ConditionError,
    Test,
    all_of,
    any_of,
    depth,
    negate,
    written,
)

TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|&&?|\|\|?|[()!,]|[^\s()!&|,"]+)')
MAX_NESTING = 30
Resolve = Callable[[str], Condition]


def translate(text: str, resolve: Resolve) -> Condition:
    """Our condition for VSAQ's ``text``; ``resolve`` gives the condition for a name such as ``^x`` or ``x/yes``.

    :class:`ConditionError` when it is not understood.
    """
    if len(text) > MAX_LENGTH:
        raise ConditionError(_("it is longer than %(length)d characters") % {"length": MAX_LENGTH})
    reader = _Reader(_words(text), resolve)
    condition = reader.row(0)
    if reader.words:
        raise ConditionError(_("“%(word)s” cannot stand here") % {"word": reader.words[0]})
    if depth(condition) > MAX_NESTING:
        raise ConditionError(_("it is nested too deep"))
    if len(written(condition)) > MAX_LENGTH:
        raise ConditionError(_("written out, it is longer than %(length)d characters") % {"length": MAX_LENGTH})
    return condition


def _words(text: str) -> list[str]:
    words, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise ConditionError(_("a quotation mark is not closed"))
        words.append(found.group(1))
        at = found.end()
    return words


class _Reader:
    def __init__(self, words: list[str], resolve: Resolve) -> None:
        self.words = words
        self.resolve = resolve

    def take(self) -> str:
        if not self.words:
            raise ConditionError(_("it ends too early"))
        return self.words.pop(0)

    def row(self, depth: int) -> Condition:
        if depth > MAX_NESTING:
            raise ConditionError(_("it is nested too deep"))
        result = self.one(depth)
        while self.words and self.words[0][0] in "&|":
            joined = all_of if self.take()[0] == "&" else any_of
            result = joined([result, self.one(depth)])
        return result

    def one(self, depth: int) -> Condition:
        negations = 0
        while self.words and self.words[0] == "!":
            self.take()
            negations += 1
        condition = self.atom(depth)
        return negate(condition) if negations % 2 else condition

    def atom(self, depth: int) -> Condition:
        word = self.take()
        if word == "(":
            inner = self.row(depth + 1)
            if self.take() != ")":
                raise ConditionError(_("a closing bracket is missing"))
            return inner
        if word[0] in '&|),"':
            raise ConditionError(_("“%(word)s” cannot stand here") % {"word": word[:40]})
        if self.words and self.words[0] == "(":
            return self.call(word)
        return Always(word == "true") if word in ("true", "false") else self.resolve(word)

    def call(self, name: str) -> Condition:
        self.take()
        arguments = []
        while (word := self.take()) != ")":
            if word != ",":
                arguments.append(word)
        if name != "contains" or len(arguments) != 2 or not arguments[1].startswith('"'):
            raise ConditionError(_("the function “%(name)s” is not known here") % {"name": name[:40]})
        about = self.resolve(arguments[0])
        if not isinstance(about, Test):
            raise ConditionError(_("“contains” needs a text question"))
        return Test(about.key, "contains", re.sub(r"\\(.)", r"\1", arguments[1][1:-1]))
