"""Questionnaires to read, and what differs from version to version."""

from __future__ import annotations

import uuid

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import NotFoundError
from governance.authority import Right, require
from vendors.models import Questionnaire, QuestionnaireUpload
from vendors.queries.answers import questionnaire_book
from vendors.questionnaires.difference import Difference, difference
from vendors.questionnaires.shape import Understood, from_json


def questionnaires_for(actor: Actor, words: str = "") -> QuerySet[Questionnaire]:
    """The latest version of each questionnaire, with how many versions and assessments there are."""
    require(actor, Right.READ_VENDORS)
    latest = Questionnaire.objects.values("name").annotate(latest=Max("version"))
    newest = Q(pk__in=[])
    for row in latest:
        newest |= Q(name=row["name"], version=row["latest"])
    rows: QuerySet[Questionnaire] = Questionnaire.objects.filter(newest).select_related("published_by")
    for word in words.split()[:6]:
        rows = rows.filter(Q(name__icontains=word) | Q(questions__text__icontains=word))
    return rows.annotate(used=Count("assessments", distinct=True)).order_by("name", "-version").distinct()


def questionnaire_for(actor: Actor, questionnaire_id: uuid.UUID) -> Questionnaire:
    """One version."""
    require(actor, Right.READ_VENDORS)
    rows = Questionnaire.objects.select_related("published_by", "upload")
    row: Questionnaire | None = rows.filter(pk=questionnaire_id).first()
    if row is None:
        raise NotFoundError(_("There is no such questionnaire."))
    return row


def versions_of(questionnaire: Questionnaire) -> list[Questionnaire]:
    """Every version of the same name, newest first."""
    return list(Questionnaire.objects.filter(name=questionnaire.name).order_by("-version"))


def upload_for(actor: Actor, upload_id: uuid.UUID) -> QuestionnaireUpload:
    """A file that was read and waits to be imported."""
    require(actor, Right.READ_VENDORS)
    rows = QuestionnaireUpload.objects.select_related("uploaded_by")
    row: QuestionnaireUpload | None = rows.filter(pk=upload_id).first()
    if row is None:
        raise NotFoundError(_("There is no such file. It may have been set aside."))
    return row


def waiting_uploads(actor: Actor) -> list[QuestionnaireUpload]:
    """Files that were read and neither imported nor set aside."""
    require(actor, Right.READ_VENDORS)
    return list(
        QuestionnaireUpload.objects.filter(questionnaire=None).select_related("uploaded_by").defer("understood")[:20]
    )


def understood_of(upload: QuestionnaireUpload) -> Understood:
    """What was understood of the file."""
    return from_json(upload.understood, upload.remarks)


def latest_named(name: str) -> Questionnaire | None:
    """The latest version with this name, whatever its capitals."""
    return Questionnaire.objects.filter(name__iexact=" ".join(name.split())).order_by("-version").first()


def difference_to(before: Questionnaire | None, after: Understood) -> Difference | None:
    """What ``after`` changes; ``None`` when there is nothing before it."""
    return difference(questionnaire_book(before).understood, after) if before else None
