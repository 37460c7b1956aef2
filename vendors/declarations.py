"""What the vendors room tells the registries, once every app is loaded."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from auditlog.jobs import register_sweep
from auditlog.registry import register_actions, register_subject
from governance.approval_kinds import register_approval_kind
from governance.authority import Right
from governance.evidence_uses import register_listener, register_use
from governance.models.notifications import Channel
from governance.navigation import register_nav
from governance.notification_kinds import NotificationKind, register_notification_kind
from governance.search import register_search
from governance.work import register_work
from vendors.actions import ACTIONS
from vendors.models import Agreement, Assessment, Authorisation, Finding, Service, Vendor
from vendors.queries.work import drafts, ended_approvals, evidence_uses, findings_due, services_found, vendors_found
from vendors.questionnaires.registration import register as register_questionnaires
from vendors.services.authorisations import sweep_authorisations
from vendors.services.evidence_links import react_to_lost_evidence
from vendors.services.submission import ASSESSMENT_KIND


def declare() -> None:
    """Fill the registries."""
    register_actions(ACTIONS)
    register_approval_kind(ASSESSMENT_KIND)
    register_sweep("vendors.authorisations_sweep", dt.timedelta(minutes=1), sweep_authorisations)
    register_use(evidence_uses)
    register_listener(react_to_lost_evidence)
    for source in (drafts, findings_due, ended_approvals):
        register_work(source)
    for part in (services_found, vendors_found):
        register_search(part)
    _subjects()
    _places()
    _notifications()
    register_questionnaires()


def _notifications() -> None:
    room, said = _("Vendors"), _("A vendor has answered a questionnaire")
    ended = _("What a service may be used for changes")
    register_notification_kind(NotificationKind("vendors.authorisation", room, ended, Channel.DIGEST))
    register_notification_kind(NotificationKind("vendors.respondent", room, said, may_be_off=True))


def _subjects() -> None:
    _subject(Vendor, "vendors.vendor", "Vendor", "vendors:vendor_read")
    _subject(Service, "vendors.service", "Service", "vendors:service_read")
    _subject(Agreement, "vendors.agreement", "Agreement", "vendors:agreement_read")
    _subject(Assessment, "vendors.assessment", "Assessment", "vendors:assessment_read")
    _subject(Finding, "vendors.finding", "Finding", "vendors:finding_read")
    register_subject("vendors.authorisation", "Approval for use", _authorisation)


def _subject(model: type[Model], kind: str, name: str, url_name: str) -> None:
    def locate(row_id: uuid.UUID) -> tuple[str, str] | None:
        row = model._default_manager.filter(pk=row_id).first()
        return (str(row), reverse(url_name, args=[row_id])) if row else None

    register_subject(kind, name, locate)


def _authorisation(row_id: uuid.UUID) -> tuple[str, str] | None:
    row = Authorisation.objects.select_related("service").filter(pk=row_id).first()
    return (str(row), reverse("vendors:service_read", args=[row.service_id])) if row else None


def _places() -> None:
    room = _("Vendors")
    register_nav(room, _("Which AI may I use?"), "vendors:register", "book-open-check", None, order=20)
    register_nav(room, _("Vendors and services"), "vendors:vendor_list", "building-2", Right.READ_VENDORS, order=21)
    register_nav(room, _("Findings"), "vendors:finding_list", "flag", Right.READ_VENDORS, order=23)
