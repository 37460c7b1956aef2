"""One worker at a time on one piece of work, fenced by an epoch (rule 1)."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import F, Q
from django.utils import timezone

from retention.models import Lease

#: Longer than any single call may take; a worker that was killed is followed after this.
TERM = dt.timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Held:
    """A lease as its worker got it."""

    about: uuid.UUID
    epoch: int


def take_lease(about: uuid.UUID) -> Held | None:
    """The lease on a piece of work, or ``None``: somebody else is at it."""
    Lease.objects.get_or_create(about=about)
    now = timezone.now()
    free = Lease.objects.filter(Q(until=None) | Q(until__lte=now), about=about)
    if not free.update(epoch=F("epoch") + 1, until=now + TERM):
        return None
    return Held(about, Lease.objects.values_list("epoch", flat=True).get(about=about))


def keep_lease(held: Held, *, count: int | None = None, size: int | None = None) -> bool:
    """Hold it for another term, and say how far a count has got; ``False``: it was lost to somebody else."""
    told = {} if count is None else {"count": count, "size": size or 0}
    rows = Lease.objects.filter(about=held.about, epoch=held.epoch, until__isnull=False)
    return bool(rows.update(until=timezone.now() + TERM, **told))


def is_held(held: Held) -> bool:
    """Whether it is still ours, by the database."""
    return Lease.objects.filter(about=held.about, epoch=held.epoch, until__gt=timezone.now()).exists()


def release_lease(held: Held) -> None:
    """Give it back, so that the next may begin at once."""
    Lease.objects.filter(about=held.about, epoch=held.epoch).update(until=None)
