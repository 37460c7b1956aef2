"""What of notifications the registries hear: the kinds of this room, the daily e-mail, receivers that are gone."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auditlog.actors import Actor
from auditlog.jobs import register_sweep
from governance.models.notifications import Channel
from governance.notification_kinds import NotificationKind, register_notification_kind
from governance.services.notification_choices import send_daily_emails
from governance.services.notifications import notify
from governance.services.sign_ins import administrators
from outbox.models import Endpoint
from outbox.registry import on_gone

DECISIONS, YOURSELF, COMPANY = gettext_lazy("Decisions"), gettext_lazy("You"), gettext_lazy("Company")


def declare() -> None:
    """Fill the registries."""
    checked = gettext_lazy("Evidence of yours was checked")
    for kind in (
        NotificationKind("approval", DECISIONS, gettext_lazy("Something you asked for is decided"), Channel.DIGEST),
        NotificationKind("governance.evidence", DECISIONS, checked, may_be_off=True),
        NotificationKind("role", YOURSELF, gettext_lazy("Your roles change"), Channel.DIGEST),
        NotificationKind(
            "governance.second_factor", YOURSELF, gettext_lazy("Somebody tries to guess your codes"),
            Channel.NOW, urgent=True, to_oneself=True,
        ),
        NotificationKind(
            "governance.break_glass", COMPANY, gettext_lazy("A break-glass account is used or set up"),
            Channel.NOW, urgent=True,
        ),
        NotificationKind(
            "governance.webhook_gone", COMPANY, gettext_lazy("A product’s webhook receiver is gone"), Channel.NOW
        ),
    ):  # fmt: skip
        register_notification_kind(kind)
    register_sweep("governance.daily_emails_send", dt.timedelta(minutes=10), send_daily_emails)
    on_gone(tell_of_gone)


def tell_of_gone(actor: Actor, endpoint: Endpoint) -> None:
    """Tell every administrator that a receiver said it is gone, and that its endpoint is disabled."""
    text = _("The webhook receiver %(url)s says that it is gone. Its endpoint is disabled.") % {"url": endpoint.url}
    url = f"/webhooks/{endpoint.id}/"
    notify(actor=actor, people=administrators(), kind="governance.webhook_gone", text=text, url=url)
