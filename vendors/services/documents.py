"""Documents beside answers: evidence on file, or a file an analyst or the vendor's respondent sends."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Count, Sum
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, NotFoundError, StateError
from governance.models import Evidence
from governance.services.evidence import add_evidence
from governance.services.received_evidence import accept_from_outside, receive_evidence
from governance.services.uploads import HeldUpload, hold_upload
from vendors.models import Answer, AnswerDocument, Assessment, Question
from vendors.questionnaires.shape import Kind
from vendors.services.answers import lock_for_answers, write_answers

#: What one link may send altogether.
MOST_FILES = 20
MOST_BYTES = 200 * 2**20


def attach_document(
    *, actor: Actor, assessment_id: uuid.UUID, key: str, file: Any = None, evidence_id: uuid.UUID | None = None
) -> AnswerDocument:
    """Put a document beside the answer to question ``key`` (of kind evidence).

    ``evidence_id``: evidence on file, for analysts only; else ``file``, which becomes evidence of
    kind “something else” in quarantine. A link sends at most :data:`MOST_FILES` files and
    :data:`MOST_BYTES` together. A question without words is answered with the file's name. Raises
    :class:`InvalidInputError` on ``file`` or ``evidence``, :class:`NotFoundError`, :class:`StateError`.
    """
    refuse_over_limit(actor, 0)
    upload = None if evidence_id else accept(actor, file)
    with audited(
        actor, "vendors.answers.document_attached", subject_kind="vendors.assessment", subject_id=assessment_id
    ) as change:
        assessment = lock_for_answers(actor, assessment_id)
        question = evidence_question(assessment, key)
        if upload is not None:
            refuse_over_limit(actor, upload.size)
            evidence = _kept(actor, assessment, question, upload)
        else:
            evidence = _on_file(actor, evidence_id)
        document = _document(actor, assessment, question, evidence, upload.name if upload else evidence.name)
        _answer_with_name(actor, assessment, question, document.name)
        change.details = {"question": str(question.id), "evidence": str(evidence.id), "digest": evidence.digest}
        return document


def accept(actor: Actor, file: Any) -> HeldUpload:
    """Inspect the file before anything is locked."""
    if file is None:
        raise InvalidInputError(_("Choose a file."), field="file")
    if actor.kind == "respondent":
        return accept_from_outside(actor=actor, file=file)
    return hold_upload(actor=actor, file=file)


def refuse_over_limit(actor: Actor, more: int) -> None:
    """What one link may send, with ``more`` bytes to come; analysts have no limit of this kind."""
    if actor.kind != "respondent":
        return
    sent = AnswerDocument.objects.filter(attached_through_id=actor.id).aggregate(count=Count("pk"), size=Sum("size"))
    if sent["count"] >= MOST_FILES:
        raise InvalidInputError(
            _("This link has sent %(most)d files, the most it may. Take one off, or put several into one ZIP.")
            % {"most": MOST_FILES},
            field="file",
        )
    if (sent["size"] or 0) + more > MOST_BYTES:
        raise InvalidInputError(
            _("This link may send %(most)s altogether, and this file would exceed it.")
            % {"most": filesizeformat(MOST_BYTES)},
            field="file",
        )


def evidence_question(assessment: Assessment, key: str) -> Question:
    """The question, which must ask for evidence; :class:`NotFoundError` otherwise."""
    rows = Question.objects.filter(questionnaire=assessment.questionnaire, key=key, kind=Kind.EVIDENCE.value)
    question: Question | None = rows.select_related("section").first()
    if question is None:
        raise NotFoundError(_("No question that asks for a document has this key."))
    return question


def _kept(actor: Actor, assessment: Assessment, question: Question, upload: HeldUpload) -> Evidence:
    issuer = assessment.service.vendor.name
    scope = _("Beside the answer to: %(question)s") % {"question": question.shape.label}
    if actor.kind == "respondent":
        return receive_evidence(actor=actor, upload=upload, issuer=issuer, scope=scope)
    return add_evidence(actor=actor, file=upload, kind=Evidence.Kind.OTHER, issuer=issuer, scope=scope)


def _on_file(actor: Actor, evidence_id: uuid.UUID | None) -> Evidence:
    evidence: Evidence | None = Evidence.objects.filter(withdrawn_at=None, pk__in=[evidence_id]).first()
    if evidence is None or not actor.is_person:
        raise InvalidInputError(_("Choose evidence that is on file."), field="evidence")
    return evidence


def _document(
    actor: Actor, assessment: Assessment, question: Question, evidence: Evidence, name: str
) -> AnswerDocument:
    if AnswerDocument.objects.filter(assessment=assessment, question=question, evidence=evidence).exists():
        raise InvalidInputError(_("This very document is beside the answer already."), field="file")
    through = actor.kind == "respondent"
    document = AnswerDocument(
        assessment=assessment, question=question, evidence=evidence, name=name, size=evidence.size,
        attached_by_id=None if through else actor.id, attached_through_id=actor.id if through else None,
    )  # fmt: skip
    document.save(force_insert=True)
    return document


def _answer_with_name(actor: Actor, assessment: Assessment, question: Question, name: str) -> None:
    stored = Answer.objects.filter(assessment=assessment, question=question).first()
    if stored is None or not stored.value:
        row = Answer(question=question, value=name, comment=stored.comment if stored else "")
        write_answers([row], assessment, actor, timezone.now())


def remove_document(*, actor: Actor, assessment_id: uuid.UUID, document_id: uuid.UUID) -> None:
    """Take a document off the answer; the evidence stays on file (I24). A respondent takes off only what they sent.

    An answer that was only the document's name is no answer any more.
    """
    with audited(
        actor, "vendors.answers.document_removed", subject_kind="vendors.assessment", subject_id=assessment_id
    ) as change:
        assessment = lock_for_answers(actor, assessment_id)
        document = assessment.answer_documents.select_related("question").filter(pk=document_id).first()
        if document is None:
            raise NotFoundError(_("This document is not here any more."))
        if actor.kind == "respondent" and document.attached_through_id != actor.id:
            raise StateError(_("Somebody else put this document here, so it stays."))
        stored = Answer.objects.filter(assessment=assessment, question=document.question).first()
        if stored is not None and stored.value == document.name:
            row = Answer(question=document.question, value=None, comment=stored.comment)
            write_answers([row], assessment, actor, timezone.now())
        change.details = {"question": str(document.question_id), "evidence": str(document.evidence_id)}
        document.delete()
