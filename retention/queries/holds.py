"""Which holds are on a tenant or one of its stores."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import AuthorityError, NotFoundError
from auditlog.models import Event
from auditlog.queries import Told, told
from governance.authority import Right, has_right
from retention.errors import HeldError
from retention.models import Batch, DeletionCase, Lease, LegalHold, Residue, RetentionSchedule, Step
from retention.vocabulary import SETTLED, BatchState, CaseState
from tenants.vocabulary import StoreKind

#: What a list of holds is filtered by.
STATES: dict[str, Callable[[], dict[str, object]]] = {
    "live": lambda: {"lifted_at": None},
    "overdue": lambda: {"lifted_at": None, "review_on__lt": timezone.now().date()},
    "lifted": lambda: {"lifted_at__isnull": False},
}
#: Refused attempts that one page tells of.
MOST = 50
#: No call to a store takes longer: S3 gives up after minutes, a database after five.
LONGEST_CALL = dt.timedelta(minutes=10)


def holds_on(tenant_id: uuid.UUID) -> QuerySet[LegalHold]:
    """Holds on a tenant or any of its stores that were not lifted."""
    rows: QuerySet[LegalHold] = LegalHold.objects.filter(tenant_id=tenant_id, lifted_at=None).select_related("owner")
    return rows


def on_their_way(hold: LegalHold) -> list[str]:
    """What of a deletion is under way that nobody can stop from here, in words; empty: the hold is in effect.

    A call that was made and not answered for ten minutes is over, whatever became of it.
    """
    steps = Step.objects.filter(case__tenant_id=hold.tenant_id, replaced_at=None).select_related("item__store")
    if hold.store_id:
        steps = steps.filter(item__store_id=hold.store_id)
    asked = steps.filter(item__facts__kind=StoreKind.WEBHOOK, trouble="awaited").exclude(state__in=SETTLED)
    told = [_("%s was asked to erase and has not answered. Tell whoever runs it to stop.") % step for step in asked]
    keys = Residue.objects.filter(
        step__in=steps, cleared_at=None, code="key_pending", until__gt=timezone.now()
    ).select_related("step__item__store")
    told += [
        _("The key of %(store)s is destroyed on %(day)s, unless you cancel its deletion (KMS CancelKeyDeletion).")
        % {"store": row.step, "day": date_format(row.until)}
        for row in keys
    ]
    return told + ([_("A call was on its way when the hold was placed.")] if _is_called(steps) else [])


def _is_called(steps: QuerySet[Step]) -> bool:
    """Whether a worker is at a store, or was and its last call has not been answered for."""
    now = timezone.now()
    if Lease.objects.filter(about__in=steps.values("pk"), until__gt=now).exists():
        return True
    return Batch.objects.filter(step__in=steps, state=BatchState.INTENDED, intended_at__gt=now - LONGEST_CALL).exists()


def holds_over(tenant_id: uuid.UUID, store_id: uuid.UUID | None) -> QuerySet[LegalHold]:
    """Holds that forbid erasing from one store: those on it and those on the whole tenant."""
    return holds_on(tenant_id).filter(Q(store=None) | Q(store_id=store_id) if store_id else Q(store=None))


def holds(*, state: str = "", words: str = "") -> QuerySet[LegalHold]:
    """Holds: ``live``, ``overdue`` (not looked at again in time), ``lifted``, or all; by matter or tenant."""
    rows: QuerySet[LegalHold] = LegalHold.objects.select_related("tenant", "store", "owner", "placed_by", "lifted_by")
    if state in STATES:
        rows = rows.filter(**STATES[state]())
    if words:
        rows = rows.filter(Q(matter__icontains=words) | Q(tenant__name__icontains=words))
    return rows


def get_hold_for(actor: Actor, hold_id: uuid.UUID) -> LegalHold:
    """One hold, for whoever reads deletions, and for whoever answers for it."""
    row = get_hold(hold_id)
    if row.owner_id != actor.id and not has_right(actor, Right.READ_DELETIONS):
        raise AuthorityError(_("Your roles do not open this page."))
    return row


def get_hold(hold_id: uuid.UUID) -> LegalHold:
    """One hold."""
    row = holds().filter(pk=hold_id).first()
    if row is None:
        raise NotFoundError(_("There is no such hold."))
    return row


def refused_attempts(hold: LegalHold) -> list[Told]:
    """Attempts to delete that a hold on this tenant refused while this one was live, newest first (I52)."""
    rows = Event.objects.filter(
        tenant_id=hold.tenant_id, outcome=Event.Outcome.REFUSED, subject_kind="retention.case", at__gte=hold.placed_at,
        body__contains=f'"{HeldError.code}"',
    )  # fmt: skip
    if hold.lifted_at is not None:
        rows = rows.filter(at__lte=hold.lifted_at)
    return told([row for row in rows.order_by("-id")[:MOST] if row.content.get("error") == HeldError.code])


def schedules_now(tenant_ids: Iterable[uuid.UUID] | None = None) -> QuerySet[RetentionSchedule]:
    """Schedules that count now: the defaults, and those of the tenants."""
    rows: QuerySet[RetentionSchedule] = RetentionSchedule.objects.filter(ended_at=None).select_related(
        "tenant", "set_by"
    )
    return rows if tenant_ids is None else rows.filter(Q(tenant=None) | Q(tenant_id__in=list(tenant_ids)))


def schedules_own(words: str = "") -> QuerySet[RetentionSchedule]:
    """Schedules of single tenants that count now, by the tenant's name or key."""
    rows = schedules_now().filter(tenant__isnull=False)
    return rows.filter(Q(tenant__name__icontains=words) | Q(tenant__key__icontains=words)) if words else rows


def schedules_ended() -> QuerySet[RetentionSchedule]:
    """Schedules that count no more, the one that ended last first."""
    rows: QuerySet[RetentionSchedule] = RetentionSchedule.objects.filter(ended_at__isnull=False)
    return rows.select_related("tenant", "set_by").order_by("-ended_at", "-id")


def get_schedule(schedule_id: uuid.UUID) -> RetentionSchedule:
    """One schedule."""
    row: RetentionSchedule | None = RetentionSchedule.objects.select_related("tenant").filter(pk=schedule_id).first()
    if row is None:
        raise NotFoundError(_("There is no such schedule."))
    return row


def schedules_of(tenant_id: uuid.UUID) -> dict[str, RetentionSchedule]:
    """How long each category is kept for one tenant: its own schedule, else the default."""
    rows = sorted(schedules_now([tenant_id]), key=lambda row: row.tenant_id is not None)
    return {row.data_class: row for row in rows}


def cases_stopped(hold: LegalHold) -> list[DeletionCase]:
    """Deletion cases of the tenant that are stopped now, and may go on when the hold is lifted."""
    rows = DeletionCase.objects.filter(tenant_id=hold.tenant_id, state=CaseState.HELD).select_related("tenant")
    return list(rows.order_by("number"))
