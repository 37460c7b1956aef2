"""What changed from one version of a questionnaire to the next."""

from __future__ import annotations

from dataclasses import dataclass

from vendors.questionnaires.shape import QuestionShape, Understood, question_json


@dataclass(frozen=True, slots=True)
class ChangedQuestion:
    """A question that is in both versions, and which of its parts differ."""

    before: QuestionShape
    after: QuestionShape
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Questions added, removed and changed, each in the order of its own version."""

    added: tuple[QuestionShape, ...]
    removed: tuple[QuestionShape, ...]
    changed: tuple[ChangedQuestion, ...]
    same: int

    @property
    def is_empty(self) -> bool:
        """Whether both ask exactly the same."""
        return not (self.added or self.removed or self.changed)


def difference(before: Understood, after: Understood) -> Difference:
    """Compare two versions by their questions' keys."""
    old = {question.key: question for question in before.questions()}
    new = {question.key: question for question in after.questions()}
    changed = [
        ChangedQuestion(old[key], question, parts)
        for key, question in new.items()
        if key in old and (parts := _parts(old[key], question))
    ]
    added = tuple(question for key, question in new.items() if key not in old)
    removed = tuple(question for key, question in old.items() if key not in new)
    return Difference(added, removed, tuple(changed), len(new) - len(added) - len(changed))


def _parts(before: QuestionShape, after: QuestionShape) -> tuple[str, ...]:
    old, new = question_json(before), question_json(after)
    return tuple(part.replace("_", " ") for part in old if part != "line" and old[part] != new[part])
