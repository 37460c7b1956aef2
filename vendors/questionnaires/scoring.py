"""Scores, as docs/questionnaires.md says in words. Pure: shapes and answers in, numbers out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from vendors.questionnaires import conditions
from vendors.questionnaires.answering import in_words, is_answered, shown_keys
from vendors.questionnaires.shape import QuestionShape, SectionShape, WarningShape

#: A chosen score at or below which a finding of this severity is suggested, worst first.
FINDING_AT = ((0, "high"), (50, "medium"))


@dataclass(frozen=True, slots=True)
class SuggestedFinding:
    """A finding that an answer suggests; ``explanation`` is what the respondent said about it."""

    severity: str
    title: str
    text: str
    question_key: str
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class QuestionScore:
    """One question: ``score`` 0 to 100, or ``None`` when it is hidden, unanswered or not scored."""

    key: str
    shown: bool
    answered: bool
    score: int | None
    fired: tuple[WarningShape, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionScore:
    """One section: its score, and how many of its shown questions are answered."""

    key: str
    title: str
    weight: int
    score: float | None
    shown: int
    answered: int
    missing: int
    questions: tuple[QuestionScore, ...]

    @property
    def share(self) -> int:
        """Answered questions of those shown, in percent."""
        return 100 if not self.shown else int(100 * self.answered / self.shown)


@dataclass(frozen=True, slots=True)
class Score:
    """The whole: ``total`` 0 to 100 (``None`` while nothing scored is answered), ``answered_share`` 0 to 1."""

    total: float | None
    answered_share: float
    shown: int
    answered: int
    missing: int
    sections: tuple[SectionScore, ...]
    findings: tuple[SuggestedFinding, ...]

    def question(self, key: str) -> QuestionScore | None:
        """The score of one question."""
        return next(
            (question for section in self.sections for question in section.questions if question.key == key), None
        )


def score(
    sections: Sequence[SectionShape], answers: Mapping[str, Any], comments: Mapping[str, str] | None = None
) -> Score:
    """Score ``answers`` (key to value) to ``sections``; ``comments`` become the findings' explanations."""
    everything = [question for section in sections for question in section.questions]
    shown = shown_keys(everything, answers)
    scored = tuple(_section(section, answers, shown) for section in sections)
    count, answered = sum(part.shown for part in scored), sum(part.answered for part in scored)
    return Score(
        total=_mean((part.score, part.weight) for part in scored),
        answered_share=answered / count if count else 1.0,
        shown=count,
        answered=answered,
        missing=sum(part.missing for part in scored),
        sections=scored,
        findings=_findings(everything, scored, answers, comments or {}),
    )


def _mean(pairs: Iterable[tuple[float | None, int]]) -> float | None:
    """The weighted mean of what has a score and a weight."""
    kept = [(value, weight) for value, weight in pairs if value is not None and weight]
    return (
        round(sum(value * weight for value, weight in kept) / sum(weight for _value, weight in kept), 1)
        if kept
        else None
    )


def _section(section: SectionShape, answers: Mapping[str, Any], shown: set[str]) -> SectionScore:
    questions = [question for question in section.questions if question.answerable]
    scores = tuple(_question(question, answers, shown) for question in questions)
    weighed = zip(scores, questions, strict=True)
    return SectionScore(
        key=section.key,
        title=section.title,
        weight=section.weight,
        score=_mean((one.score, question.weight) for one, question in weighed),
        shown=sum(one.shown for one in scores),
        answered=sum(one.shown and one.answered for one in scores),
        missing=sum(
            one.shown and not one.answered and question.required
            for one, question in zip(scores, questions, strict=True)
        ),
        questions=scores,
    )


def _question(question: QuestionShape, answers: Mapping[str, Any], shown: set[str]) -> QuestionScore:
    value = answers.get(question.key)
    is_shown, answered = question.key in shown, is_answered(value)
    if not is_shown or not answered:
        return QuestionScore(question.key, is_shown, answered, None)
    fired = tuple(warning for warning in question.warnings if fires(warning, answers, shown))
    base = _base(question, value)
    if base is None and not any(warning.penalty for warning in question.warnings):
        return QuestionScore(question.key, True, True, None, fired)
    points = (100 if base is None else base) - sum(warning.penalty for warning in fired)
    return QuestionScore(question.key, True, True, max(0, points), fired)


def fires(warning: WarningShape, answers: Mapping[str, Any], shown: set[str]) -> bool:
    """Whether a warning's condition holds."""
    try:
        return conditions.holds(conditions.parse(warning.when), answers, shown.__contains__)
    except conditions.ConditionError:
        return False


def _base(question: QuestionShape, value: Any) -> int | None:
    """What the choice is worth by itself: the one chosen, or the sum of several, at most 100."""
    keys = value if isinstance(value, list) else [value]
    chosen = [choice.score for key in keys if (choice := question.choice(key)) is not None and choice.score is not None]
    if chosen:
        return min(100, sum(chosen))
    unscored = all(choice.score is None for choice in question.choices)
    return None if unscored or not isinstance(value, list) else 0


def _findings(
    questions: Iterable[QuestionShape],
    sections: Iterable[SectionScore],
    answers: Mapping[str, Any],
    comments: Mapping[str, str],
) -> tuple[SuggestedFinding, ...]:
    known = {question.key: question for question in questions}
    found = []
    for one in (one for section in sections for one in section.questions):
        question, explanation = known[one.key], comments.get(one.key, "")
        warned = [warning for warning in one.fired if warning.severity]
        found += [
            SuggestedFinding(warning.severity, warning.name or question.label, warning.text, one.key, explanation)
            for warning in warned
        ]
        severity = next((severity for at, severity in FINDING_AT if one.score is not None and one.score <= at), None)
        if severity and not warned:
            text = _("Answered: %(answer)s") % {"answer": in_words(question, answers.get(one.key))}
            found.append(SuggestedFinding(severity, question.label, text, one.key, explanation))
    order = ("critical", "high", "medium", "low")
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))
