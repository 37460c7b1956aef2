"""A questionnaire with one assessment's answers, in three queries."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from vendors.models import Answer, AnswerDocument, Assessment, Question, Questionnaire, Section
from vendors.questionnaires.answering import is_answered, missing, shown_keys
from vendors.questionnaires.scoring import Score, score
from vendors.questionnaires.shape import QuestionShape, SectionShape, Understood


@dataclass
class Book:
    """A questionnaire's sections and questions, and the answers given so far (none without an assessment)."""

    questionnaire: Questionnaire | None
    sections: list[Section]
    questions: list[Question]
    answers: dict[str, Answer] = field(default_factory=dict)

    @cached_property
    def shapes(self) -> dict[str, QuestionShape]:
        """Each question as the pure functions read it, by key, in order."""
        return {question.key: question.shape for question in self.questions}

    @cached_property
    def by_key(self) -> dict[str, Question]:
        """Each question by its key."""
        return {question.key: question for question in self.questions}

    @cached_property
    def section_shapes(self) -> list[SectionShape]:
        """Each section with its questions."""
        inside: dict[uuid.UUID, list[QuestionShape]] = {section.id: [] for section in self.sections}
        for question in self.questions:
            inside[question.section_id].append(self.shapes[question.key])
        return [section.shape(tuple(inside[section.id])) for section in self.sections]

    @property
    def values(self) -> dict[str, Any]:
        """Answers' values by question key."""
        return {key: answer.value for key, answer in self.answers.items()}

    @property
    def comments(self) -> dict[str, str]:
        """Answers' comments by question key."""
        return {key: answer.comment for key, answer in self.answers.items() if answer.comment}

    def shown(self) -> set[str]:
        """The keys of the questions that are shown now."""
        return shown_keys(self.shapes.values(), self.values)

    def missing(self) -> list[Question]:
        """Required questions that are shown and not answered."""
        return [self.by_key[question.key] for question in missing(self.shapes.values(), self.values)]

    def score(self) -> Score:
        """Scored as it stands."""
        return score(self.section_shapes, self.values, self.comments)

    def unanswered(self) -> list[Question]:
        """Every question that is shown and not answered, required ones first to be met in order."""
        shown, values = self.shown(), self.values
        return [
            question
            for question in self.questions
            if question.key in shown
            and self.shapes[question.key].answerable
            and not is_answered(values.get(question.key))
        ]

    @property
    def understood(self) -> Understood:
        """As an importer would have given it."""
        row = self.questionnaire
        return Understood(row.name if row else "", row.source_format if row else "", tuple(self.section_shapes))


def questionnaire_book(questionnaire: Questionnaire) -> Book:
    """A questionnaire without answers."""
    sections = list(Section.objects.filter(questionnaire=questionnaire).order_by("position"))
    questions = list(Question.objects.filter(questionnaire=questionnaire).order_by("position"))
    return Book(questionnaire, sections, questions)


def answer_book(assessment: Assessment) -> Book:
    """The assessment's questionnaire with its answers; empty while none is chosen."""
    if assessment.questionnaire_id is None or assessment.questionnaire is None:
        return Book(None, [], [])
    book = questionnaire_book(assessment.questionnaire)
    keys = {question.id: question.key for question in book.questions}
    rows = Answer.objects.filter(assessment=assessment).select_related("answered_by", "answered_through")
    book.answers = {keys[row.question_id]: row for row in rows if row.question_id in keys}
    return book


def documents_of(assessment: Assessment, key: str = "") -> list[AnswerDocument]:
    """The documents beside the answers (or beside one, by its question's key), oldest first."""
    rows = AnswerDocument.objects.filter(assessment=assessment).select_related("question", "evidence")
    return list(rows.filter(question__key=key) if key else rows)
