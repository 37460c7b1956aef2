"""Messages that must leave: written with the change that causes them, delivered after it; and each attempt."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed


class Message(Governed):
    """One e-mail to one address, or one webhook to one endpoint, in the words it was queued with.

    The text (of a webhook: the very bytes that are signed) is kept until the message is sent: it may
    hold a link that opens something, or what a customer wrote. Of a webhook's its digest stays.
    ``person_id`` and ``subject_id`` are plain ids: the rooms they point into lie above. A message
    ``waiting`` is due at ``next_at``; while somebody delivers it, ``next_at`` lies a lease ahead,
    so a deliverer that dies leaves it due again.
    """

    class Kind(models.TextChoices):
        """By which way it leaves."""

        EMAIL = "email", _("E-mail")
        WEBHOOK = "webhook", _("Webhook")

    class State(models.TextChoices):
        """Where the message stands."""

        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        DEAD = "dead", _("Given up")

    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.EMAIL)
    address = models.CharField(_("address"), max_length=500)
    endpoint = models.ForeignKey("outbox.Endpoint", null=True, on_delete=models.PROTECT, related_name="messages")
    person_id = models.UUIDField(null=True, editable=False)
    template = models.CharField(max_length=100, help_text=_("The wording's name, or the event's"))
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    digest = models.CharField(max_length=64, blank=True, help_text=_("SHA-256 of a webhook's body, hex"))
    unsubscribe_url = models.CharField(max_length=500, blank=True, help_text=_("For List-Unsubscribe (RFC 8058)"))
    about_kind = models.CharField(max_length=64, blank=True, help_text=_("What it is about"))
    about_id = models.UUIDField(null=True, editable=False)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(_("queued"), default=timezone.now, editable=False)
    waiting_since = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    error = models.CharField(max_length=300, blank=True, help_text=_("Why the last attempt failed"))

    class Meta:
        verbose_name = _("message")
        ordering = ("-queued_at", "id")
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state="waiting"), name="message_due"),
            models.Index(fields=["state", "-queued_at", "id"], name="message_list"),
            models.Index(fields=["endpoint", "state", "-queued_at"], name="message_of_endpoint"),
            models.Index(fields=["about_kind", "about_id"], name="message_about"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=["waiting", "sent", "dead"]), name="message_state"),
            models.CheckConstraint(
                condition=models.Q(kind="email", endpoint__isnull=True)
                | models.Q(kind="webhook", endpoint__isnull=False),
                name="message_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(state="waiting", closed_at__isnull=True)
                | (~models.Q(state="waiting") & models.Q(closed_at__isnull=False)),
                name="message_closed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_due(self) -> bool:
        """Whether its next attempt waits for nothing but its endpoint's rest, or a free deliverer."""
        return self.next_at <= timezone.now()


class Attempt(Governed):
    """One try to deliver a message. Without ``ended_at``, whoever tried has not come back (yet)."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="tries")
    at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    milliseconds = models.PositiveIntegerField(null=True, editable=False)
    status = models.PositiveSmallIntegerField(null=True, editable=False, help_text=_("What the receiver answered"))
    error = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("delivery attempt")
        ordering = ("-at", "id")
        indexes = [models.Index(fields=["message", "-at"], name="attempt_of_message")]

    def __str__(self) -> str:
        return str(self.status or self.error)
