"""What the retention room tells the registries, once every app is loaded."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from auditlog.jobs import register_job, register_sweep
from auditlog.registry import register_actions, register_subject
from governance.approval_kinds import register_approval_kind
from governance.authority import Right
from governance.models.notifications import Channel
from governance.navigation import register_nav
from governance.notification_kinds import NotificationKind, register_notification_kind
from retention.actions import ACTIONS
from retention.declarations.cases import declare as declare_cases
from retention.declarations.holds import declare as declare_holds
from retention.models import Certificate, DeletionCase, LegalHold, RetentionSchedule
from retention.services.afterwards import WATCH_JOB, look_again, on_store_registered, sweep_afterwards
from retention.services.cases import cancel_on_reinstatement, open_on_termination
from retention.services.certifying import CERTIFICATE_KIND, FINISH_JOB
from retention.services.deadlines import sweep_deadlines
from retention.services.deciding import DELETION_KIND
from retention.services.finishing import finish_certificate, sweep_certificates
from retention.services.guarding import refuse_editing_store, refuse_withdrawing_store
from retention.services.plans import COUNT_JOB, count_item, sweep_counts
from retention.services.returns import RETURN_JOB, sweep_returns, work_return
from retention.services.settling import STEP_JOB
from retention.services.starting import start_due_cases
from retention.services.steps import sweep_steps, work_step
from retention.services.subjects import sweep_subjects
from retention.tombstones import write_tombstones
from tenants.registry import on_reinstating, on_store_editing, on_store_withdrawing, on_terminated
from tenants.registry import on_store_registered as when_store_registered


def declare() -> None:
    """Fill the registries."""
    register_actions(ACTIONS)
    register_approval_kind(DELETION_KIND)
    register_approval_kind(CERTIFICATE_KIND)
    on_terminated(open_on_termination)
    on_reinstating(cancel_on_reinstatement)
    when_store_registered(on_store_registered)
    on_store_editing(refuse_editing_store)
    on_store_withdrawing(refuse_withdrawing_store)
    _work()
    _subjects()
    _places()
    _notifications()
    declare_holds()
    declare_cases()


def _work() -> None:
    register_job(COUNT_JOB, count_item)
    register_job(STEP_JOB, work_step)
    register_job(WATCH_JOB, look_again)
    register_job(RETURN_JOB, work_return)
    register_job(FINISH_JOB, finish_certificate)
    register_sweep("retention.counts_sweep", dt.timedelta(seconds=15), sweep_counts)
    register_sweep("retention.cases_start", dt.timedelta(seconds=15), start_due_cases)
    register_sweep("retention.steps_sweep", dt.timedelta(seconds=10), sweep_steps)
    register_sweep("retention.returns_sweep", dt.timedelta(seconds=30), sweep_returns)
    register_sweep("retention.subjects_sweep", dt.timedelta(hours=1), sweep_subjects)
    register_sweep("retention.afterwards_sweep", dt.timedelta(minutes=5), sweep_afterwards)
    register_sweep("retention.tombstones_write", dt.timedelta(minutes=1), write_tombstones)
    register_sweep("retention.certificates_sweep", dt.timedelta(seconds=30), sweep_certificates)
    register_sweep("retention.deadlines_sweep", dt.timedelta(hours=1), sweep_deadlines)


def _subjects() -> None:
    _subject(DeletionCase, "retention.case", "Deletion case", "retention:case_read")
    _subject(LegalHold, "retention.hold", "Legal hold", "retention:hold_read")
    _subject(Certificate, "retention.certificate", "Certificate", "retention:certificate_read")
    register_subject("retention.schedule", "Retention schedule", _schedule)


def _subject(model: type[Model], kind: str, name: str, url_name: str) -> None:
    def locate(row_id: uuid.UUID) -> tuple[str, str] | None:
        row = model._default_manager.filter(pk=row_id).first()
        return (str(row), reverse(url_name, args=[row_id])) if row else None

    register_subject(kind, name, locate)


def _schedule(row_id: uuid.UUID) -> tuple[str, str] | None:
    row = RetentionSchedule.objects.filter(pk=row_id).first()
    return (str(row), reverse("retention:schedule_list")) if row else None


def _places() -> None:
    room = _("Retention")
    register_nav(room, _("Deletions"), "retention:case_list", "trash-2", Right.READ_DELETIONS, order=30)
    register_nav(room, _("Legal holds"), "retention:hold_list", "lock", Right.READ_DELETIONS, order=31)
    register_nav(
        room, _("Retention schedules"), "retention:schedule_list", "calendar-clock", Right.READ_DELETIONS, order=32
    )


def _notifications() -> None:
    room = _("Retention")
    for kind in (
        NotificationKind("retention.case", room, _("A deletion case moves"), Channel.DIGEST),
        NotificationKind("retention.deadline", room, _("A deletion’s deadline comes near or has passed"), Channel.NOW),
        NotificationKind("retention.hold", room, _("A legal hold is placed, lifted or due for review"), Channel.NOW),
        NotificationKind("retention.incident", room, _("Erased data is there again"), Channel.NOW, urgent=True),
    ):
        register_notification_kind(kind)
