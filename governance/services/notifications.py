"""Tell people: in the app always, and by e-mail as each of them chose."""

from __future__ import annotations

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Collection, Iterable
from urllib.parse import urljoin

from django.conf import settings
from django.utils import timezone

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import NotFoundError
from governance.models import Notification, NotificationChoice, Person
from governance.models.notifications import Channel, NotificationTimes
from governance.notification_kinds import NotificationKind, kind_of
from governance.unsubscribing import unsubscribe_url
from outbox.services import forget_messages, queue_email


def notify(*, actor: Actor, people: Iterable[uuid.UUID], kind: str, text: str, url: str = "") -> None:
    """Leave one message for each person, within the caller's audited change, and mail it to those who want that.

    ``text`` is fit to show (cut at 300 characters); the actor is not told of their own deed, unless
    the kind says so. What each person chose for the kind counts; e-mails wait for their quiet hours
    to end, unless the kind is urgent.
    """
    declared = kind_of(kind)
    told = set(people) if declared.to_oneself else set(people) - {actor.id}
    if not told:
        return
    ways = channels_of(told, declared)
    rows = [
        Notification(person_id=person, kind=kind, text=text[:300], url=url, for_digest=way == Channel.DIGEST)
        for person, way in ways.items()
        if way != Channel.OFF
    ]
    Notification.objects.bulk_create(rows)
    mail_now(actor, declared, [row for row in rows if ways[row.person_id] == Channel.NOW])


def channels_of(people: set[uuid.UUID], kind: NotificationKind) -> dict[uuid.UUID, str]:
    """By which way each of ``people`` hears of ``kind``; one query."""
    chosen = NotificationChoice.objects.filter(kind=kind.key, person_id__in=people)
    return dict.fromkeys(people, kind.default.value) | dict(chosen.values_list("person_id", "channel"))


def mail_now(actor: Actor, kind: NotificationKind, rows: list[Notification]) -> None:
    """Queue an e-mail for each of ``rows``, to leave at once or when the person's quiet hours end."""
    if not rows:
        return
    wanted = Person.objects.filter(pk__in=[row.person_id for row in rows], is_active=True)
    people = {person.id: person for person in wanted.select_related("notification_times")}
    for row in rows:
        if person := people.get(row.person_id):
            mail_one(actor, kind, row, person)


def mail_one(actor: Actor, kind: NotificationKind, row: Notification, person: Person) -> None:
    """Queue one notification as an e-mail."""
    stop = unsubscribe_url(person.id, kind.key)
    queue_email(
        actor=actor,
        address=person.email,
        template="notification",
        words={
            "name": person.name,
            "text": row.text,
            "url": urljoin(f"{settings.PUBLIC_URL}/", row.url) if row.url else "",
            "kind": kind.name,
            "unsubscribe_url": stop,
        },
        person_id=person.id,
        about=("governance.notification", row.id),
        not_before=None if kind.urgent else quiet_end(person, timezone.now()),
        unsubscribe_url=stop,
    )


def times_of(person: Person) -> NotificationTimes:
    """When e-mails may reach this person; what everybody starts with where they chose nothing."""
    try:
        return person.notification_times
    except NotificationTimes.DoesNotExist:
        return NotificationTimes(person=person)


def quiet_end(person: Person, now: dt.datetime) -> dt.datetime | None:
    """When the person's quiet hours end, if it is quiet now."""
    return times_of(person).quiet_end(now, zoneinfo.ZoneInfo(person.time_zone))


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


def forget_notifications(*, actor: Actor, urls: Collection[str]) -> int:
    """Remove what people were told about things whose content is erased, and mails about it; gives how many."""
    with audited(actor, "governance.notifications.forgotten", subject_kind="governance.notification") as change:
        rows = Notification.objects.filter(url__in=urls)
        ids = list(rows.values_list("pk", flat=True))
        forget_messages(actor=actor, about_kind="governance.notification", about_ids=ids)
        rows.delete()
        change.details = {"count": len(ids)}
    return len(ids)
