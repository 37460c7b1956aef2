"""Answers are saved as they are given: good ones kept, bad ones refused at their field."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import NotFoundError, StateError
from governance.canonical import canonical, digest
from vendors.models import Answer, Assessment, Question, RespondentLink
from vendors.queries.answers import Book, answer_book, documents_of
from vendors.questionnaires.answering import AnswerError, comment_of, in_words, value_of
from vendors.questionnaires.scoring import Score
from vendors.services.drafting import lock_assessment, lock_draft, refuse_unless_editable


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed for one question; ``None`` leaves a part as it is.

    ``seen``: :func:`seen_digest` of what the page showed, or empty.
    """

    raw: Sequence[str] | None = ()
    comment: str | None = None
    seen: str = ""


@dataclass(slots=True)
class SaveOutcome:
    """What became of each answer, by question key. ``refused`` says what would do."""

    saved: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    at: dt.datetime | None = None


def seen_digest(answer: Answer | None) -> str:
    """A short mark of what is stored, put on the page to notice that somebody else changed it meanwhile."""
    return digest(canonical([answer.value, answer.comment] if answer else [None, ""]))[:16]


def save_answers(
    *, actor: Actor, assessment_id: uuid.UUID, answers: Mapping[str, Given], section: str | None = None
) -> SaveOutcome:
    """Save the answers (by question key) that are good and differ; give back which are refused, and why.

    For an analyst (who then never signs the assessment, I08) or the vendor's respondent with a live link.
    ``section`` leaves out questions of other sections. An answer somebody else changed since the page was
    shown is refused, not overwritten. :class:`StateError` when the assessment is submitted or decided.
    """
    outcome = SaveOutcome(at=timezone.now())
    try:
        with audited(
            actor, "vendors.answers.saved", subject_kind="vendors.assessment", subject_id=assessment_id
        ) as change:
            assessment = lock_for_answers(actor, assessment_id)
            book = answer_book(assessment)
            if book.questionnaire is None:
                raise StateError(_("Choose a questionnaire first."))
            found = (_changed(book, key, given, section, actor, outcome) for key, given in answers.items())
            rows = [row for row in found if row is not None]
            if not rows:
                raise _NothingToSaveError
            write_answers(rows, assessment, actor, outcome.at or timezone.now())
            change.details = _told(rows)
    except _NothingToSaveError:
        return outcome
    return outcome


class _NothingToSaveError(Exception):
    """Leaves no event where nothing happened."""


def _told(rows: list[Answer]) -> dict[str, Any]:
    """What the event says: which questions, and a digest of what was answered."""
    return {
        "questions": [str(row.question_id) for row in rows[:100]],
        "count": len(rows),
        "values": digest(canonical([[str(row.question_id), row.value, row.comment] for row in rows])),
    }


def lock_for_answers(actor: Actor, assessment_id: uuid.UUID) -> Assessment:
    """The assessment under lock, for an analyst or the respondent of a live link; refuses when it is not theirs now."""
    if actor.kind != "respondent":
        return lock_draft(actor=actor, assessment_id=assessment_id)
    link = RespondentLink.objects.filter(pk=actor.id, assessment_id=assessment_id).first()
    if link is None or not link.is_live:
        raise NotFoundError(_("This link has ended."))
    assessment = lock_assessment(assessment_id)
    refuse_unless_editable(assessment)
    if assessment.state != Assessment.State.AWAITING_VENDOR:
        raise StateError(_("The questionnaire was taken back and is being read. Ask for it to be opened again."))
    return assessment


def _changed(
    book: Book, key: str, given: Given, section: str | None, actor: Actor, outcome: SaveOutcome
) -> Answer | None:
    """The row to write for one question, or ``None`` when it is unchanged, refused, or asked elsewhere."""
    question = book.by_key.get(key)
    if question is None:
        outcome.refused[key] = _("There is no such question.")
        return None
    stored = book.answers.get(key)
    if section is not None and section not in {s.key for s in book.sections if s.id == question.section_id}:
        return None
    try:
        kept = stored.value if stored else None
        value = kept if given.raw is None else value_of(book.shapes[key], given.raw)
        comment = comment_of(given.comment) if given.comment is not None else (stored.comment if stored else "")
    except AnswerError as error:
        outcome.refused[key] = str(error)
        return None
    row = Answer(question=question, value=value, comment=comment)
    if seen_digest(row) in (seen_digest(stored), given.seen):  # as stored, or not touched on the page
        outcome.unchanged.append(key)
        return None
    if given.seen and given.seen != seen_digest(stored) and stored and _by_another(stored, actor):
        outcome.refused[key] = _conflict(book, key, stored)
        return None
    outcome.saved.append(key)
    return row


def _by_another(stored: Answer, actor: Actor) -> bool:
    return actor.id not in (stored.answered_by_id, stored.answered_through_id)


def _conflict(book: Book, key: str, stored: Answer) -> str:
    question = book.by_key[key]
    return _("%(who)s answered this at %(time)s (UTC): “%(answer)s”. Save again to replace it.") % {
        "who": stored.answered_by or stored.answered_through,
        "time": stored.answered_at.strftime("%H:%M"),
        "answer": (in_words(question.shape, stored.value) or stored.comment)[:200],
    }


def write_answers(rows: list[Answer], assessment: Assessment, actor: Actor, at: dt.datetime) -> None:
    """Store answers, in the actor's name, inside the caller's audited change."""
    for row in rows:
        row.assessment = assessment
        row.answered_at = at
        row.answered_by_id = None if actor.kind == "respondent" else actor.id
        row.answered_through_id = actor.id if actor.kind == "respondent" else None
    Answer.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["assessment", "question"],
        update_fields=["value", "comment", "answered_at", "answered_by", "answered_through"],
    )


def missing_answers(assessment: Assessment) -> list[Question]:
    """Required questions that are shown for the answers so far and not answered, in order (I20)."""
    return answer_book(assessment).missing()


def score_assessment(assessment: Assessment) -> Score:
    """The assessment's answers, scored as docs/questionnaires.md says."""
    return answer_book(assessment).score()


def answers_snapshot(assessment: Assessment) -> dict[str, Any]:
    """What is signed of the answers: the questionnaire's version and each shown answer, as canonical JSON can hold."""
    book = answer_book(assessment)
    if book.questionnaire is None:
        return {}
    shown = book.shown()
    documents: dict[str, list[str]] = {}
    for row in documents_of(assessment):
        documents.setdefault(row.question.key, []).append(row.evidence.digest)
    return {
        "questionnaire": {
            "name": book.questionnaire.name,
            "version": book.questionnaire.version,
            "digest": book.questionnaire.content_digest,
        },
        "answers": {
            key: {"value": answer.value, "comment": answer.comment}
            for key, answer in sorted(book.answers.items())
            if key in shown
        },
        "documents": {key: sorted(digests) for key, digests in sorted(documents.items()) if key in shown},
    }
