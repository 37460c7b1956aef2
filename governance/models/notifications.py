"""What a person should know, shown in the app; and by which way they want to hear of it beside that."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed


class Channel(models.TextChoices):
    """How a person hears of one kind of thing. What reaches them at all is shown in the app as well."""

    NOW = "now", _("In the app, and by e-mail at once")
    DIGEST = "digest", _("In the app, and in the daily e-mail")
    APP = "app", _("In the app only")
    OFF = "off", _("Not at all")


class Notification(Governed):
    """One message to one person. ``kind`` is stable; ``text`` is fit to show; ``url`` leads to it."""

    person = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="notifications")
    kind = models.CharField(max_length=64)
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)
    for_digest = models.BooleanField(default=False, editable=False, help_text=_("Waits for the daily e-mail"))

    class Meta:
        ordering = ("-at",)
        indexes = [
            models.Index(fields=["person", "read_at", "-at"], name="notification_inbox"),
            models.Index(fields=["person", "at"], condition=models.Q(for_digest=True), name="notification_digest"),
        ]


class NotificationChoice(Governed):
    """One person's own choice for one kind, where it differs from what the kind starts with."""

    person = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="notification_choices")
    kind = models.CharField(max_length=64)
    channel = models.CharField(max_length=8, choices=Channel.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="notification_choice_once"),
            models.CheckConstraint(condition=models.Q(channel__in=Channel.values), name="notification_channel_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.channel}"


class NotificationTimes(Governed):
    """When e-mails may reach one person: quiet hours, and the hour of the daily e-mail, in the person's zone."""

    person = models.OneToOneField("governance.Person", on_delete=models.PROTECT, related_name="notification_times")
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    daily = models.BooleanField(_("daily e-mail"), default=True)
    daily_at = models.TimeField(_("daily e-mail at"), default=dt.time(7))
    daily_sent_on = models.DateField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_both_ends",
            ),
        ]

    def quiet_end(self, now: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime | None:
        """When the quiet hours that ``now`` lies in end; ``None`` outside them. They may pass midnight."""
        start, end = self.quiet_from, self.quiet_until
        if start is None or end is None or start == end:
            return None
        local = now.astimezone(zone)
        clock, overnight = local.time(), start > end
        if not (clock >= start or clock < end if overnight else start <= clock < end):
            return None
        day = local.date() + dt.timedelta(days=1 if overnight and clock >= start else 0)
        return dt.datetime.combine(day, end, tzinfo=zone).astimezone(dt.UTC)
