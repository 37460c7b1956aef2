"""How one person wants to hear of things, and the daily e-mail."""

from __future__ import annotations

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Mapping
from urllib.parse import urljoin

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, InvalidInputsError
from governance.models import Notification, NotificationChoice, Person
from governance.models.notifications import Channel, NotificationTimes
from governance.notification_kinds import KINDS
from governance.services.notifications import times_of
from governance.unsubscribing import DAILY, unsubscribe_url
from outbox.services import queue_email

PERSON = "governance.person"
#: How many notifications one daily e-mail lists; it says how many more there are.
LISTED = 50


def set_notification_choices(
    *,
    actor: Actor,
    channels: Mapping[str, str],
    quiet_from: dt.time | None = None,
    quiet_until: dt.time | None = None,
    daily: bool = True,
    daily_at: dt.time = dt.time(7),
) -> NotificationTimes:
    """Set how the actor hears of each kind in ``channels``, and when e-mails may come (clock times of their zone).

    Raises:
        InvalidInputsError: a kind or channel is unknown, or quiet hours have one end only; by field.
    """
    errors = wrong(channels, quiet_from, quiet_until)
    if errors:
        raise InvalidInputsError(errors)
    with audited(actor, "governance.notifications.chosen", subject_kind=PERSON, subject_id=actor.id) as change:
        for key, channel in channels.items():
            choose(actor.id, key, channel)
        times = {"quiet_from": quiet_from, "quiet_until": quiet_until, "daily": daily, "daily_at": daily_at}
        row, _made = NotificationTimes.objects.update_or_create(person_id=actor.id, defaults=times)
        change.details = {"channels": dict(channels), "daily": daily, "quiet": quiet_from is not None}
    return row


def wrong(channels: Mapping[str, str], quiet_from: dt.time | None, quiet_until: dt.time | None) -> dict[str, str]:
    """What is wrong, by field."""
    errors = {
        key: str(_("Choose one of the ways offered."))
        for key, channel in channels.items()
        if key not in KINDS or channel not in dict(KINDS[key].channels)
    }
    if (quiet_from is None) != (quiet_until is None):
        field = "quiet_from" if quiet_from is None else "quiet_until"
        errors[field] = _("Quiet hours need both ends. Leave both empty for none.")
    return errors


def choose(person_id: uuid.UUID, kind: str, channel: str) -> None:
    """Keep a choice; one that is what everybody starts with is no row."""
    if channel == KINDS[kind].default:
        NotificationChoice.objects.filter(person_id=person_id, kind=kind).delete()
    else:
        NotificationChoice.objects.update_or_create(person_id=person_id, kind=kind, defaults={"channel": channel})


def stop_emails(*, actor: Actor, kind: str) -> None:
    """Send the actor no more e-mails of this kind (``daily``: no daily e-mail); the app still shows what happens."""
    with audited(actor, "governance.notifications.unsubscribed", subject_kind=PERSON, subject_id=actor.id) as change:
        change.details = {"kind": kind}
        set_emails(actor.id, kind, wanted=False)


def resume_emails(*, actor: Actor, kind: str) -> None:
    """Take :func:`stop_emails` back."""
    with audited(actor, "governance.notifications.resubscribed", subject_kind=PERSON, subject_id=actor.id) as change:
        change.details = {"kind": kind}
        set_emails(actor.id, kind, wanted=True)


def set_emails(person_id: uuid.UUID, kind: str, *, wanted: bool) -> None:
    """E-mails of one kind, or the daily one, on or off."""
    if kind == DAILY:
        NotificationTimes.objects.update_or_create(person_id=person_id, defaults={"daily": wanted})
    elif kind in KINDS:
        choose(person_id, kind, Channel.NOW if wanted else Channel.APP)
    else:
        raise InvalidInputError(_("There are no e-mails of this kind any more."))


def send_daily_emails() -> int:
    """Send the daily e-mail to everybody whose hour has come and who has something unread in it; gives how many."""
    waiting = Person.objects.filter(is_active=True, notifications__for_digest=True).distinct()
    actor = job_actor("governance.daily_emails_send")
    now = timezone.now()
    due = [person for person in waiting.select_related("notification_times") if is_due(person, now)]
    return sum(send_daily_email(actor=actor, person_id=person.id) for person in due)


def is_due(person: Person, now: dt.datetime) -> bool:
    """Whether the hour of the daily e-mail has come today, by the person's clock, and it is not quiet."""
    times, local = times_of(person), now.astimezone(zoneinfo.ZoneInfo(person.time_zone))
    today = times.daily_sent_on == local.date()
    return local.time() >= times.daily_at and not today and times.quiet_end(now, zone_of(person)) is None


def zone_of(person: Person) -> zoneinfo.ZoneInfo:
    """Where the person lives."""
    return zoneinfo.ZoneInfo(person.time_zone)


def send_daily_email(*, actor: Actor, person_id: uuid.UUID) -> bool:
    """Gather what waits for one person's daily e-mail and queue it; gives whether there was anything to say."""
    with audited(actor, "governance.daily_email.queued", subject_kind=PERSON, subject_id=person_id) as change:
        person: Person = Person.objects.select_for_update().get(pk=person_id)
        waiting = Notification.objects.filter(person_id=person_id, for_digest=True)
        unread = list(waiting.filter(read_at=None).order_by("at", "id"))
        waiting.update(for_digest=False)
        today = timezone.now().astimezone(zone_of(person)).date()
        times, _made = NotificationTimes.objects.update_or_create(
            person_id=person_id, defaults={"daily_sent_on": today}
        )
        change.details = {"count": len(unread), "sent": bool(unread and times.daily)}
        if unread and times.daily:
            mail_daily(actor, person, unread)
    return bool(unread and times.daily)


def mail_daily(actor: Actor, person: Person, rows: list[Notification]) -> None:
    """Queue the e-mail itself."""
    stop = unsubscribe_url(person.id, DAILY)
    root = f"{settings.PUBLIC_URL}/"
    queue_email(
        actor=actor,
        address=person.email,
        template="daily",
        words={
            "name": person.name,
            "count": len(rows),
            "rows": [(row.text, urljoin(root, row.url) if row.url else "") for row in rows[:LISTED]],
            "more": max(0, len(rows) - LISTED),
            "url": urljoin(root, "notifications/"),
            "unsubscribe_url": stop,
        },
        person_id=person.id,
        unsubscribe_url=stop,
    )
