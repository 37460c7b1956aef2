"""Deletion cases: opened when an agreement ends, or when a customer asks."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid

from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.body import digest_of
from auditlog.change import Change, audited
from auditlog.errors import InvalidInputError, NotFoundError, StateError
from governance.authority import Right, require
from governance.models import Approval
from governance.queries.people import holders_of
from governance.sealing import seal
from governance.services.approvals import close, lock, revoke_approval, supersede_approval
from governance.services.notifications import notify
from governance.tenant_words import day_words
from governance.vocabulary import Role
from retention.models import DeletionCase
from retention.services.entry import CASE, locked_case, move_case, require_state, words_given
from retention.vocabulary import CaseState, Cause, Mode
from tenants.models import Tenant

NOTICE = "retention.case"


def open_on_termination(actor: Actor, tenant: Tenant) -> None:
    """The thirty days start by themselves: a termination opens its case, in the same change (I50).

    Where the customer has asked before, that case goes on: it is about everything of the tenant, too.
    """
    assert tenant.terminated_on is not None  # noqa: S101  # tenants.registry promises it
    asked = whole_cases(tenant).first()
    if asked is None:
        case = create_case(actor, tenant, Cause.TERMINATION, tenant.terminated_on)
        text = _("%(tenant)s is terminated on %(day)s. All its data has to be gone by %(due)s.")
    else:
        case = _clocked(actor, asked.id, tenant.terminated_on)
        text = _("%(tenant)s is terminated on %(day)s. Case %(case)s, which it asked for, goes on: due by %(due)s.")
        if case.is_done:
            text = _("%(tenant)s is terminated on %(day)s. Its data was erased before, as it asked: case %(case)s.")
    told = {"tenant": tenant.name, "day": day_words(tenant.terminated_on), "due": day_words(case.due_on)}
    tell_officers(actor, case, text % (told | {"case": case}))


def whole_cases(tenant: Tenant) -> QuerySet[DeletionCase]:
    """Cases about everything of a tenant that were not cancelled: one, or none."""
    rows = DeletionCase.objects.filter(tenant=tenant).exclude(state=CaseState.CANCELLED)
    return rows.exclude(cause=Cause.DATA_SUBJECT)


def _clocked(actor: Actor, case_id: uuid.UUID, day: dt.date) -> DeletionCase:
    """The case with the earlier of its own clock and that from ``day`` (I50); one that is done keeps its own."""
    case = locked_case(case_id)
    if case.is_done or case.clock_from <= day:
        return case
    with audited(
        actor, "retention.case.due_earlier", subject_kind=CASE, subject_id=case.id, tenant_id=case.tenant_id
    ) as change:
        change.details = {"clock_from": {"from": case.clock_from, "to": day}}
        case.clock_from = day
        change.witness(case)
    return case


def create_case(actor: Actor, tenant: Tenant, cause: Cause, clock_from: dt.date) -> DeletionCase:
    """A new case, within the caller's change; numbers count per tenant, whose row the caller has locked."""
    with audited(actor, "retention.case.opened", subject_kind=CASE, tenant_id=tenant.id) as change:
        last = DeletionCase.objects.filter(tenant=tenant).aggregate(last=Max("number"))["last"] or 0
        case = DeletionCase(
            id=change.subject_id, tenant=tenant, number=last + 1, cause=cause, clock_from=clock_from,
            salt=seal(secrets.token_hex(32)),
        )  # fmt: skip
        change.details = {"cause": str(cause), "clock_from": clock_from, "due_on": case.due_on, "number": case.number}
        change.witness(case)
    return case


def open_case(*, actor: Actor, tenant_id: uuid.UUID, received_on: dt.date) -> DeletionCase:
    """A customer whose agreement has ended asks for everything to be erased; the clock runs from the request."""
    with audited(actor, "retention.case.opened", subject_kind=CASE, tenant_id=tenant_id) as change:
        require(actor, Right.DELETE_DATA)
        tenant = locked_tenant(tenant_id)
        check_received(received_on)
        if whole_cases(tenant).exists():
            raise StateError(_("This tenant has a deletion case already."))
        case = create_case(actor, tenant, Cause.CUSTOMER_REQUEST, received_on)
        change.subject_id = case.id
    return case


def locked_tenant(tenant_id: uuid.UUID) -> Tenant:
    """The tenant under lock."""
    tenant: Tenant | None = Tenant.objects.select_for_update().filter(pk=tenant_id).first()
    if tenant is None:
        raise NotFoundError(_("There is no such tenant."))
    return tenant


def check_received(received_on: dt.date) -> None:
    """A request came in today or in the last year; anything else is a typing mistake."""
    today = timezone.now().date()
    if not today - dt.timedelta(days=366) <= received_on <= today:
        raise InvalidInputError(
            _("Give the day the request came in: today, or within the last year."), field="received_on"
        )


