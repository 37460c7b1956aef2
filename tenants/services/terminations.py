"""Terminate a tenant, which starts its thirty days, and take that back."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, StateError
from tenants.models import Tenant
from tenants.registry import ask_reinstating, tell_terminated
from tenants.services.agreements import end_with_tenant, resume_with_tenant
from tenants.services.entry import locked_tenant, reason_given, require_registrar

KIND = "tenants.tenant"
FIELDS = ["terminated_on", "termination_recorded_at", "termination_reason"]
#: How long a notice may run, and how late a termination may be recorded; beyond is a typing mistake.
LONGEST_NOTICE = dt.timedelta(days=2 * 366)
LONGEST_AGO = dt.timedelta(days=10 * 366)


def terminate_tenant(*, actor: Actor, tenant_id: uuid.UUID, terminated_on: dt.date, reason: str) -> Tenant:
    """Record that a tenant's agreement ends: all its data is gone thirty days later (I50, LD-21).

    ``terminated_on`` (UTC) is the first day without an agreement: what would run on it or later ends with
    it. It may lie ahead for a notice period of two years at most. What has to follow hears inside the change
    (:func:`tenants.registry.on_terminated`).

    Raises :class:`StateError` when it is terminated already: the date, and so the due date, never changes.
    """
    with audited(
        actor, "tenants.tenant.terminated", subject_kind=KIND, subject_id=tenant_id, tenant_id=tenant_id
    ) as change:
        require_registrar(actor, tenant_id)
        row = locked_tenant(tenant_id)
        if row.terminated_on is not None:
            raise StateError(_("It is terminated on %s already.") % row.terminated_on.isoformat(), clause="LD-21")
        reason = reason_given(reason)
        _check_day(row, terminated_on)
        row.terminated_on, row.termination_recorded_at = terminated_on, timezone.now()
        row.termination_reason = reason
        row.save(update_fields=FIELDS)
        ended = end_with_tenant(actor, row, terminated_on)
        change.details = {
            "terminated_on": terminated_on, "due_on": row.due_on, "agreements_ended": ended, "reason": reason,
        }  # fmt: skip
        tell_terminated(actor, row)
    return row


def reinstate_tenant(*, actor: Actor, tenant_id: uuid.UUID, reason: str) -> Tenant:
    """Take a termination back, as long as nothing was decided on it; what ended with it goes on.

    Raises :class:`StateError` when it is not terminated, and whatever a room raises that decided on it
    (:func:`tenants.registry.on_reinstating`).
    """
    with audited(
        actor, "tenants.tenant.reinstated", subject_kind=KIND, subject_id=tenant_id, tenant_id=tenant_id
    ) as change:
        require_registrar(actor, tenant_id)
        row = locked_tenant(tenant_id)
        if row.terminated_on is None:
            raise StateError(_("It is not terminated."))
        reason = reason_given(reason)
        ask_reinstating(actor, row)
        change.details = {"terminated_on": {"from": row.terminated_on, "to": None}, "reason": reason}
        row.terminated_on, row.termination_recorded_at, row.termination_reason = None, None, ""
        row.save(update_fields=FIELDS)
        change.details["agreements_resumed"] = resume_with_tenant(actor, row)
    return row


def _check_day(tenant: Tenant, day: dt.date) -> None:
    """Refuse a day that can only be a typing mistake."""
    today = timezone.now().date()
    if day > today + LONGEST_NOTICE:
        raise InvalidInputError(_("A notice runs for two years at most; look at the year."), field="terminated_on")
    if day < today - LONGEST_AGO:
        raise InvalidInputError(_("This is more than ten years ago; look at the year."), field="terminated_on")
    first = tenant.agreements.aggregate(first=Min("starts_on"))["first"]
    if first is not None and day < first:
        raise InvalidInputError(
            _("Its first agreement began on %s, after this day.") % first.isoformat(), field="terminated_on"
        )
