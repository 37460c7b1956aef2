"""JSON and YAML read into one tree that knows its lines, with limits on size and depth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.translation import gettext as _

from vendors.questionnaires.shape import MAX_DEPTH

MAX_NODES = 200_000


class UnreadableError(Exception):
    """A file that cannot be read at all; ``line`` says where (0: the whole file), ``problems`` every place."""

    def __init__(self, message: str, line: int = 0, problems: tuple[tuple[int, str], ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.problems = problems or ((line, message),)


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the line it begins on. ``value``: dict and list of nodes, or a scalar."""

    value: Any
    line: int

    def get(self, key: str) -> Node | None:
        """The member ``key`` of a mapping, if this is one and has it."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def items(self) -> list[tuple[str, Node]]:
        """Members of a mapping; nothing of anything else."""
        return list(self.value.items()) if isinstance(self.value, dict) else []

    def elements(self) -> list[Node]:
        """Elements of a list; nothing of anything else."""
        return self.value if isinstance(self.value, list) else []

    def text(self, key: str) -> str:
        """A member as text: numbers and truth values as they are written, nothing of a mapping or list."""
        node = self.get(key)
        return "" if node is None else node.as_text()

    def as_text(self) -> str:
        """A scalar as text."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return "" if self.value is None or isinstance(self.value, (dict, list)) else str(self.value)

    @property
    def kind(self) -> str:
        """What it is, in words."""
        if isinstance(self.value, dict):
            return _("a mapping")
        return _("a list") if isinstance(self.value, list) else _("a value")


TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n\u00a0\ufeff]+)
    |(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<word>[A-Za-z_$][\w$]*)
    |(?P<mark>[{}\[\]:,+;])""",
    re.VERBOSE | re.DOTALL,
)
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r?\n|.)", re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "", "\n": "", "\r\n": ""}
WORDS = {"true": True, "false": False, "null": None, "undefined": None}


@dataclass(frozen=True, slots=True)
class Token:
    """One mark, string, number or word, and its line."""

    kind: str
    text: str
    line: int


def tokens(source: str) -> Iterator[Token]:
    """The tokens of relaxed JSON, without space and comments."""
    at, line = 0, 1
    while at < len(source):
        found = TOKEN.match(source, at)
        if found is None:
            raise UnreadableError(_stray(source, at), line)
        kind, text = str(found.lastgroup), found.group()
        if kind not in ("space", "comment"):
            yield Token(kind, text, line)
        line += text.count("\n")
        at = found.end()


def _stray(source: str, at: int) -> str:
    if source[at] in "\"'":
        return _("A text begins here and its closing quotation mark is missing.")
    if source.startswith("/*", at):
        return _("A comment begins here and is never closed.")
    return _("“%(sign)s” makes no sense here.") % {"sign": source[at : at + 12].split("\n")[0]}


class _Json:
    """Reads relaxed JSON: comments, ``"a" + "b"``, trailing commas, bare keys, single quotation marks."""

    def __init__(self, source: str) -> None:
        self.rest = tokens(source)
        self.token: Token | None = None
        self.last_line = 1
        self.nodes = 0
        self.advance()

    def advance(self) -> Token | None:
        taken = self.token
        if taken is not None:
            self.last_line = taken.line
        self.token = next(self.rest, None)
        return taken

    def at(self, mark: str) -> bool:
        return self.token is not None and self.token.kind == "mark" and self.token.text == mark

    def expect(self, mark: str, why: str) -> Token:
        if not self.at(mark):
            raise self.lost(why)
        taken = self.advance()
        assert taken is not None  # noqa: S101 - at() has seen it
        return taken

    def lost(self, why: str) -> UnreadableError:
        if self.token is None:
            return UnreadableError(_("The file ends too early: %(why)s") % {"why": why}, self.last_line)
        return UnreadableError(
            _("Found “%(found)s”: %(why)s") % {"found": self.token.text[:30], "why": why}, self.token.line
        )

    def node(self, depth: int = 0) -> Node:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise self.lost(_("it is nested more than %(depth)d levels deep.") % {"depth": MAX_DEPTH})
        if self.nodes > MAX_NODES:
            raise self.lost(_("the file holds more than %(count)d values.") % {"count": MAX_NODES})
        if self.at("{"):
            return self.mapping(depth)
        if self.at("["):
            return self.sequence(depth)
        return self.scalar()

    def mapping(self, depth: int) -> Node:
        line = self.expect("{", "").line
        members: dict[str, Node] = {}
        while not self.at("}"):
            key, key_line = self.key()
            if key in members:
                raise UnreadableError(_("The key “%(key)s” is there twice.") % {"key": key[:60]}, key_line)
            self.expect(":", _("a colon must follow the key “%(key)s”.") % {"key": key[:60]})
            members[key] = self.node(depth + 1)
            self.separator("}")
        self.advance()
        return Node(members, line)

    def sequence(self, depth: int) -> Node:
        line = self.expect("[", "").line
        elements: list[Node] = []
        while not self.at("]"):
            elements.append(self.node(depth + 1))
            self.separator("]")
        self.advance()
        return Node(elements, line)

    def separator(self, closing: str) -> None:
        if self.at(","):
            self.advance()
            while self.at(","):  # ",," in hand-edited files
                self.advance()
        elif not self.at(closing):
            raise self.lost(_("a comma or “%(closing)s” must come here.") % {"closing": closing})

    def key(self) -> tuple[str, int]:
        token = self.token
        if token is None or token.kind not in ("string", "word", "number"):
            raise self.lost(_("a key must come here."))
        self.advance()
        return (_unquoted(token) if token.kind == "string" else token.text), token.line

    def scalar(self) -> Node:
        token = self.token
        if token is None or token.kind == "mark" or (token.kind == "word" and token.text not in WORDS):
            raise self.lost(_("a value must come here."))
        self.advance()
        if token.kind == "string":
            return Node(self.concatenated(_unquoted(token)), token.line)
        if token.kind == "word":
            return Node(WORDS[token.text], token.line)
        return Node(_number(token.text), token.line)

    def concatenated(self, first: str) -> str:
        parts = [first]
        while self.at("+"):
            self.advance()
            token = self.token
            if token is None or token.kind != "string":
                raise self.lost(_("a text must follow “+”."))
            self.advance()
            parts.append(_unquoted(token))
        return "".join(parts)


def _number(text: str) -> int | float:
    if re.fullmatch(r"-?\d{1,300}", text):
        return int(text)
    return float(text[:300])


def _unquoted(token: Token) -> str:
    def plain(found: re.Match[str]) -> str:
        escape = found.group(1)
        if escape[0] in "ux" and len(escape) > 1:
            return chr(int(escape[1:], 16))
        return ESCAPES.get(escape, escape)

    text = ESCAPE.sub(plain, token.text[1:-1])
    # Characters outside the basic plane come as two halves; a lone half is no character at all.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read_json(source: str) -> tuple[Node, list[tuple[int, str]]]:
    """The tree of relaxed JSON, and (line, text) of what stands after its end and was left out."""
    reader = _Json(source)
    root = reader.node()
    after = reader.token
    if after is None:
        return root, []
    return root, [
        (
            after.line,
            _("What follows the end of the questionnaire was left out: “%(text)s”.") % {"text": after.text[:40]},
        )
    ]


INTEGER = re.compile(r"[-+]?\d{1,300}")
FLOAT = re.compile(r"[-+]?(\d{1,300}\.\d*|\.\d{1,300})")
YAML_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


def read_yaml(source: str) -> Node:
    """The tree of a YAML document: no aliases, no tags, no second document, YAML 1.2's plain words.

    ``yes`` and ``no`` stay text, so a choice called No stays a choice called No.
    """
    try:
        events = yaml.parse(source, Loader=yaml.SafeLoader)
        return _Yaml(events).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableError(
            _("This is not valid YAML: %(problem)s.") % {"problem": error.problem or error.context or ""},
            mark.line + 1 if mark else 0,
        ) from error
    except yaml.YAMLError as error:
        raise UnreadableError(_("This is not valid YAML: %(problem)s.") % {"problem": str(error)[:200]}) from error


class _Yaml:
    """Builds nodes from YAML's events, so that nothing is constructed and nothing is expanded."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self.events = events
        self.nodes = 0

    def document(self) -> Node:
        root: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise UnreadableError(
                        _("A second document begins here; one file is one questionnaire."), _line(event)
                    )
                root = self.node(next(self.events), 0)
        if root is None:
            raise UnreadableError(_("The file is empty."))
        return root

    def node(self, event: yaml.Event, depth: int) -> Node:
        line = _line(event)
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise UnreadableError(_("It is nested more than %(depth)d levels deep.") % {"depth": MAX_DEPTH}, line)
        if self.nodes > MAX_NODES:
            raise UnreadableError(_("The file holds more than %(count)d values.") % {"count": MAX_NODES}, line)
        if isinstance(event, yaml.AliasEvent):
            raise UnreadableError(
                _("Aliases (“*%(name)s”) are not used here; write the text out.") % {"name": event.anchor}, line
            )
        if isinstance(event, yaml.ScalarEvent):
            return Node(_plain(event), line)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(self.sequence(depth), line)
        return Node(self.mapping(depth), line)

    def sequence(self, depth: int) -> list[Node]:
        elements = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            elements.append(self.node(event, depth + 1))
        return elements

    def mapping(self, depth: int) -> dict[str, Node]:
        members: dict[str, Node] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                raise UnreadableError(_("A key must be plain text."), _line(event))
            if event.value in members:
                raise UnreadableError(_("The key “%(key)s” is there twice.") % {"key": event.value[:60]}, _line(event))
            members[event.value] = self.node(next(self.events), depth + 1)
        return members


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _plain(event: yaml.ScalarEvent) -> Any:
    text: str = event.value
    if event.style in ("'", '"', "|", ">"):
        return text
    if text.lower() in YAML_WORDS:
        return YAML_WORDS[text.lower()]
    if INTEGER.fullmatch(text):
        return int(text)
    return float(text) if FLOAT.fullmatch(text) else text
