"""The work on one store, in short slices that chain: a worker may be killed at any point (I55)."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
import uuid
from contextlib import closing

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import Change, audited
from auditlog.errors import NotFoundError, StateError
from auditlog.jobs import soon
from governance.authority import Right, require
from retention.connectors.base import Connector, TroubleError
from retention.errors import AgreementRunsError, StoppedError
from retention.models import DeletionCase, Lease, LegalHold, Receipt, Residue, Step
from retention.opening import ASKED, open_connector, place_of_item
from retention.queries.holds import holds_over
from retention.services.afterwards import DONE_SO_FAR, void_certification
from retention.services.entry import CASE, locked_case, move_case
from retention.services.erasing import Eraser
from retention.services.holds import note_effective
from retention.services.leases import Held, keep_lease, release_lease, take_lease
from retention.services.ledger import Books
from retention.services.plans import refuse_misplaced
from retention.services.receipts import ask_product, keep_receipt
from retention.services.settling import STEP_JOB, settle_case
from retention.services.sweeping import each
from retention.services.verifying import list_afresh, residue_digests
from retention.troubles import passes
from retention.vocabulary import ERASING, WORKABLE, CaseState, ReceiptKind, StepState
from tenants.models import Tenant

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
    """Whether there is more to do at once. A hold, or another worker that has it now, ends it without a word."""
    with contextlib.suppress(StoppedError):
        return _tried(actor, step, held)
    return False


def _tried(actor: Actor, step: Step, held: Held) -> bool:
    try:
        if step.item.store is not None:
            refuse_misplaced(step.item.store)
        if step.item.facts["kind"] in ASKED:
            ask_product(actor=actor, step=step)
            return False
        with open_connector(place_of_item(step.item)) as connector:
            return _work(actor, step, held, connector)
    except StoppedError:
        raise
    except AgreementRunsError:  # refused, and on record; looked at again in an hour, not every few seconds
        note_trouble(actor=actor, step=step, held=held, trouble=TroubleError("agreement_runs"))
    except TroubleError as trouble:
        note_trouble(actor=actor, step=step, held=held, trouble=trouble)
    except Exception as error:
        note_trouble(actor=actor, step=step, held=held, trouble=TroubleError("error", type(error).__name__))
        raise
    return False


def _work(actor: Actor, step: Step, held: Held, connector: Connector) -> bool:
    """Sweep after sweep on one connection, then verify, for as long as a slice lasts; whether there is more to do."""
    until = time.monotonic() + SLICE
    while time.monotonic() < until:
        with closing(Eraser(Books(actor, step, held), connector, until)) as eraser:
            if step.state != StepState.SWEPT:
                _sweep(actor, step, held, eraser)
            elif verify_step(actor=actor, step=step, held=held, eraser=eraser):
                return False
        step.refresh_from_db(fields=["state", "sweeps", "destroyed", "trouble"])
    return True


def _sweep(actor: Actor, step: Step, held: Held, eraser: Eraser) -> None:
    """List once through and erase what is found, after what was left unanswered and what was kept until now."""
    begin_step(actor=actor, step=step, held=held)
    eraser.replay()
    eraser.recall(eraser.books.due_residue(), step.sweeps + 1)
    found = eraser.sweep(step.sweeps + 1)
    if found is not None:
        end_sweep(actor=actor, step=step, held=held, found=found)
        _require_progress(step, held, found)


def _require_progress(step: Step, held: Held, found: int) -> None:
    """Sweeps that find only what was erased before must end: keys that cannot be named, or a store that lies."""
    has_grown = Step.objects.values_list("destroyed", flat=True).get(pk=step.pk) > step.destroyed
    idle = 0 if has_grown or not found else Lease.objects.values_list("count", flat=True).get(about=step.pk) + 1
    keep_lease(held, count=idle % MOST_IDLE_SWEEPS)
    if idle >= MOST_IDLE_SWEEPS:
        raise TroubleError("failed", f"the same is listed again after {idle} sweeps")


def begin_step(*, actor: Actor, step: Step, held: Held) -> None:
    """The first slice, or the first after a trouble."""
    if step.state == StepState.RUNNING and not step.trouble:
        return
    with audited(actor, "retention.step.begun", subject_kind=CASE, subject_id=step.case_id) as change:
        row = _held_step(change, step, held)
        row.state, row.trouble, row.trouble_detail, row.retry_at = StepState.RUNNING, "", "", None
        row.started_at = row.started_at or timezone.now()
        row.save(update_fields=["state", "trouble", "trouble_detail", "retry_at", "started_at"])


def end_sweep(*, actor: Actor, step: Step, held: Held, found: int) -> None:
    """Listed once through: swept when nothing was found, and everything intended was answered for (rule 5)."""
    action = "retention.step.swept_again" if found else "retention.step.swept"
    with audited(actor, action, subject_kind=CASE, subject_id=step.case_id) as change:
        row = _held_step(change, step, held)
        row.sweeps += 1
        row.tries = 0
        if not found:
            row.state = StepState.SWEPT
        row.save(update_fields=["sweeps", "tries", "state"])
        change.details |= {"sweep": row.sweeps, "found": found}


def verify_step(*, actor: Actor, step: Step, held: Held, eraser: Eraser) -> bool:
    """List afresh; with nothing left but known residue the store is verified, else it is swept again (I53).

    Residue that the listing lacks is asked for by name: what went by itself is residue no more.
    """
    listing = list_afresh(step, eraser.books.stay)
    if listing.absent and not listing.unknown:
        eraser.recall(eraser.books.kept_items(listing.absent), step.sweeps)
    with audited(actor, "retention.step.verified", subject_kind=CASE, subject_id=step.case_id) as change:
        row = _held_step(change, step, held)
        residue = len(residue_digests(row))
        change.details |= {"left": listing.unknown + residue, "residue": residue}
        if listing.unknown:
            row.state = StepState.RUNNING
            row.save(update_fields=["state"])
            return False
        keep_receipt(change, row, Receipt(step=row, kind=ReceiptKind.LISTED, left=residue, residue=residue))
    return True


def note_trouble(*, actor: Actor, step: Step, held: Held, trouble: TroubleError) -> None:
    """Only this store waits: for a while when it passes by itself, else until somebody did something (I56)."""
    with audited(actor, "retention.step.troubled", subject_kind=CASE, subject_id=step.case_id) as change:
        row = _held_step(change, step, held)
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
    if row.case.state not in (*ERASING, *DONE_SO_FAR):
        raise StateError(_("Its case is open again: what this store kept is tried again when the case is executed."))
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


def _held_step(change: Change, step: Step, held: Held) -> Step:
    """The step under lock, for the worker that has it: one that was too slow says nothing about it any more.

    Raises :class:`StoppedError` when another worker has taken it over.
    """
    row = locked_step(change, step.id)
    if not keep_lease(held):
        raise StoppedError(_("Another worker has taken this over."))
    return row


def _case_of(step_id: uuid.UUID) -> uuid.UUID:
    case_id: uuid.UUID | None = Step.objects.filter(pk=step_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFoundError(_("There is no such store in this case."))
    return case_id


def sweep_steps() -> None:
    """The sweep: work on whatever is due and nobody is at, one slice each, for as long as a sweep may take."""
    actor = job_actor("retention.steps_sweep")
    for step_id in due_steps().values_list("pk", flat=True)[:200]:
        soon(STEP_JOB, str(step_id), actor=actor)
    waiting = Tenant.objects.filter(holds__effective_at=None, holds__lifted_at=None, holds__isnull=False).distinct()
    each("holds", waiting, lambda tenant: note_effective(actor=actor, tenant_id=tenant.pk))
    cases = DeletionCase.objects.filter(state__in=ERASING)
    each("settling", cases, lambda case: settle_case(actor=actor, case_id=case.pk))


def due_steps() -> QuerySet[Step]:
    """Steps that a worker has something to do on now, those that waited longest first; none under a hold.

    Said to the database as a whole: two hundred that wait for something else would else hide the next one.
    """
    now = timezone.now()
    ready = Q(state__in=WORKABLE, retry_at=None) | Q(state__in=[*WORKABLE, StepState.FAILED], retry_at__lte=now)
    held = LegalHold.objects.filter(
        Q(store=None) | Q(store=OuterRef("item__store")), tenant=OuterRef("case__tenant"), lifted_at=None
    )
    rows: QuerySet[Step] = Step.objects.filter(ready, ~Exists(held), case__state__in=ERASING)
    return rows.order_by(F("retry_at").asc(nulls_first=True), "pk")
