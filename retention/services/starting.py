"""Starting what was approved, once nothing forbids it any more."""

from __future__ import annotations

import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import audited
from auditlog.errors import GovernanceError, StateError
from governance.models import Approval
from governance.services.approvals import close
from governance.services.signatures import has_changed
from governance.tenant_words import day_words
from retention.models import DeletionCase, Step
from retention.queries.holds import holds_on
from retention.services.entry import CASE, locked_case, move_case, refuse_held, refuse_running, require_state
from retention.services.settling import wake_steps
from retention.services.sweeping import each
from retention.vocabulary import CaseState, Cause


def start_due_cases() -> None:
    """The sweep: start every case whose time to call it off is over."""
    actor = job_actor("retention.cases_start")
    due = DeletionCase.objects.filter(state=CaseState.COOLING_OFF, cooling_until__lte=timezone.now())
    each("starting", due.select_related("tenant", "approval"), lambda case: _start_or_supersede(actor, case))


def _start_or_supersede(actor: Actor, case: DeletionCase) -> None:
    if case.approval and has_changed(case.approval):
        _supersede(actor, case)
    elif not why_not_start(case):
        start_case(actor=actor, case_id=case.id)


def _supersede(actor: Actor, case: DeletionCase) -> None:
    assert case.approval_id is not None  # noqa: S101
    reason = _("The register changed after the signature. Count again and ask again.")
    close(actor, "governance.approval.superseded", case.approval_id, Approval.State.SUPERSEDED, reason)


def why_not_start(case: DeletionCase) -> str:
    """What keeps an approved case from starting now; empty: nothing. Waiting is no refusal, so none is recorded."""
    if case.cooling_until and case.cooling_until > timezone.now():
        return _("It can still be called off.")
    if case.cause == Cause.TERMINATION and case.clock_from > timezone.now().date():
        return _("The agreement runs until %s.") % day_words(case.clock_from)
    if hold := holds_on(case.tenant_id).filter(store=None).first():
        return _("A legal hold is on this tenant: %s.") % hold.matter
    try:
        refuse_running(case)
    except GovernanceError as refusal:
        return refusal.message
    return ""


def start_case(*, actor: Actor, case_id: uuid.UUID) -> DeletionCase:
    """Begin to erase what was approved: a step for each store of the plan."""
    with audited(actor, "retention.case.started", subject_kind=CASE, subject_id=case_id) as change:
        case = locked_case(case_id)
        change.tenant_id = case.tenant_id
        require_state(case, CaseState.COOLING_OFF)
        refuse_held(case)
        refuse_running(case)
        if reason := why_not_start(case):
            raise StateError(reason)
        approval = case.approval
        if approval is None or approval.state != Approval.State.APPROVED or has_changed(approval) or case.plan is None:
            raise StateError(_("What was signed is not what would be deleted now. Count again and ask again."))
        made = [Step.objects.create(case=case, item=item) for item in case.plan.items.all()]
        case.started_at = case.started_at or timezone.now()
        case.erased_at = None
        case.plan.approval = approval
        case.plan.save(update_fields=["approval"])
        move_case(change, case, CaseState.EXECUTING)
        change.details |= {"approval": approval.id, "steps": len(made)}
        wake_steps(actor=actor, case_id=case.id)
    return case
