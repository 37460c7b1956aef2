"""Names in the log: erased on request, while every event still verifies."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.utils import timezone

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.models import Label


def erase_labels(*, actor: Actor, kind: str, ref_id: uuid.UUID, also: Collection[uuid.UUID] = ()) -> int:
    """Anybody's or anything's names leave the log for good; events keep a digest nobody can guess (I99).

    ``also``: ids of things whose names repeat it. Whether the actor may is the calling room's to decide.
    Returns how many names were erased. Clause LD-22.
    """
    with audited(actor, "auditlog.label.erased", subject_kind=kind, subject_id=ref_id) as change:
        names = Label.objects.filter(ref_id__in={ref_id, *also}, erased_at=None)
        erased = names.update(salt=b"", text="", erased_at=timezone.now())
        change.details["count"] = erased
    return erased
