"""What time brings after the deletion: locks end, backups expire, data comes back."""

from __future__ import annotations

import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import audited
from auditlog.jobs import soon
from governance.models import Approval
from governance.queries.people import holders_of
from governance.services.approvals import close
from governance.services.notifications import notify
from governance.vocabulary import Role
from retention.connectors.base import TroubleError
from retention.models import DeletionCase, Residue, Step, Watch
from retention.opening import open_connector, place_of_item
from retention.queries.holds import holds_over
from retention.services.cases import case_path, tell_officers
from retention.services.entry import CASE, locked_case, move_case
from retention.services.leases import release_lease, take_lease
from retention.services.settling import STEP_JOB, backups_until, settle_case, stores_without_step
from retention.vocabulary import CASE_MOVES, ERASING, SETTLED, CaseState, StepState
from tenants.models import DataStore

WATCH_JOB = "retention.watch_look"
DONE_SO_FAR = (
    CaseState.VERIFYING,
    CaseState.AWAITING_BACKUP_EXPIRY,
    CaseState.CERTIFIED,
    CaseState.CERTIFIED_WITH_RESIDUE,
)


def sweep_afterwards() -> None:
    """The sweep: whatever time has brought since the last one."""
    actor = job_actor("retention.afterwards_sweep")
    for step in _residue_due():
        reopen_residue(actor=actor, step_id=step.id)
    for case in DeletionCase.objects.filter(state=CaseState.AWAITING_BACKUP_EXPIRY):
        settle_case(actor=actor, case_id=case.id)
    for case in DeletionCase.objects.filter(state=CaseState.CERTIFIED_WITH_RESIDUE).select_related("tenant"):
        note_complete(actor=actor, case=case)
    for watch_id in Watch.objects.filter(looked_at=None, due_at__lte=timezone.now()).values_list("pk", flat=True)[:200]:
        soon(WATCH_JOB, str(watch_id), actor=actor)


def _residue_due() -> list[Step]:
    now = timezone.now()
    due = Step.objects.filter(state=StepState.RESIDUE, retry_at__lte=now, replaced_at=None).select_related(
        "case", "item"
    )
    return [step for step in due if not holds_over(step.case.tenant_id, step.item.store_id).exists()]


def reopen_residue(*, actor: Actor, step_id: uuid.UUID) -> None:
    """A lock or a waiting time has ended: what the store kept is erased now, as it was approved (rule 6)."""
    step = Step.objects.select_related("case").get(pk=step_id)
    with audited(actor, "retention.case.reopened", subject_kind=CASE, subject_id=step.case_id) as change:
        case = locked_case(step.case_id)
        row = Step.objects.select_for_update().get(pk=step_id)
        change.tenant_id, change.details = case.tenant_id, {"step": row.id, "why": "residue_due"}
        if row.state != StepState.RESIDUE:
            return
        row.state, row.retry_at, row.tries = StepState.RUNNING, None, 0
        row.save(update_fields=["state", "retry_at", "tries"])
        if case.state not in ERASING:
            void_certification(actor, case)
            case.refresh_from_db()
            move_case(change, case, CaseState.EXECUTING)
        soon(STEP_JOB, str(row.id), actor=actor)


def note_complete(*, actor: Actor, case: DeletionCase) -> None:
    """The last backup has expired and nothing is retained: a supplementary certificate closes the case."""
    steps = list(case.steps.filter(replaced_at=None).select_related("item"))
    kept = Residue.objects.filter(step__case=case, step__replaced_at=None, cleared_at=None).exists()
    if kept or backups_until(steps) or any(step.state not in SETTLED for step in steps):
        return
    with audited(actor, "retention.case.verified", subject_kind=CASE, subject_id=case.id) as change:
        row = locked_case(case.id)
        change.tenant_id = row.tenant_id
        move_case(change, row, CaseState.VERIFYING)
        tell_officers(
            actor, row, _("Nothing of %s is left any more. Ask for its supplementary certificate.") % row.tenant.name
        )


