"""The work on one store, in short slices that chain: a worker may be killed at any point (I55)."""

from __future__ import annotations

import datetime as dt
import time
import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import Change, audited
from auditlog.errors import NotFoundError, StateError
from auditlog.jobs import soon
from governance.authority import Right, require
from retention.connectors.base import Connector, TroubleError
from retention.errors import AgreementRunsError, StoppedError
from retention.models import DeletionCase, Lease, Receipt, Residue, Step
from retention.opening import ASKED, open_connector, place_of_item
from retention.queries.holds import holds_over
from retention.services.afterwards import void_certification
from retention.services.entry import CASE, locked_case, move_case
from retention.services.erasing import Eraser
from retention.services.holds import note_effective
from retention.services.leases import Held, keep_lease, release_lease, take_lease
from retention.services.ledger import Books
from retention.services.plans import refuse_misplaced
from retention.services.receipts import ask_product, keep_receipt
from retention.services.settling import STEP_JOB, settle_case
from retention.troubles import passes
from retention.vocabulary import ERASING, WORKABLE, CaseState, ReceiptKind, StepState

#: How long one slice works before it makes room for others, in seconds.
SLICE = 20.0
#: After so many sweeps that found nothing but what was erased before, somebody has to look.
MOST_IDLE_SWEEPS = 10
#: How long a step waits after a trouble that passes by itself (doubled each time) and after another one.
WAIT_FIRST, WAIT_MOST, WAIT_BLOCKED = dt.timedelta(seconds=2), dt.timedelta(minutes=10), dt.timedelta(hours=1)


def work_step(step_id: str, *, actor: Actor) -> None:
    """One slice of a step, if it is its turn and nobody else is at it. Safe to run twice, late, or never."""
    step = (
        Step.objects.select_related("case__tenant", "item__plan__case", "item__store__tenant")
        .filter(pk=step_id)
        .first()
    )
    if step is None or not is_due(step):
        return
    goes_on = False
    if not holds_over(step.case.tenant_id, step.item.store_id).exists():  # no store is listed in vain for months
        held = take_lease(step.id)
        if held is None:
            return
        try:
            goes_on = _slice(actor, step, held)
        finally:
            release_lease(held)
    note_effective(actor=actor, tenant_id=step.case.tenant_id)
    settle_case(actor=actor, case_id=step.case_id)
    if goes_on:
        soon(STEP_JOB, step_id, actor=actor)


def is_due(step: Step) -> bool:
    """Whether a worker has something to do on it now."""
    if step.case.state not in ERASING:
        return False
    if step.state == StepState.FAILED:
        return step.retry_at is not None and step.retry_at <= timezone.now()
    return step.state in WORKABLE and (step.retry_at is None or step.retry_at <= timezone.now())


def _slice(actor: Actor, step: Step, held: Held) -> bool:
    """Whether there is more to do at once."""
    try:
        if step.item.store is not None:
            refuse_misplaced(step.item.store)
        if step.item.facts["kind"] in ASKED:
            ask_product(actor=actor, step=step)
            return False
        with open_connector(place_of_item(step.item)) as connector:
            return _work(actor, step, held, connector)
    except StoppedError:
        return False
    except AgreementRunsError:  # refused, and on record; looked at again in an hour, not every few seconds
        note_trouble(actor=actor, step_id=step.id, trouble=TroubleError("agreement_runs"))
    except TroubleError as trouble:
        note_trouble(actor=actor, step_id=step.id, trouble=trouble)
    except Exception as error:
        note_trouble(actor=actor, step_id=step.id, trouble=TroubleError("error", type(error).__name__))
        raise
    return False


def _work(actor: Actor, step: Step, held: Held, connector: Connector) -> bool:
    """Sweep after sweep on one connection, then verify, for as long as a slice lasts; whether there is more to do."""
    until = time.monotonic() + SLICE
    while time.monotonic() < until:
        if step.state != StepState.SWEPT:
            _sweep(actor, step, held, connector, until)
        elif verify_step(actor=actor, step=step, connector=connector):
            return False
        step.refresh_from_db(fields=["state", "sweeps", "destroyed", "trouble"])
    return True


def _sweep(actor: Actor, step: Step, held: Held, connector: Connector, until: float) -> None:
    """List once through and erase what is found, after what was left unanswered."""
    eraser = Eraser(Books(actor, step, held), connector, until)
    begin_step(actor=actor, step=step)
    try:
        eraser.replay()
        found = eraser.sweep(step.sweeps + 1)
    finally:
        eraser.close()
    if found is not None:
        end_sweep(actor=actor, step_id=step.id, found=found)
        _require_progress(step, held, found)


def _require_progress(step: Step, held: Held, found: int) -> None:
    """Sweeps that find only what was erased before must end: keys that cannot be named, or a store that lies."""
    has_grown = Step.objects.values_list("destroyed", flat=True).get(pk=step.pk) > step.destroyed
    idle = 0 if has_grown or not found else Lease.objects.values_list("count", flat=True).get(about=step.pk) + 1
    keep_lease(held, count=idle % MOST_IDLE_SWEEPS)
    if idle >= MOST_IDLE_SWEEPS:
        raise TroubleError("failed", f"the same is listed again after {idle} sweeps")


