"""Messages whose content has to go before they were delivered, or after they were given up."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from outbox.models import Message


def forget_messages(*, actor: Actor, about_kind: str, about_ids: Iterable[uuid.UUID]) -> int:
    """Empty what messages about these things say; one that still waits is given up. Gives how many had a text.

    Their digests, and when they were tried, stay.
    """
    ids = list(about_ids)
    with audited(actor, "outbox.messages.forgotten", subject_kind="outbox.messages") as change:
        rows = Message.objects.filter(about_kind=about_kind, about_id__in=ids).exclude(text="")
        now, why = timezone.now(), _("Its content was erased.")
        waiting = rows.filter(state=Message.State.WAITING)
        given_up = waiting.update(state=Message.State.DEAD, closed_at=now, error=why)
        emptied = rows.update(text="", subject="")
        change.details = {"about": about_kind, "emptied": emptied, "given_up": given_up}
    return emptied
