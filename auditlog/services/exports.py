"""Taking the log away: for one of four purposes, and never unseen."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError

#: The log itself as a subject.
LOG_ID = uuid.uuid5(uuid.NAMESPACE_URL, "countersign:log")


class Purpose(models.TextChoices):
    """What log data may be used for (LD-24)."""

    TROUBLESHOOTING = "troubleshooting", gettext_lazy("Troubleshooting")
    OPERATIONS = "operations", gettext_lazy("Internal product operations, with audits and reviews")
    USAGE = "usage", gettext_lazy("Usage analysis")
    QUALITY = "quality", gettext_lazy("Improving platform quality and performance")


def record_list_export(*, actor: Actor, purpose: str, count: int, filters: Mapping[str, Any]) -> None:
    """Only for a stated purpose; records who takes ``count`` listed events away, and which.

    Raises :class:`InvalidInputError` (``purpose``). Clause LD-24.
    """
    _record(actor, "auditlog.list.exported", purpose, {"count": count, "filters": dict(filters)})


def record_bundle_export(*, actor: Actor, purpose: str, with_labels: bool) -> None:
    """Only for a stated purpose; records who takes the whole log away, and whether with names.

    Raises :class:`InvalidInputError` (``purpose``). Clause LD-24.
    """
    _record(actor, "auditlog.bundle.exported", purpose, {"with_labels": with_labels})


def _record(actor: Actor, action: str, purpose: str, details: dict[str, Any]) -> None:
    if purpose not in Purpose.values:
        raise InvalidInputError(_("Choose one of the four purposes."), field="purpose", clause="LD-24")
    with audited(actor, action, subject_kind="auditlog.log", subject_id=LOG_ID) as change:
        change.label = "Audit log"
        change.details.update(details, purpose=purpose)