def choose_mode(*, actor: Actor, case_id: uuid.UUID, mode: str) -> DeletionCase:
    """Return the data before it is deleted, or only delete it: what the customer chose, before anybody signs."""
    with audited(actor, "retention.case.mode_chosen", subject_kind=CASE, subject_id=case_id) as change:
        require(actor, Right.DELETE_DATA)
        case = locked_case(case_id)
        require_state(case, CaseState.OPEN, CaseState.PLANNED)
        if mode not in Mode.values:
            raise InvalidInputError(_("Choose whether the data is returned first."), field="mode")
        change.tenant_id, change.details = case.tenant_id, {"mode": {"from": case.mode, "to": mode}}
        case.mode = mode
        change.witness(case)
    return case


def cancel_case(*, actor: Actor, case_id: uuid.UUID, reason: str) -> DeletionCase:
    """Call a case off before anything was erased; what speaks against it says :func:`why_not_cancel`."""
    with audited(actor, "retention.case.cancelled", subject_kind=CASE, subject_id=case_id) as change:
        require(actor, Right.DELETE_DATA)
        case = locked_case(case_id)
        if why := why_not_cancel(case):
            raise StateError(why, clause="LD-21")
        _cancel(change, case, words_given(reason, "reason"))
    return case


def why_not_cancel(case: DeletionCase) -> str:
    """Why a case cannot be cancelled; empty: it can. By what was begun, since a case that goes on is open again."""
    if case.started_at is not None:
        return _("Some of it is erased already, so the rest has to go, too: count it, then ask for its deletion.")
    if case.cause != Cause.DATA_SUBJECT and case.tenant.terminated_on is not None:
        return _("The tenant is terminated: its case ends by reinstatement only.")
    return ""


def call_off(*, actor: Actor, case_id: uuid.UUID, reason: str) -> DeletionCase:
    """Take back what was asked for or approved before anything is erased; the plan stands, to be asked for anew."""
    approval_id = DeletionCase.objects.filter(pk=case_id).values_list("approval_id", flat=True).first()
    with audited(actor, "retention.case.called_off", subject_kind=CASE, subject_id=case_id) as change:
        require(actor, Right.DELETE_DATA)
        if approval_id:
            lock(approval_id)  # before the case, as a signature takes them
        case = locked_case(case_id)
        require_state(case, CaseState.AWAITING_APPROVAL, CaseState.COOLING_OFF)
        reason = words_given(reason, "reason")
        change.tenant_id, change.details = case.tenant_id, {"reason": digest_of(reason), "approval": case.approval_id}
        if case.approval_id is None or case.approval_id != approval_id:
            raise StateError(_("Somebody else changed this case at the same moment. Reload the page."))
        if case.state == CaseState.AWAITING_APPROVAL:
            supersede_approval(actor=actor, approval_id=case.approval_id, reason=reason)
        else:
            revoke_approval(actor=actor, approval_id=case.approval_id, reason=reason)
        return locked_case(case_id)


def cancel_on_reinstatement(actor: Actor, tenant: Tenant) -> None:
    """A tenant comes back: its termination's case is cancelled, unless something was erased already, by any case."""
    for case_id in whole_cases(tenant).values_list("pk", flat=True):
        case = locked_case(case_id)
        if case.started_at is not None:
            raise StateError(
                _("Its data is being deleted, or was: case %s. Register a new tenant instead.") % case, clause="LD-21"
            )
        if case.cause == Cause.TERMINATION:
            with audited(actor, "retention.case.cancelled", subject_kind=CASE, subject_id=case_id) as change:
                _cancel(change, case, _("The tenant was reinstated."))


def _cancel(change: Change, case: DeletionCase, reason: str) -> None:
    end_approval(change.actor, case, reason)
    case.refresh_from_db()
    change.tenant_id, change.details = case.tenant_id, {"reason": digest_of(reason)}
    case.closing_reason = reason
    move_case(change, case, CaseState.CANCELLED)


def end_approval(actor: Actor, case: DeletionCase, reason: str) -> None:
    """Whatever was asked for or approved about this case's deletion counts no more."""
    if case.approval_id is None:
        return
    approval = lock(case.approval_id)
    if approval.state in (Approval.State.PENDING, Approval.State.APPROVED):
        close(actor, "governance.approval.superseded", approval.id, Approval.State.SUPERSEDED, reason)


def tell_officers(actor: Actor, case: DeletionCase, text: str) -> None:
    """Tell every privacy officer."""
    notify(actor=actor, people=holders_of(Role.PRIVACY_OFFICER), kind=NOTICE, text=text, url=case_path(case.id))


def case_path(case_id: uuid.UUID) -> str:
    """Where a case is read."""
    return f"/retention/cases/{case_id}/"
