"""Questionnaire files are read, and imported as versions that never change."""

from __future__ import annotations

import hashlib
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import asdict, replace

from django.db import IntegrityError
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, NotFoundError, StateError
from governance.authority import Right, require
from governance.canonical import canonical, digest
from vendors.models import Question, Questionnaire, QuestionnaireUpload, Section
from vendors.questionnaires.located import UnreadableError
from vendors.questionnaires.reading import read_questionnaire, remark_lines
from vendors.questionnaires.shape import Kind, QuestionShape, SectionShape, as_json, from_json

#: Which questions need an answer: those the file marks, every choice, or every question.
REQUIRED = ("marked", "choices", "all")


def upload_questionnaire(*, actor: Actor, content: bytes, file_name: str) -> QuestionnaireUpload:
    """Read a questionnaire file and keep what was understood, to be looked at before it is imported.

    A file that cannot be read is refused with every line at fault, on the field ``file``.
    """
    require(actor, Right.DRAFT_ASSESSMENT)
    name = _plain_name(file_name)
    try:
        understood = read_questionnaire(content, name)
    except UnreadableError as error:
        places = [_at_line(line, message) for line, message in error.problems[:10]]
        raise InvalidInputError(" ".join(places), field="file") from error
    with audited(actor, "vendors.questionnaire.uploaded", subject_kind="vendors.questionnaire_upload") as change:
        row = QuestionnaireUpload(
            id=change.subject_id,
            file_name=name,
            source_format=understood.source_format,
            digest=hashlib.sha256(content).hexdigest(),
            size=len(content),
            understood=as_json(understood),
            remarks=remark_lines(understood.remarks),
            uploaded_by_id=actor.id,
        )
        row.save()
        change.details = {"digest": row.digest, "format": row.source_format, "remarks": len(row.remarks)}
        return row


def _at_line(line: int, message: str) -> str:
    return _("Line %(line)d: %(message)s") % {"line": line, "message": message} if line else message


def _plain_name(file_name: str) -> str:
    name = "".join(sign for sign in file_name if unicodedata.category(sign)[0] != "C").replace("\\", "/")
    return name.rsplit("/", 1)[-1].strip()[-200:] or "questionnaire"


def set_aside_upload(*, actor: Actor, upload_id: uuid.UUID) -> None:
    """Forget a file that was read and is not wanted; one that was imported stays."""
    with audited(
        actor, "vendors.questionnaire.set_aside", subject_kind="vendors.questionnaire_upload", subject_id=upload_id
    ) as change:
        require(actor, Right.DRAFT_ASSESSMENT)
        row = _lock_upload(upload_id)
        change.details = {"digest": row.digest}
        row.delete()


def _lock_upload(upload_id: uuid.UUID) -> QuestionnaireUpload:
    rows = QuestionnaireUpload.objects.select_for_update()
    row: QuestionnaireUpload | None = rows.filter(pk=upload_id).first()
    if row is None:
        raise NotFoundError(_("There is no such file. It may have been set aside."))
    if Questionnaire.objects.filter(upload=row).exists():
        raise StateError(_("This file is imported already."))
    return row


def import_questionnaire(
    *,
    actor: Actor,
    upload_id: uuid.UUID,
    name: str,
    weights: Mapping[str, int] | None = None,
    required: str = "choices",
) -> Questionnaire:
    """Publish what was understood of a file as the next version of ``name``; it never changes after that.

    ``weights`` (0 to 100) by section key; ``required`` is one of :data:`REQUIRED`.
    Refused when it asks exactly what the last version asks.
    """
    try:
        with audited(actor, "vendors.questionnaire.imported", subject_kind="vendors.questionnaire") as change:
            require(actor, Right.DRAFT_ASSESSMENT)
            upload = _lock_upload(upload_id)
            sections = _weighed(from_json(upload.understood).sections, weights or {}, required)
            row = _questionnaire(change.subject_id, actor, upload, _checked_name(name), sections)
            change.witness(row)
            _write_sections(row, sections)
            change.details = {"version": row.version, "digest": row.digest, "questions": row.question_count}
            return row
    except IntegrityError as error:
        raise StateError(_("Somebody imported a version of this name at the same moment. Look at it first.")) from error


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise InvalidInputError(_("Give the questionnaire a name."), field="name")
    if len(name) > 160:
        raise InvalidInputError(_("A name has at most 160 characters."), field="name")
    return name


def _questionnaire(
    row_id: uuid.UUID, actor: Actor, upload: QuestionnaireUpload, name: str, sections: tuple[SectionShape, ...]
) -> Questionnaire:
    last = Questionnaire.objects.filter(name__iexact=name).order_by("-version").first()
    content = digest(canonical(_content(sections)))
    if last is not None and last.content_digest == content:
        raise InvalidInputError(
            _("This asks exactly what version %(version)d asks. There is nothing to import.")
            % {"version": last.version},
            field="name",
        )
    return Questionnaire(
        id=row_id,
        name=last.name if last else name,
        version=last.version + 1 if last else 1,
        source_format=upload.source_format,
        digest=upload.digest,
        content_digest=content,
        upload=upload,
        question_count=sum(question.answerable for section in sections for question in section.questions),
        published_by_id=actor.id,
    )


def _content(sections: tuple[SectionShape, ...]) -> list[object]:
    """What a version is: its sections and questions, without the lines of the file they came from."""
    return [
        {**asdict(section), "questions": [{**asdict(q), "kind": q.kind.value, "line": 0} for q in section.questions]}
        for section in sections
    ]


def _weighed(sections: tuple[SectionShape, ...], weights: Mapping[str, int], required: str) -> tuple[SectionShape, ...]:
    if required not in REQUIRED:
        raise InvalidInputError(_("Choose which questions need an answer."), field="required")
    for key, weight in weights.items():
        if not 0 <= weight <= 100:
            raise InvalidInputError(_("A weight is a whole number from 0 to 100."), field=f"weight-{key}")
    return tuple(
        replace(
            section,
            weight=weights.get(section.key, section.weight),
            questions=tuple(replace(q, required=_needs_answer(q, required)) for q in section.questions),
        )
        for section in sections
    )


def _needs_answer(question: QuestionShape, required: str) -> bool:
    asked = question.kind in (Kind.SINGLE, Kind.YES_NO) if required == "choices" else required == "all"
    return question.answerable and (question.required or asked)


def _write_sections(questionnaire: Questionnaire, sections: tuple[SectionShape, ...]) -> None:
    rows = [
        Section(
            questionnaire=questionnaire, position=at, key=shape.key, title=shape.title, help=shape.help,
            weight=shape.weight,
        )
        for at, shape in enumerate(sections, 1)
    ]  # fmt: skip
    Section.objects.bulk_create(rows)
    pairs = [(row, question) for row, shape in zip(rows, sections, strict=True) for question in shape.questions]
    Question.objects.bulk_create(
        (_question(questionnaire, row, at, shape) for at, (row, shape) in enumerate(pairs, 1)), batch_size=100
    )


def _question(questionnaire: Questionnaire, section: Section, position: int, shape: QuestionShape) -> Question:
    return Question(
        questionnaire=questionnaire,
        section=section,
        position=position,
        key=shape.key,
        heading=shape.heading,
        text=shape.text,
        help=shape.help,
        kind=shape.kind.value,
        choices=[asdict(choice) for choice in shape.choices],
        warnings=[asdict(warning) for warning in shape.warnings],
        weight=shape.weight,
        required=shape.required,
        evidence_kind=shape.evidence_kind,
        shown_when=shape.shown_when,
        placeholder=shape.placeholder,
    )
