"""What the vendors room tells the rooms below about questionnaires."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from auditlog.actors import Actor
from auditlog.registry import register_actions, register_subject
from governance.authority import Right, has_right
from governance.navigation import register_nav
from governance.search import Hit, register_search
from vendors.models import Questionnaire, QuestionnaireUpload, RespondentLink
from vendors.questionnaires.actions import ACTIONS


def register() -> None:
    """Actions, subjects, navigation and search of questionnaires; called once, when Django is ready."""
    register_actions(ACTIONS)
    register_subject("vendors.questionnaire", "Questionnaire", _questionnaire)
    register_subject("vendors.questionnaire_upload", "Questionnaire file", _upload)
    register_subject("vendors.respondent_link", "Respondent’s link", _link)
    register_nav(
        _("Vendors"), _("Questionnaires"), "vendors:questionnaire_list", "list-checks", Right.READ_VENDORS, order=24
    )
    register_search(_search)


def _questionnaire(row_id: uuid.UUID) -> tuple[str, str] | None:
    row = Questionnaire.objects.filter(pk=row_id).first()
    return (str(row), reverse("vendors:questionnaire_detail", args=[row.id])) if row else None


def _upload(row_id: uuid.UUID) -> tuple[str, str] | None:
    row = QuestionnaireUpload.objects.defer("understood", "remarks").filter(pk=row_id).first()
    return (row.file_name, reverse("vendors:questionnaire_preview", args=[row.id])) if row else None


def _link(row_id: uuid.UUID) -> tuple[str, str] | None:
    row = RespondentLink.objects.filter(pk=row_id).first()
    return (row.recipient, reverse("vendors:respondent_invite", args=[row.assessment_id])) if row else None


def _search(actor: Actor, words: str) -> Iterator[Hit]:
    if has_right(actor, Right.READ_VENDORS):
        for row in Questionnaire.objects.filter(name__icontains=words).order_by("name", "-version")[:10]:
            url = reverse("vendors:questionnaire_detail", args=[row.id])
            yield Hit(str(_("Questionnaire")), row.name, url, str(_("version %(n)d") % {"n": row.version}))
