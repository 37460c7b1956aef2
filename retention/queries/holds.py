"""Which holds are on a tenant or one of its stores."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from auditlog.errors import NotFoundError
from retention.models import LegalHold, RetentionSchedule


def holds_on(tenant_id: uuid.UUID) -> QuerySet[LegalHold]:
    """Holds on a tenant or any of its stores that were not lifted."""
    rows: QuerySet[LegalHold] = LegalHold.objects.filter(tenant_id=tenant_id, lifted_at=None).select_related("owner")
    return rows


def holds_over(tenant_id: uuid.UUID, store_id: uuid.UUID | None) -> QuerySet[LegalHold]:
    """Holds that forbid erasing from one store: those on it and those on the whole tenant."""
    return holds_on(tenant_id).filter(Q(store=None) | Q(store_id=store_id) if store_id else Q(store=None))


def holds(*, live_only: bool = False, words: str = "") -> QuerySet[LegalHold]:
    """Holds, newest first."""
    rows: QuerySet[LegalHold] = LegalHold.objects.select_related("tenant", "store", "owner", "placed_by", "lifted_by")
    if live_only:
        rows = rows.filter(lifted_at=None)
    if words:
        rows = rows.filter(Q(matter__icontains=words) | Q(tenant__name__icontains=words))
    return rows


def get_hold(hold_id: uuid.UUID) -> LegalHold:
    """One hold."""
    row = holds().filter(pk=hold_id).first()
    if row is None:
        raise NotFoundError("There is no such hold.")
    return row


def schedules_now(tenant_ids: Iterable[uuid.UUID] | None = None) -> QuerySet[RetentionSchedule]:
    """Schedules that count now: the defaults, and those of the tenants."""
    rows: QuerySet[RetentionSchedule] = RetentionSchedule.objects.filter(ended_at=None).select_related(
        "tenant", "set_by"
    )
    return rows if tenant_ids is None else rows.filter(Q(tenant=None) | Q(tenant_id__in=list(tenant_ids)))


def schedules_of(tenant_id: uuid.UUID) -> dict[str, RetentionSchedule]:
    """How long each category is kept for one tenant: its own schedule, else the default."""
    rows = sorted(schedules_now([tenant_id]), key=lambda row: row.tenant_id is not None)
    return {row.data_class: row for row in rows}
