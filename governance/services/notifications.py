"""Tell people, in the app."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.utils import timezone

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import NotFoundError
from governance.models import Notification


def notify(*, actor: Actor, people: Iterable[uuid.UUID], kind: str, text: str, url: str = "") -> None:
    """Leave one message for each person, within the caller's audited change.

    ``text`` is fit to show (cut at 300 characters); the actor is not told of their own deed.
    """
    Notification.objects.bulk_create(
        Notification(person_id=person, kind=kind, text=text[:300], url=url) for person in set(people) - {actor.id}
    )


def read_notification(*, actor: Actor, notification_id: uuid.UUID) -> Notification:
    """Mark one of the actor's own messages as read; a stranger's is :class:`NotFoundError`."""
    with audited(
        actor, "governance.notification.read", subject_kind="governance.notification", subject_id=notification_id
    ):
        row: Notification | None = Notification.objects.filter(pk=notification_id, person_id=actor.id).first()
        if row is None:
            raise NotFoundError("There is no such notification.")
        row.read_at = row.read_at or timezone.now()
        row.save(update_fields=["read_at"])
        return row


def read_all_notifications(*, actor: Actor) -> int:
    """Mark all of the actor's messages as read; gives how many there were."""
    with audited(
        actor, "governance.notification.all_read", subject_kind="governance.person", subject_id=actor.id
    ) as change:
        count = Notification.objects.filter(person_id=actor.id, read_at=None).update(read_at=timezone.now())
        change.details = {"count": count}
        return int(count)
