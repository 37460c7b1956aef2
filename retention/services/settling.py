"""Where a case stands follows from its steps and holds; here it is brought there, and workers are woken."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.jobs import soon
from retention.models import DeletionCase, Step
from retention.queries.holds import holds_on
from retention.services.cases import tell_officers
from retention.services.entry import CASE, locked_case, move_case
from retention.vocabulary import ERASING, SETTLED, WORKABLE, CaseState, Cause, StepState
from tenants.models import DataStore

STEP_JOB = "retention.step_work"
ACTIONS = {
    CaseState.HELD: "retention.case.held",
    CaseState.BLOCKED: "retention.case.blocked",
    CaseState.EXECUTING: "retention.case.resumed",
    CaseState.VERIFYING: "retention.case.verified",
    CaseState.AWAITING_BACKUP_EXPIRY: "retention.case.backups_awaited",
    CaseState.OPEN: "retention.case.reopened",
}


def state_wanted(case: DeletionCase) -> CaseState:
    """Where an executed case stands by its steps, holds and backups."""
    steps = list(case.steps.filter(replaced_at=None).select_related("item__store"))
    waiting = [step for step in steps if step.state not in SETTLED]
    if not waiting and stores_without_step(case).exists():
        return CaseState.OPEN
    if not waiting:
        return CaseState.AWAITING_BACKUP_EXPIRY if backups_until(steps) else CaseState.VERIFYING
    held = set(holds_on(case.tenant_id).values_list("store_id", flat=True))
    free = [step for step in waiting if None not in held and step.item.store_id not in held]
    if not free:
        return CaseState.HELD
    return CaseState.BLOCKED if all(step.state == StepState.FAILED for step in free) else CaseState.EXECUTING


def stores_without_step(case: DeletionCase) -> QuerySet[DataStore]:
    """Stores of the tenant that were registered after the plan: they need a plan and an approval of their own (I53)."""
    done = case.steps.filter(replaced_at=None, item__store__isnull=False).values("item__store_id")
    if case.cause == Cause.DATA_SUBJECT:
        asked = case.subject_request.selectors.filter(is_none=False).values("store_id")
        return DataStore.objects.filter(pk__in=asked, withdrawn_at=None).exclude(pk__in=done)
    return DataStore.objects.filter(tenant_id=case.tenant_id, withdrawn_at=None).exclude(pk__in=done)


def backups_until(steps: list[Step]) -> dt.datetime | None:
    """When the last backup that still holds something of these stores expires; ``None``: none is left."""
    ends = [end for step in steps if (end := backup_end(step)) and end > timezone.now()]
    return max(ends, default=None)


def backup_end(step: Step) -> dt.datetime | None:
    """When the store's last backup with the data expires: counted from the last deletion in it."""
    days = step.item.facts.get("backup_days")
    if days is None or step.verified_at is None:
        return None
    return (step.last_deleted_at or step.verified_at) + dt.timedelta(days=days)


def settle_case(*, actor: Actor, case_id: uuid.UUID) -> None:
    """Bring an executed case to where its steps and holds put it; safe at any time."""
    now = DeletionCase.objects.filter(pk=case_id).first()
    followed = ERASING | {CaseState.VERIFYING, CaseState.AWAITING_BACKUP_EXPIRY}
    if now is None or now.state not in followed or now.state == state_wanted(now):
        return
    wanted = state_wanted(now)
    with audited(actor, ACTIONS[wanted], subject_kind=CASE, subject_id=case_id) as change:
        case = locked_case(case_id)
        change.tenant_id = case.tenant_id
        wanted = state_wanted(case)
        if case.state not in followed or case.state == wanted:
            return
        if wanted in (CaseState.VERIFYING, CaseState.AWAITING_BACKUP_EXPIRY) and case.erased_at is None:
            case.erased_at = timezone.now()
        move_case(change, case, wanted)
        _tell(actor, case)


def _tell(actor: Actor, case: DeletionCase) -> None:
    texts = {
        CaseState.BLOCKED: _("The deletion of %s is blocked: somebody has to do something."),
        CaseState.VERIFYING: _("Everything of %s is deleted and verified. Ask for its certificate."),
        CaseState.AWAITING_BACKUP_EXPIRY: _("Everything of %s is deleted; its backups have still to expire."),
        CaseState.OPEN: _("A data store of %s was registered late. Count it and ask for its deletion, too."),
    }
    if text := texts.get(CaseState(case.state)):
        tell_officers(actor, case, text % case.tenant.name)


def resume_tenant(*, actor: Actor, tenant_id: uuid.UUID) -> None:
    """A hold was lifted: cases go on from where they were."""
    for case_id in DeletionCase.objects.filter(tenant_id=tenant_id, state__in=ERASING).values_list("pk", flat=True):
        settle_case(actor=actor, case_id=case_id)
        wake_steps(actor=actor, case_id=case_id)


def wake_steps(*, actor: Actor, case_id: uuid.UUID) -> None:
    """Send workers to every step that has something to do; the sweep would find them, too."""
    for step_id in Step.objects.filter(case_id=case_id, state__in=WORKABLE).values_list("pk", flat=True):
        soon(STEP_JOB, str(step_id), actor=actor)
