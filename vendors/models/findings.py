"""Findings: what an assessment found wrong, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Witnessed
from vendors.vocabulary import Severity


class Finding(Witnessed):
    """One weakness of a service. States and exits: ``services.findings.MOVES``.

    ``accepted``: a security approver who drafted nothing of it signed to live with it until
    ``accepted_until`` (a step-up bound to the finding's digest).
    """

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", _("Open")
        REMEDIATED = "remediated", _("Remediated")
        ACCEPTED = "accepted", _("Risk accepted")
        CLOSED = "closed", _("Closed")

    witnessed_fields: ClassVar[tuple[str, ...]] = (
        "assessment_id",
        "severity",
        "owner_id",
        "due_on",
        "state",
        "accepted_by_id",
        "accepted_until",
        "step_up_id",
    )

    assessment = models.ForeignKey("vendors.Assessment", on_delete=models.PROTECT, related_name="findings")
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity.choices)
    title = models.CharField(_("what is wrong"), max_length=160)
    text = models.TextField(_("details"), blank=True, max_length=4000)
    clause = models.CharField(_("clause"), max_length=16, blank=True)
    owner = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="owned_findings")
    due_on = models.DateField(_("due"))
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    raised_by = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="+", editable=False)
    raised_at = models.DateTimeField(default=timezone.now, editable=False)
    resolution = models.TextField(blank=True, max_length=2000, editable=False)
    resolved_at = models.DateTimeField(null=True, editable=False)
    resolved_by = models.ForeignKey("governance.Person", null=True, on_delete=models.PROTECT, related_name="+")
    accepted_by = models.ForeignKey("governance.Person", null=True, on_delete=models.PROTECT, related_name="+")
    accepted_until = models.DateField(null=True)
    step_up = models.OneToOneField("governance.StepUp", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-severity", "due_on", "id")
        indexes = [models.Index(fields=["state", "due_on"], name="finding_due")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="accepted")
                | models.Q(accepted_by__isnull=False, accepted_until__isnull=False, step_up__isnull=False),
                name="finding_accepted_is_signed",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open") | models.Q(resolved_at__isnull=False), name="finding_resolved_has_time"
            ),
        ]

    def __str__(self) -> str:
        return self.title
