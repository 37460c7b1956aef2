"""Our own YAML: strict when read (every problem by line and key), complete when written (docs/questionnaires.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml
from django.utils.translation import gettext as _

from vendors.questionnaires import conditions
from vendors.questionnaires.keys import RESERVED, Notes
from vendors.questionnaires.located import Node, UnreadableError
from vendors.questionnaires.shape import (
    EVIDENCE_KINDS,
    MAX_CHOICES,
    MAX_KEY,
    MAX_TEXT,
    PENALTIES,
    ChoiceShape,
    Kind,
    QuestionShape,
    SectionShape,
    Understood,
    WarningShape,
)

FORMAT = "countersign-questionnaire/1"
TOP = ("format", "title", "sections")
SECTION = ("key", "title", "help", "weight", "questions")
QUESTION = (
    "key", "text", "kind", "help", "heading", "choices", "warnings", "weight", "required", "evidence", "shown_when",
    "placeholder",
)  # fmt: skip
CHOICE = ("key", "label", "score")
WARNING = ("key", "when", "severity", "name", "text", "ask")
YES_NO = (ChoiceShape("yes", "Yes"), ChoiceShape("no", "No"))
KEY = re.compile(rf"[A-Za-z0-9_.-]{{1,{MAX_KEY}}}")


def read_own_yaml(root: Node, notes: Notes) -> Understood:
    """Understand the tree of our YAML; :class:`UnreadableError` lists every problem."""
    reader = _Strict(notes)
    understood = reader.whole(root)
    reader.check_conditions(understood)
    if reader.problems:
        line, message = reader.problems[0]
        raise UnreadableError(message, line, tuple(reader.problems[:50]))
    return understood


class _Strict:
    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.problems: list[tuple[int, str]] = []
        self.keys: set[str] = set()
        self.section_keys: set[str] = set()
        self.lines: dict[str, int] = {}

    def wrong(self, line: int, key: str, message: str) -> None:
        self.problems.append((line, f"{key}: {message}"))

    def whole(self, root: Node) -> Understood:
        self.only(root, TOP, "questionnaire")
        if root.text("format") != FORMAT:
            self.wrong(self.line(root, "format"), "format", _("must be “%(format)s”.") % {"format": FORMAT})
        title = self.text(root, "title", required=True, limit=160)
        sections = tuple(
            self.section(node, f"sections[{at}]") for at, node in enumerate(self.list(root, "sections"), 1)
        )
        return Understood(title, "yaml", sections, ())

    def line(self, node: Node, key: str) -> int:
        member = node.get(key)
        return member.line if member is not None else node.line

    def only(self, node: Node, known: tuple[str, ...], where: str) -> None:
        if not isinstance(node.value, dict):
            self.wrong(node.line, where, _("must be a mapping, not %(kind)s.") % {"kind": node.kind})
        for key, member in node.items():
            if key not in known:
                self.wrong(
                    member.line,
                    f"{where}.{key}",
                    _("is not known. Known are: %(known)s.") % {"known": ", ".join(known)},
                )

    def text(self, node: Node, key: str, *, required: bool = False, limit: int = MAX_TEXT) -> str:
        member = node.get(key)
        if member is not None and isinstance(member.value, (dict, list)):
            self.wrong(member.line, key, _("must be text, not %(kind)s.") % {"kind": member.kind})
            return ""
        text = self.notes.prose(member.as_text(), member.line, form="plain") if member is not None else ""
        if required and not text:
            self.wrong(self.line(node, key), key, _("is missing."))
        if len(text) > limit:
            self.wrong(self.line(node, key), key, _("is longer than %(limit)d characters.") % {"limit": limit})
        return text[:limit]

    def list(self, node: Node, key: str, *, required: bool = True) -> list[Node]:
        member = node.get(key)
        if member is None:
            if required:
                self.wrong(node.line, key, _("is missing."))
            return []
        if not isinstance(member.value, list):
            self.wrong(member.line, key, _("must be a list, not %(kind)s.") % {"kind": member.kind})
        return member.elements()

    def number(self, node: Node, key: str, default: int | None) -> int | None:
        member = node.get(key)
        if member is None or member.value is None:
            return default
        if isinstance(member.value, int) and not isinstance(member.value, bool) and 0 <= member.value <= 100:
            return member.value
        self.wrong(member.line, key, _("must be a whole number from 0 to 100."))
        return default

    def flag(self, node: Node, key: str) -> bool:
        member = node.get(key)
        if member is None or member.value in (False, None, "no"):
            return False
        if member.value not in (True, "yes"):
            self.wrong(member.line, key, _("must be true or false."))
        return True

    def key(self, node: Node, taken: set[str]) -> str:
        key = node.text("key")
        line = self.line(node, "key")
        if not KEY.fullmatch(key) or key in RESERVED:
            self.wrong(
                line, "key", _("must be 1 to 80 letters, digits, “_”, “-” or “.”, and not a word of conditions.")
            )
        elif key in taken:
            self.wrong(line, "key", _("“%(key)s” is there twice.") % {"key": key})
        taken.add(key)
        return key

    def section(self, node: Node, where: str) -> SectionShape:
        self.only(node, SECTION, where)
        questions = self.list(node, "questions")
        if not questions and node.get("questions") is not None:
            self.wrong(node.line, f"{where}.questions", _("is empty."))
        return SectionShape(
            self.key(node, self.section_keys),
            self.text(node, "title", required=True, limit=300),
            self.text(node, "help"),
            self.number(node, "weight", 1) or 0,
            tuple(self.question(question, f"{where}.questions[{at}]") for at, question in enumerate(questions, 1)),
        )

    def question(self, node: Node, where: str) -> QuestionShape:
        self.only(node, QUESTION, where)
        kind = self.kind(node)
        key = self.key(node, self.keys)
        self.lines[key] = self.line(node, "shown_when")
        weight = self.number(node, "weight", 1)
        return QuestionShape(
            key=key,
            text=self.text(node, "text", required=True),
            kind=kind,
            help=self.text(node, "help"),
            heading=self.text(node, "heading", limit=300),
            choices=self.choices(node, kind),
            warnings=tuple(
                self.warning(inner, key, at) for at, inner in enumerate(self.list(node, "warnings", required=False), 1)
            ),
            weight=1 if weight is None else weight,
            required=self.flag(node, "required"),
            evidence_kind=self.evidence(node, kind),
            shown_when=self.text(node, "shown_when", limit=conditions.MAX_LENGTH),
            placeholder=self.text(node, "placeholder", limit=300),
            line=node.line,
        )

    def kind(self, node: Node) -> Kind:
        try:
            return Kind(node.text("kind"))
        except ValueError:
            known = ", ".join(kind.value for kind in Kind)
            self.wrong(self.line(node, "kind"), "kind", _("must be one of: %(known)s.") % {"known": known})
            return Kind.NOTE

    def choices(self, node: Node, kind: Kind) -> tuple[ChoiceShape, ...]:
        listed = self.list(node, "choices", required=False)
        line = self.line(node, "choices")
        if listed and not kind.has_choices:
            self.wrong(line, "choices", _("only go with single, several and yes_no."))
        if not listed:
            if kind in (Kind.SINGLE, Kind.SEVERAL):
                self.wrong(line, "choices", _("are missing."))
            return YES_NO if kind is Kind.YES_NO else ()
        if len(listed) > MAX_CHOICES:
            self.wrong(line, "choices", _("are more than %(limit)d.") % {"limit": MAX_CHOICES})
        taken: set[str] = set()
        return tuple(self.choice(choice, taken) for choice in listed[:MAX_CHOICES])

    def choice(self, node: Node, taken: set[str]) -> ChoiceShape:
        self.only(node, CHOICE, "choice")
        return ChoiceShape(
            self.key(node, taken),
            self.text(node, "label", required=True, limit=2_000),
            self.number(node, "score", None),
        )

    def warning(self, node: Node, question: str, at: int) -> WarningShape:
        self.only(node, WARNING, "warning")
        severity = node.text("severity")
        if severity and severity not in PENALTIES:
            known = ", ".join(PENALTIES)
            self.wrong(self.line(node, "severity"), "severity", _("must be one of: %(known)s.") % {"known": known})
        key = node.text("key")[:MAX_KEY] or f"{question[:70]}_w{at}"
        self.lines[f"{question} {key}"] = self.line(node, "when")
        return WarningShape(
            key=key,
            when=self.text(node, "when", required=True, limit=conditions.MAX_LENGTH),
            text=self.text(node, "text", required=True),
            name=self.text(node, "name", limit=300),
            severity=severity,
            ask=self.text(node, "ask", limit=2_000),
        )

    def evidence(self, node: Node, kind: Kind) -> str:
        evidence = node.text("evidence")
        if evidence and evidence not in EVIDENCE_KINDS:
            known = ", ".join(EVIDENCE_KINDS)
            self.wrong(self.line(node, "evidence"), "evidence", _("must be one of: %(known)s.") % {"known": known})
        return evidence or ("other" if kind is Kind.EVIDENCE else "")

    def check_conditions(self, understood: Understood) -> None:
        """Every condition must be understood and speak of questions and choices that are there."""
        known = {question.key: question for question in understood.questions()}
        for question in known.values():
            self.check(question.shown_when, known, self.lines.get(question.key, 0), "shown_when")
            for warning in question.warnings:
                self.check(warning.when, known, self.lines.get(f"{question.key} {warning.key}", 0), "when")

    def check(self, text: str, known: Mapping[str, QuestionShape], line: int, where: str) -> None:
        try:
            tests = conditions.tests(conditions.parse(text))
        except conditions.ConditionError as error:
            self.wrong(line, where, _("“%(text)s” is not understood: %(why)s.") % {"text": text[:80], "why": error})
            return
        for test in tests:
            about = known.get(test.key)
            if about is None:
                self.wrong(line, where, _("there is no question “%(key)s”.") % {"key": test.key[:80]})
            elif test.verb == "is" and about.kind.has_choices and about.choice(test.value) is None:
                self.wrong(
                    line, where,
                    _("“%(key)s” has no choice “%(value)s”.") % {"key": test.key[:80], "value": test.value[:80]},
                )  # fmt: skip


# --- writing ------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Long text as blocks, keys in our order, no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    if text.lower() in ("yes", "no", "on", "off", "y", "n"):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def write_own_yaml(understood: Understood) -> str:
    """The questionnaire as our YAML; reading it back gives the same questions."""
    content = {
        "format": FORMAT,
        "title": understood.title,
        "sections": [_section(section) for section in understood.sections],
    }
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _section(section: SectionShape) -> dict[str, Any]:
    return _kept(
        key=section.key, title=section.title, help=section.help, weight=section.weight,
        questions=[_question(question) for question in section.questions],
    )  # fmt: skip


def _question(question: QuestionShape) -> dict[str, Any]:
    return _kept(
        key=question.key,
        text=question.text,
        kind=question.kind.value,
        help=question.help,
        heading=question.heading,
        required=question.required,
        weight=None if question.weight == 1 else question.weight,
        evidence=question.evidence_kind,
        shown_when=question.shown_when,
        placeholder=question.placeholder,
        choices=[_kept(key=c.key, label=c.label, score=c.score) for c in question.choices],
        warnings=[
            _kept(key=w.key, when=w.when, severity=w.severity, name=w.name, text=w.text, ask=w.ask)
            for w in question.warnings
        ],
    )


def _kept(**members: Any) -> dict[str, Any]:
    """Without what is empty; 0 is not empty."""
    return {
        key: value
        for key, value in members.items()
        if value is not None and value is not False and value not in ("", [])
    }
