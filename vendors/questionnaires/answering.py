"""What counts as an answer: what was typed, made into a value or refused with what would do."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from vendors.questionnaires import conditions
from vendors.questionnaires.prose import UNSEEN
from vendors.questionnaires.shape import Kind, QuestionShape

MAX_LINE = 500
MAX_LONG = 20_000
MAX_COMMENT = 5_000
#: Ticked to say that none of several choices applies.
NONE_OF_THESE = "__none__"


class AnswerError(Exception):
    """An answer that does not do; its text says what would."""


def value_of(question: QuestionShape, raw: Sequence[str]) -> Any:
    """The value of what was typed or ticked (``raw``, as a form sends it); ``None`` when nothing was."""
    given = [piece.strip() for piece in raw if piece.strip()]
    if not given:
        return None
    if question.kind is Kind.SEVERAL:
        return _several(question, given)
    if len(given) > 1 and question.kind is not Kind.EVIDENCE:
        raise AnswerError(_("Only one answer can be given here."))
    return READERS[question.kind](question, given[0])


def _several(question: QuestionShape, given: list[str]) -> list[str]:
    if NONE_OF_THESE in given:
        if len(given) > 1:
            raise AnswerError(_("“None of these” cannot go with another choice. Untick one of them."))
        return []
    for key in given:
        _choice(question, key)
    return [choice.key for choice in question.choices if choice.key in given]


def _choice(question: QuestionShape, key: str) -> str:
    if question.choice(key) is None:
        labels = ", ".join(f"“{choice.label[:60]}”" for choice in question.choices[:6])
        raise AnswerError(
            _("“%(given)s” is not one of the choices: %(labels)s.") % {"given": key[:80], "labels": labels}
        )
    return key


def _line(question: QuestionShape, text: str) -> str:
    return _within(" ".join(text.split()), MAX_LINE)


def _long(question: QuestionShape, text: str) -> str:
    return _within(text.replace("\r\n", "\n"), MAX_LONG)


def _within(text: str, limit: int) -> str:
    text = UNSEEN.sub("", text)
    if len(text) > limit:
        raise AnswerError(
            _("This is %(length)d characters long; %(limit)d are kept here. Shorten it or attach a document.")
            % {"length": len(text), "limit": limit}
        )
    return text


def _number(question: QuestionShape, text: str) -> str:
    plain = re.sub(r"(?<=\d)[ \u00a0'](?=\d{3})", "", text).replace(",", ".")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or len(plain) > 30 or abs(number) >= Decimal(10) ** 18:
        raise AnswerError(_("Give a number, such as 30 or 99.9."))
    return format(number.normalize(), "f")


def _date(question: QuestionShape, text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise AnswerError(_("Give a date as year-month-day, such as 2026-11-22.")) from error


def _note(question: QuestionShape, text: str) -> str:
    raise AnswerError(_("Nothing is asked here."))


READERS = {
    Kind.SINGLE: _choice,
    Kind.YES_NO: _choice,
    Kind.TEXT: _line,
    Kind.LONG_TEXT: _long,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.EVIDENCE: _long,
    Kind.NOTE: _note,
}


def comment_of(raw: str) -> str:
    """A comment as it is kept."""
    return _within(raw.strip().replace("\r\n", "\n"), MAX_COMMENT)


def shown_keys(questions: Iterable[QuestionShape], answers: Mapping[str, Any]) -> set[str]:
    """The keys of the questions that are shown for ``answers`` (key to value)."""
    known = {question.key: _parsed(question.shown_when) for question in questions}
    return conditions.visible(known, answers)


def _parsed(text: str) -> conditions.Condition:
    try:
        return conditions.parse(text)
    except conditions.ConditionError:  # kept from an import that was stricter or laxer than we are now
        return conditions.ALWAYS


def is_answered(value: Any) -> bool:
    """Whether there is an answer; "none of these" is one."""
    return value is not None and value != ""


def in_words(question: QuestionShape, value: Any) -> str:
    """An answer as a person reads it."""
    if not is_answered(value):
        return ""
    if value == []:
        return _("None of these")
    keys = value if isinstance(value, list) else [value]
    if not question.kind.has_choices:
        return str(value)
    labels = (question.choice(key) for key in keys)
    return "; ".join(choice.label if choice else str(key) for choice, key in zip(labels, keys, strict=True))


def missing(questions: Iterable[QuestionShape], answers: Mapping[str, Any]) -> list[QuestionShape]:
    """The required questions that are shown and not answered, in order."""
    asked = list(questions)
    shown = shown_keys(asked, answers)
    return [
        question
        for question in asked
        if question.required
        and question.answerable
        and question.key in shown
        and not is_answered(answers.get(question.key))
    ]