def begin_step(*, actor: Actor, step: Step) -> None:
    """The first slice, or the first after a trouble."""
    if step.state == StepState.RUNNING and not step.trouble:
        return
    with audited(actor, "retention.step.begun", subject_kind=CASE, subject_id=step.case_id) as change:
        row = locked_step(change, step.id)
        row.state, row.trouble, row.trouble_detail, row.retry_at = StepState.RUNNING, "", "", None
        row.started_at = row.started_at or timezone.now()
        row.save(update_fields=["state", "trouble", "trouble_detail", "retry_at", "started_at"])


def end_sweep(*, actor: Actor, step_id: uuid.UUID, found: int) -> None:
    """Listed once through: swept when nothing was found, and everything intended was answered for (rule 5)."""
    action = "retention.step.swept_again" if found else "retention.step.swept"
    with audited(actor, action, subject_kind=CASE, subject_id=_case_of(step_id)) as change:
        row = locked_step(change, step_id)
        row.sweeps += 1
        row.tries = 0
        if not found:
            row.state = StepState.SWEPT
        row.save(update_fields=["sweeps", "tries", "state"])
        change.details |= {"sweep": row.sweeps, "found": found}


def verify_step(*, actor: Actor, step: Step, connector: Connector) -> bool:
    """List afresh; with nothing left but known residue the store is verified, else it is swept again (I53)."""
    left = connector.left()
    with audited(actor, "retention.step.verified", subject_kind=CASE, subject_id=step.case_id) as change:
        row = locked_step(change, step.id)
        residue = Residue.objects.filter(step=row, cleared_at=None).count()
        change.details |= {"left": left.items, "residue": residue}
        if left.items != residue:
            row.state = StepState.RUNNING
            row.save(update_fields=["state"])
            return False
        keep_receipt(change, row, Receipt(step=row, kind=ReceiptKind.LISTED, left=left.items, residue=residue))
    return True


def note_trouble(*, actor: Actor, step_id: uuid.UUID, trouble: TroubleError) -> None:
    """Only this store waits: for a while when it passes by itself, else until somebody did something (I56)."""
    with audited(actor, "retention.step.troubled", subject_kind=CASE, subject_id=_case_of(step_id)) as change:
        row = locked_step(change, step_id)
        row.tries += 1
        row.trouble, row.trouble_detail = trouble.code, trouble.detail[:300]
        row.state = StepState.RUNNING if passes(trouble.code) else StepState.FAILED
        wait = min(WAIT_FIRST * 2 ** min(row.tries - 1, 12), WAIT_MOST) if passes(trouble.code) else WAIT_BLOCKED
        row.retry_at = trouble.until or timezone.now() + wait
        row.save(update_fields=["tries", "trouble", "trouble_detail", "state", "retry_at"])
        change.details |= {"trouble": trouble.code, "tries": row.tries}


def retry_step(*, actor: Actor, step_id: uuid.UUID) -> Step:
    """Somebody mended what was in the way: try again now, what the store kept included."""
    with audited(actor, "retention.step.retried", subject_kind=CASE, subject_id=_case_of(step_id)) as change:
        require(actor, Right.DELETE_DATA)
        row = locked_step(change, step_id)
        _reopen(change, row)
        soon(STEP_JOB, str(step_id), actor=actor)
    settle_case(actor=actor, case_id=row.case_id)
    return row


def _reopen(change: Change, row: Step) -> None:
    if row.case.state not in ERASING and row.state != StepState.RESIDUE:
        raise StateError(_("There is nothing to try again in this store."))
    if row.state == StepState.VERIFIED:
        raise StateError(_("This store is verified empty."))
    Residue.objects.filter(step=row, cleared_at=None).update(until=timezone.now())
    row.state, row.retry_at, row.tries = StepState.RUNNING, None, 0
    row.trouble, row.trouble_detail = "", ""
    row.save(update_fields=["state", "retry_at", "tries", "trouble", "trouble_detail"])
    change.details |= {"state": row.state}
    if row.case.state not in ERASING:  # workers look at cases that are executed, only
        void_certification(change.actor, row.case)
        row.case.refresh_from_db()
        move_case(change, row.case, CaseState.EXECUTING)


def locked_step(change: Change, step_id: uuid.UUID) -> Step:
    """The step under lock, after its case; the change is about its case and tells which step."""
    case = locked_case(_case_of(step_id))
    row: Step = Step.objects.select_for_update(of=("self",)).select_related("item__store").get(pk=step_id)
    row.case = case
    change.tenant_id, change.subject_id = case.tenant_id, case.id
    change.details["step"] = row.id
    return row


def _case_of(step_id: uuid.UUID) -> uuid.UUID:
    case_id: uuid.UUID | None = Step.objects.filter(pk=step_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFoundError(_("There is no such store in this case."))
    return case_id


def sweep_steps() -> None:
    """The sweep: work on whatever is due and nobody is at, one slice each, for as long as a sweep may take."""
    actor = job_actor("retention.steps_sweep")
    due = Step.objects.filter(case__state__in=ERASING).exclude(state__in=[StepState.VERIFIED, StepState.RESIDUE])
    for step in due.select_related("case").order_by("retry_at")[:200]:
        if is_due(step):
            soon(STEP_JOB, str(step.id), actor=actor)
    for case_id in DeletionCase.objects.filter(state__in=ERASING).values_list("pk", flat=True):
        settle_case(actor=actor, case_id=case_id)
