"""What a questionnaire is, whatever file it came from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MAX_QUESTIONS = 2_000
MAX_SECTIONS = 200
MAX_CHOICES = 200
MAX_TEXT = 10_000
MAX_DEPTH = 60
MAX_KEY = 80

#: Kinds of evidence a question may ask for.
EVIDENCE_KINDS = ("soc2_type2", "iso27001", "iso42001", "pentest", "dpa", "zdr", "architecture", "other")

#: What a fired warning takes off its question's score.
PENALTIES = {"critical": 100, "high": 60, "medium": 30, "low": 10}


class Kind(Enum):
    """How a question is answered."""

    SINGLE = "single"
    SEVERAL = "several"
    YES_NO = "yes_no"
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    DATE = "date"
    EVIDENCE = "evidence"
    NOTE = "note"

    @property
    def word(self) -> str | Promise:
        """The kind as a person reads it."""
        return WORDS[self]

    @property
    def has_choices(self) -> bool:
        """Whether it is answered by choosing."""
        return self in (Kind.SINGLE, Kind.SEVERAL, Kind.YES_NO)


WORDS: dict[Kind, Promise] = {
    Kind.SINGLE: _("one choice"),
    Kind.SEVERAL: _("several choices"),
    Kind.YES_NO: _("yes or no"),
    Kind.TEXT: _("a line of text"),
    Kind.LONG_TEXT: _("text"),
    Kind.NUMBER: _("a number"),
    Kind.DATE: _("a date"),
    Kind.EVIDENCE: _("evidence"),
    Kind.NOTE: _("a note"),
}


@dataclass(frozen=True, slots=True)
class ChoiceShape:
    """One choice. ``score`` 0 (worst) to 100 (best); ``None``: it says nothing about risk."""

    key: str
    label: str
    score: int | None = None


@dataclass(frozen=True, slots=True)
class WarningShape:
    """A bad answer's consequence: fires when ``when`` holds, costs its severity's penalty.

    ``ask`` is what the respondent is asked to explain; ``severity`` is one of :data:`PENALTIES`
    or empty for advice that costs nothing.
    """

    key: str
    when: str
    text: str
    name: str = ""
    severity: str = ""
    ask: str = ""

    @property
    def penalty(self) -> int:
        """What it takes off the question's score."""
        return PENALTIES.get(self.severity, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionShape:
    """One question."""

    key: str
    text: str
    kind: Kind
    help: str = ""
    heading: str = ""
    choices: tuple[ChoiceShape, ...] = ()
    warnings: tuple[WarningShape, ...] = ()
    weight: int = 1
    required: bool = False
    evidence_kind: str = ""
    shown_when: str = ""
    placeholder: str = ""
    line: int = field(default=0, compare=False)

    @property
    def label(self) -> str:
        """The question in a few words: its last sentence that asks, else its beginning."""
        asks = re.findall(r"[^.?!\n]*\?", self.text)
        words = (asks[-1] if asks else self.text.strip().split("\n")[0]).strip()
        return words if len(words) <= 90 else words[:87].rsplit(" ", 1)[0] + "…"

    @property
    def answerable(self) -> bool:
        """Whether anybody is asked for anything."""
        return self.kind is not Kind.NOTE

    def choice(self, key: object) -> ChoiceShape | None:
        """The choice with this key."""
        return next((choice for choice in self.choices if choice.key == key), None)


@dataclass(frozen=True, slots=True)
class SectionShape:
    """A part of a questionnaire; ``weight`` 0 to 100 is its share of the total."""

    key: str
    title: str
    help: str = ""
    weight: int = 1
    questions: tuple[QuestionShape, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """What happened to line ``line`` (0: the file as a whole). ``outcome``: changed, skipped or doubtful."""

    line: int
    outcome: str
    text: str


@dataclass(frozen=True, slots=True)
class Understood:
    """What was understood of a file."""

    title: str
    source_format: str
    sections: tuple[SectionShape, ...]
    remarks: tuple[Remark, ...] = ()

    def questions(self) -> Iterator[QuestionShape]:
        """Every question, in order."""
        for section in self.sections:
            yield from section.questions


def as_json(understood: Understood) -> dict[str, Any]:
    """The sections and questions as plain JSON (without the remarks)."""
    return {
        "title": understood.title,
        "source_format": understood.source_format,
        "sections": [_section_json(section) for section in understood.sections],
    }


def _section_json(section: SectionShape) -> dict[str, Any]:
    return {
        "key": section.key,
        "title": section.title,
        "help": section.help,
        "weight": section.weight,
        "questions": [question_json(question) for question in section.questions],
    }


def question_json(question: QuestionShape) -> dict[str, Any]:
    """One question as plain JSON."""
    return {**asdict(question), "kind": question.kind.value}


def from_json(content: dict[str, Any], remarks: list[dict[str, Any]] | None = None) -> Understood:
    """The reverse of :func:`as_json`."""
    return Understood(
        title=content["title"],
        source_format=content["source_format"],
        sections=tuple(_section_from(section) for section in content["sections"]),
        remarks=tuple(Remark(**remark) for remark in remarks or []),
    )


def _section_from(content: dict[str, Any]) -> SectionShape:
    questions = tuple(_question_from(question) for question in content["questions"])
    return SectionShape(content["key"], content["title"], content["help"], content["weight"], questions)


def _question_from(content: dict[str, Any]) -> QuestionShape:
    return QuestionShape(
        **{
            **content,
            "kind": Kind(content["kind"]),
            "choices": tuple(ChoiceShape(**choice) for choice in content["choices"]),
            "warnings": tuple(WarningShape(**warning) for warning in content["warnings"]),
        }
    )
