"""What time brings after the deletion: locks end, backups expire, data comes back."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import partial

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
from retention.queries.holds import holds_over
from retention.services.cases import case_path, tell_officers
from retention.services.entry import CASE, locked_case, move_case
from retention.services.leases import keep_lease, release_lease, take_lease
from retention.services.settling import STEP_JOB, backups_until, settle_case, stores_without_step
from retention.services.sweeping import each
from retention.services.verifying import Listing, list_afresh
from retention.vocabulary import CASE_MOVES, ERASING, SETTLED, CaseState, StepState
from tenants.models import DataStore

WATCH_JOB = "retention.watch_look"
#: A store that cannot be listed is looked at again each hour; after a day somebody is told, after two weeks it ends.
LOOK_AGAIN, BLIND_TOLD, BLIND_MOST = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(days=14)
DONE_SO_FAR = (
    CaseState.VERIFYING,
    CaseState.AWAITING_BACKUP_EXPIRY,
    CaseState.CERTIFIED,
    CaseState.CERTIFIED_WITH_RESIDUE,
)


def sweep_afterwards() -> None:
    """The sweep: whatever time has brought since the last one."""
    actor = job_actor("retention.afterwards_sweep")
    each("residue", _residue_due(), lambda step: reopen_residue(actor=actor, step_id=step.id))
    awaiting = DeletionCase.objects.filter(state=CaseState.AWAITING_BACKUP_EXPIRY)
    each("backups", awaiting, lambda case: settle_case(actor=actor, case_id=case.id))
    kept = DeletionCase.objects.filter(state=CaseState.CERTIFIED_WITH_RESIDUE).select_related("tenant")
    each("completion", kept, lambda case: note_complete(actor=actor, case=case))
    for watch_id in Watch.objects.filter(looked_at=None, due_at__lte=timezone.now()).values_list("pk", flat=True)[:200]:
        soon(WATCH_JOB, str(watch_id), actor=actor)


def _residue_due() -> list[Step]:
    """What a store need not keep any longer. A case that is open again has its turn when it executes again."""
    due = Step.objects.filter(
        state=StepState.RESIDUE,
        retry_at__lte=timezone.now(),
        replaced_at=None,
        case__state__in=[*ERASING, *DONE_SO_FAR],
    ).select_related("case", "item")
    return [step for step in due if not holds_over(step.case.tenant_id, step.item.store_id).exists()]


def reopen_residue(*, actor: Actor, step_id: uuid.UUID) -> None:
    """A lock or a waiting time has ended: what the store kept is erased now, as it was approved (rule 6)."""
    step = Step.objects.select_related("case").get(pk=step_id)
    with audited(actor, "retention.case.reopened", subject_kind=CASE, subject_id=step.case_id) as change:
        case = locked_case(step.case_id)
        row = Step.objects.select_for_update().get(pk=step_id)
        change.tenant_id, change.details = case.tenant_id, {"step": row.id, "why": "residue_due"}
        if row.state != StepState.RESIDUE or case.state not in (*ERASING, *DONE_SO_FAR):
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
    with_place = Watch.objects.select_related("step__case", "step__item__plan__case", "step__item__store")
    watch = with_place.filter(pk=watch_id).first()
    if watch is None or watch.looked_at is not None or watch.due_at > timezone.now():
        return
    held = take_lease(watch.id)
    if held is None:
        return
    try:
        note_look(actor=actor, watch=watch, listing=list_afresh(watch.step, partial(keep_lease, held)))
    except TroubleError as error:
        note_blind(actor=actor, watch=watch, trouble=error.code)
    finally:
        release_lease(held)


def note_look(*, actor: Actor, watch: Watch, listing: Listing) -> None:
    """Keep what was seen; anything but known residue reopens the case."""
    action = "retention.watch.resurrected" if listing.unknown else "retention.watch.looked"
    with audited(actor, action, subject_kind=CASE, subject_id=watch.step.case_id) as change:
        case = locked_case(watch.step.case_id)
        row = Watch.objects.select_for_update().get(pk=watch.id)
        row.looked_at, row.trouble, row.blind_since = timezone.now(), "", None
        row.found = listing.unknown + listing.residue - len(listing.absent)
        row.save(update_fields=["looked_at", "found", "trouble", "blind_since"])
        change.tenant_id = case.tenant_id
        change.details = {
            "step": row.step_id, "found": row.found, "residue": listing.residue, "unknown": listing.unknown,
        }  # fmt: skip
        if listing.unknown:
            step = Step.objects.select_for_update(of=("self",)).select_related("item").get(pk=row.step_id)
            _resurrected(actor, case, step)


def note_blind(*, actor: Actor, watch: Watch, trouble: str) -> None:
    """The store could not be listed: looked at again each hour, and after a day somebody is told (rule 12)."""
    with audited(actor, "retention.watch.blind", subject_kind=CASE, subject_id=watch.step.case_id) as change:
        case = locked_case(watch.step.case_id)
        row = Watch.objects.select_for_update().get(pk=watch.id)
        now = timezone.now()
        since = row.blind_since or now
        is_news = row.due_at - since < BLIND_TOLD <= now - since
        row.looked_at = now if now - since >= BLIND_MOST else None
        row.blind_since, row.trouble, row.due_at = since, trouble, now + LOOK_AGAIN
        row.save(update_fields=["blind_since", "trouble", "due_at", "looked_at"])
        change.tenant_id, change.details = case.tenant_id, {"step": row.step_id, "trouble": trouble}
        if is_news:
            text = _("%(store)s of %(tenant)s cannot be listed since yesterday: whether data came back is not known.")
            tell_officers(actor, case, text % {"store": watch.step, "tenant": case.tenant.name})


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
