"""What evidence tells the registries, once every app is loaded."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.jobs import register_job, register_sweep
from auditlog.registry import register_actions, register_subject
from governance.authority import Right
from governance.models import Evidence
from governance.navigation import register_nav
from governance.queries.evidence import search_evidence, to_review
from governance.search import Hit, register_search
from governance.services.evidence import CHECK, SUBJECT
from governance.services.evidence_checks import check_waiting, run_check
from governance.services.evidence_orphans import JOB, clear_orphans
from governance.services.uploads import clear_held_uploads
from governance.work import WorkItem, register_work

ACTIONS: dict[str, str] = {
    "governance.evidence.added": "Evidence added",
    "governance.evidence.received": "Evidence received through a link",
    "governance.evidence.checked": "Evidence checked",
    "governance.evidence.check_requested": "Another check requested",
    "governance.evidence.redaction_reviewed": "Pages reviewed for redactions",
    "governance.evidence.orphans_removed": "Files that belong to no evidence removed",
    "governance.evidence.withdrawn": "Evidence withdrawn",
    "governance.evidence.downloaded": "Evidence downloaded",
    "governance.evidence.pages_opened": "Pages looked at",
}


def declare() -> None:
    """Fill the registries."""
    register_actions(ACTIONS)
    register_subject(SUBJECT, "Evidence", locate)
    register_subject("governance.store", "Evidence store", store)
    register_job(CHECK, run_check)
    register_sweep(CHECK, dt.timedelta(minutes=1), check_waiting)
    register_sweep("governance.held_uploads_clear", dt.timedelta(hours=1), clear_held_uploads)
    register_sweep(JOB, dt.timedelta(days=1), clear_orphans)
    register_work(pages_to_review)
    register_search(evidence_found)
    rights = [Right.READ_EVIDENCE, Right.ADD_EVIDENCE]
    register_nav(_("Decisions"), _("Evidence"), "governance:evidence_list", "file-check", rights, order=51)


def locate(evidence_id: uuid.UUID) -> tuple[str, str] | None:
    """A piece of evidence's name and page."""
    row = Evidence.objects.filter(pk=evidence_id).first()
    return (str(row), reverse("governance:evidence_read", args=[row.pk])) if row else None


def store(store_id: uuid.UUID) -> tuple[str, str] | None:
    """The store has no page of its own; the list of evidence stands for it."""
    return _("Evidence store"), reverse("governance:evidence_list")


def pages_to_review(actor: Actor) -> Iterable[WorkItem]:
    """Evidence whose pages somebody other than the uploader must look through."""
    for row in to_review(actor)[:50]:
        yield WorkItem(
            room=_("Evidence"),
            title=_("Look through the pages of %s") % row.name,
            url=reverse("governance:evidence_review", args=[row.pk]),
            waiting=_("added by %s") % row.uploaded_by,
        )


def evidence_found(actor: Actor, words: str) -> Iterable[Hit]:
    """Evidence by name, issuer or scope."""
    for row in search_evidence(actor, words):
        url = reverse("governance:evidence_read", args=[row.pk])
        yield Hit(_("Evidence"), row.name, url, f"{row.get_kind_display()} · {row.issuer}")