def look_again(watch_id: str, *, actor: Actor) -> None:
    """List a store again some days after it was verified; what is there raises an incident (rule 12)."""
    watch = Watch.objects.select_related("step__item__plan__case", "step__item__store").filter(pk=watch_id).first()
    if watch is None or watch.looked_at is not None or watch.due_at > timezone.now():
        return
    held = take_lease(watch.id)
    if held is None:
        return
    try:
        with open_connector(place_of_item(watch.step.item)) as connector:
            found, trouble = connector.left().items, ""
    except TroubleError as error:
        found, trouble = None, error.code
    finally:
        release_lease(held)
    note_look(actor=actor, watch_id=watch.id, found=found, trouble=trouble)


def note_look(*, actor: Actor, watch_id: uuid.UUID, found: int | None, trouble: str) -> None:
    """Keep what was seen; more than the known residue reopens the case."""
    step_id = Watch.objects.values_list("step_id", flat=True).get(pk=watch_id)
    case_id = Step.objects.values_list("case_id", flat=True).get(pk=step_id)
    known = Residue.objects.filter(step_id=step_id, cleared_at=None).count()
    is_back = found is not None and found > known
    action = "retention.watch.resurrected" if is_back else "retention.watch.looked"
    with audited(actor, action, subject_kind=CASE, subject_id=case_id) as change:
        case = locked_case(case_id)
        watch = Watch.objects.select_for_update().get(pk=watch_id)
        watch.looked_at, watch.found, watch.trouble = timezone.now(), found, trouble
        watch.save(update_fields=["looked_at", "found", "trouble"])
        change.tenant_id = case.tenant_id
        change.details = {"step": step_id, "found": found, "residue": known, "trouble": trouble or None}
        if is_back:
            _resurrected(
                actor, case, Step.objects.select_for_update(of=("self",)).select_related("item").get(pk=step_id)
            )


def _resurrected(actor: Actor, case: DeletionCase, step: Step) -> None:
    step.replaced_at = timezone.now()
    step.save(update_fields=["replaced_at"])
    step.watches.filter(looked_at=None).delete()
    reopen_case(actor, case, "resurrected")
    text = _("Data of %(tenant)s is back in %(store)s. Count it, and ask for its deletion again.")
    words = text % {"tenant": case.tenant.name, "store": step}
    people = holders_of(Role.PRIVACY_OFFICER, Role.ADMINISTRATOR)
    notify(actor=actor, people=people, kind="retention.incident", text=words, url=case_path(case.id))


def on_store_registered(actor: Actor, store: DataStore) -> None:
    """A store that turns up late reopens a case that was done with all others (I53)."""
    rows = DeletionCase.objects.filter(tenant_id=store.tenant_id, state__in=DONE_SO_FAR).exclude(cause="data_subject")
    for case_id in rows.values_list("pk", flat=True):
        case = locked_case(case_id)
        if stores_without_step(case).exists():
            reopen_case(actor, case, "late_store")


def reopen_case(actor: Actor, case: DeletionCase, why: str) -> None:
    """Back to the beginning for what was not erased; what was stays accounted for."""
    if CaseState.OPEN not in CASE_MOVES.get(case.state, frozenset()):
        return
    void_certification(actor, case)
    case.refresh_from_db()
    with audited(
        actor, "retention.case.reopened", subject_kind=CASE, subject_id=case.id, tenant_id=case.tenant_id
    ) as change:
        move_case(change, case, CaseState.OPEN)
        change.details |= {"why": why}


def void_certification(actor: Actor, case: DeletionCase) -> None:
    """A certificate that was asked for is not signed any more: something has to be erased first."""
    pending = case.certification
    if pending is not None and pending.state == Approval.State.PENDING:
        reason = _("Something has to be erased first.")
        close(actor, "governance.approval.superseded", pending.id, Approval.State.SUPERSEDED, reason)
