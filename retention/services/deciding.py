"""Asking for a deletion, and what the decision does. What is signed is the plan, word for word."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import NotFoundError, StateError
from governance.approval_kinds import ApprovalKind
from governance.authority import Right, require
from governance.models import Approval
from governance.services.approvals import request_approval
from governance.vocabulary import Role
from retention.models import DeletionCase, Plan, PlanItem
from retention.opening import ASKED
from retention.services.cases import case_path
from retention.services.entry import CASE, locked_case, move_case, refuse_held, refuse_running, require_state
from retention.services.plans import content_of, facts_of, facts_of_part, store_items_of
from retention.services.subjects import why_not_plan, why_nothing
from retention.vocabulary import CaseState, Cause, Mode
from tenants.models import DataStore

KIND = "retention.case"


def ask_deletion(*, actor: Actor, case_id: uuid.UUID) -> Approval:
    """Ask another privacy officer to sign the plan as it stands; whoever asks here is who executes it (I54).

    Refused under a hold (I52), while an agreement runs past the day of termination (I51), when the data was to be
    returned first and was not, and when the register is not what was counted.
    """
    with audited(actor, "retention.case.submitted", subject_kind=CASE, subject_id=case_id) as change:
        require(actor, Right.DELETE_DATA)
        case = locked_case(case_id)
        change.tenant_id = case.tenant_id
        require_state(case, CaseState.PLANNED)
        refuse_held(case)
        if case.cause != Cause.TERMINATION:  # a termination is planned during its notice, and starts after it
            refuse_running(case)
        if reason := why_not_ask(case):
            raise StateError(reason)
        case.approval = request_approval(
            actor=actor, kind=KIND, subject_id=case.id, title=_question(case), tenant_id=case.tenant_id,
            decide_before=_decide_before(case),
        )  # fmt: skip
        case.executed_by_id = actor.id
        move_case(change, case, CaseState.AWAITING_APPROVAL)
        change.details |= {"approval": case.approval.id, "digest": case.approval.digest}
        return case.approval


def _decide_before(case: DeletionCase) -> dt.datetime:
    """The end of the day the case is due; once that is over, a day from now: nobody is told of two weeks' time."""
    end = dt.datetime.combine(case.due_on, dt.time.max, dt.UTC)
    now = timezone.now()
    return end if end > now else now + dt.timedelta(days=1)


def _question(case: DeletionCase) -> str:
    if case.cause == Cause.DATA_SUBJECT:
        return _("Erase one person’s data at %s?") % case.tenant.name
    return _("Erase all data of %s?") % case.tenant.name


def why_not_ask(case: DeletionCase) -> str:
    """Why its plan cannot be signed as it stands; empty: it can. For the page and for the service alike."""
    if case.plan is None:
        return _("Take an inventory first.")
    if reason := why_not_plan(case):  # a store was registered after the inventory
        return reason
    if reason := why_nothing(case):
        return reason
    if case.plan.items.exclude(trouble="").exists():
        return _("Not every store could be counted. Mend what is in the way and count again.")
    if case.mode == Mode.RETURN and not has_returned(case):
        return _("The customer chose to have the data back first. Return it, then ask.")
    if has_register_changed(case, case.plan):
        return _("Data stores were registered or edited since the inventory. Count again.")
    return ""


def has_returned(case: DeletionCase) -> bool:
    """Whether everything that the plan is about was given back: a store that turned up since has to be, too.

    What its keeper gives back is left out, and so is what held nothing when it was counted.
    """
    found = getattr(case, "data_return", None)
    if found is None or found.done_at is None:
        return False
    items = case.plan.items.exclude(objects_found=0) if case.plan else PlanItem.objects.none()
    listed = {item.facts["key"] for item in items if item.facts["kind"] not in ASKED}
    return listed <= set(found.parts.filter(is_last=True).values_list("store_key", flat=True))


def has_register_changed(case: DeletionCase, plan: Plan) -> bool:
    """Whether what would be planned now differs from what was."""
    now = {(item.store_id, item.own): item.facts for item in store_items_of(case, plan)}
    then = {(item.store_id, item.own): item.facts for item in plan.items.filter(own="")}
    return now != then


def snapshot_of(case_id: uuid.UUID) -> dict[str, Any]:
    """What is signed: whose data, why, until when, what becomes of it, and each store with what was counted."""
    case = DeletionCase.objects.select_related("tenant", "plan").filter(pk=case_id).first()
    if case is None or case.plan is None:
        raise NotFoundError(_("There is no such deletion case, or it has no plan."))
    stores = content_of(case.plan)["stores"]
    items = case.plan.items.order_by("own", "store__key").select_related("store__connection")
    for item, line in zip(items, stores, strict=True):
        if item.store is not None:  # as registered and reached now: an edit makes another digest (I10)
            line |= _facts_now(item, item.store)
            line["withdrawn"] = item.store.withdrawn_at is not None
    return {
        "case": str(case), "tenant": case.tenant.key, "tenant_name": case.tenant.name, "cause": case.cause,
        "mode": case.mode, "clock_from": case.clock_from.isoformat(), "due_on": case.due_on.isoformat(),
        "plan": {"number": case.plan.number, "digest": case.plan.digest, "taken_at": _moment(case.plan)},
        "stores": stores,
    }  # fmt: skip


def _facts_now(item: PlanItem, store: DataStore) -> dict[str, Any]:
    if "subject_selector" not in item.facts:
        return facts_of(store)
    return facts_of_part(store, item.sealed_selector) if item.sealed_selector else {}  # forgotten: nothing to tell


def _moment(plan: Plan) -> str:
    return plan.taken_at.isoformat(timespec="seconds") if plan.taken_at else ""


def cool_off(actor: Actor, approval: Approval) -> None:
    """Signed: it starts when the time to call it off is over (same transaction)."""
    with audited(actor, "retention.case.approved", subject_kind=CASE, subject_id=approval.subject_id) as change:
        case = locked_case(approval.subject_id)
        change.tenant_id = case.tenant_id
        case.cooling_until = timezone.now() + settings.RETENTION_COOLING_OFF
        move_case(change, case, CaseState.COOLING_OFF)
        change.details |= {"approval": approval.id, "starts_at": case.cooling_until}


def back_to_planned(actor: Actor, approval: Approval) -> None:
    """Rejected, withdrawn, timed out, superseded or revoked before it began: the plan stands, nothing is approved."""
    case = locked_case(approval.subject_id)
    if case.approval_id != approval.id or case.state not in (CaseState.AWAITING_APPROVAL, CaseState.COOLING_OFF):
        return
    with audited(
        actor, "retention.case.returned", subject_kind=CASE, subject_id=case.id, tenant_id=case.tenant_id
    ) as change:
        case.cooling_until, case.executed_by = None, None
        move_case(change, case, CaseState.PLANNED)
        change.details |= {"approval": approval.id, "outcome": approval.state}


DELETION_KIND = ApprovalKind(
    kind=KIND,
    name="Deletion",
    snapshot=snapshot_of,
    on_approved=cool_off,
    on_closed=back_to_planned,
    url=case_path,
    template="retention/cases/_asked.html",
    groups={Role.PRIVACY_OFFICER.value: 1},
)
