"""Resets of second factors: for somebody who lost all of theirs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.guard import GovernedQuerySet
from auditlog.models import Governed


class FactorResetQuerySet(GovernedQuerySet):
    """Resets by what is still to happen."""

    def waiting_to_enrol(self) -> FactorResetQuerySet:
        """Took effect, and the person has not enrolled a new factor since."""
        return self.filter(reset_at__isnull=False, enrolled_at=None)


class FactorReset(Governed):
    """A wish to end all second factors of ``person``; takes effect when a second person countersigns.

    From ``reset_at`` on the person has none, and enrols a new one only with a link of purpose ``factor``;
    ``enrolled_at`` says when they did.
    """

    person = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="factor_resets")
    reason = models.TextField()
    identity_check = models.TextField(help_text=_("How the person's identity was checked"))
    approval = models.OneToOneField(
        "governance.Approval", null=True, on_delete=models.PROTECT, related_name="factor_reset"
    )
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    reset_at = models.DateTimeField(null=True, editable=False)
    enrolled_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[models.Manager[FactorReset]] = models.Manager.from_queryset(FactorResetQuerySet)()

    class Meta:
        ordering = ("-requested_at",)
        indexes = [models.Index(fields=["person", "-requested_at"], name="factor_reset_person")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(enrolled_at=None) | models.Q(reset_at__isnull=False), name="factor_reset_then_enrol"
            )
        ]

    def __str__(self) -> str:
        return str(self.person)
