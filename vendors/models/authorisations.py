"""Authorisations: what a service is approved for, until when, and what that stands on."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models as db
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed, Witnessed


class Authorisation(Witnessed):
    """What one approved assessment allows. States and exits: ``services.authorisations.MOVES``.

    ``state`` is what was last written down; whether it counts at an instant is
    :func:`vendors.queries.standing.standing`, which also looks at the clock and at each basis (I22).
    """

    class State(db.TextChoices):
        """What was last written down about it."""

        LIVE = "live", _("Live")
        SUSPENDED = "suspended", _("Suspended")
        LAPSED = "lapsed", _("Lapsed")
        REVOKED = "revoked", _("Revoked")

    witnessed_fields: ClassVar[tuple[str, ...]] = (
        "service_id",
        "assessment_id",
        "data_classes",
        "environments",
        "regions",
        "purposes",
        "models",
        "starts_at",
        "until",
        "state",
        "reason_code",
    )

    service = db.ForeignKey("vendors.Service", on_delete=db.PROTECT, related_name="authorisations")
    assessment = db.OneToOneField("vendors.Assessment", on_delete=db.PROTECT, related_name="authorisation")
    data_classes: Any = db.JSONField(default=list)
    environments: Any = db.JSONField(default=list)
    regions: Any = db.JSONField(default=list)
    purposes: Any = db.JSONField(default=list)
    models: Any = db.JSONField(default=list)
    intended_use = db.TextField(blank=True)
    conditions = db.TextField(blank=True)
    starts_at = db.DateTimeField(default=timezone.now)
    until = db.DateTimeField(help_text=_("From this instant it no longer counts (UTC)"))
    until_because = db.CharField(max_length=300, blank=True, help_text=_("What sets the end"))
    state = db.CharField(max_length=16, choices=State.choices, default=State.LIVE)
    reason_code = db.CharField(max_length=32, blank=True)
    reason = db.CharField(max_length=300, blank=True)
    ended_at = db.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-starts_at", "id")
        indexes = [db.Index(fields=["state", "until"], name="authorisation_until")]
        constraints = [
            db.UniqueConstraint(
                fields=["service"], condition=db.Q(state="live"), name="authorisation_live_once_per_service"
            ),
            db.CheckConstraint(condition=db.Q(until__gt=db.F("starts_at")), name="authorisation_ends"),
            db.CheckConstraint(
                condition=db.Q(state="live", ended_at__isnull=True)
                | (~db.Q(state="live") & db.Q(ended_at__isnull=False) & ~db.Q(reason="")),
                name="authorisation_ended_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service}"

    def is_within_time(self, at: dt.datetime) -> bool:
        """Whether ``at`` lies between its start and its end."""
        return self.starts_at <= at < self.until


class AuthorisationBasis(Governed):
    """One thing an authorisation stands on: a piece of evidence or a term. It falls with each of them (I22)."""

    authorisation = db.ForeignKey(Authorisation, on_delete=db.PROTECT, related_name="bases")
    evidence = db.ForeignKey("governance.Evidence", null=True, on_delete=db.PROTECT, related_name="authorisation_bases")
    term = db.ForeignKey("vendors.Term", null=True, on_delete=db.PROTECT, related_name="authorisation_bases")

    class Meta:
        ordering = ("id",)
        constraints = [
            db.CheckConstraint(
                condition=db.Q(evidence__isnull=False, term__isnull=True)
                | db.Q(evidence__isnull=True, term__isnull=False),
                name="basis_is_one_thing",
            ),
            db.UniqueConstraint(
                fields=["authorisation", "evidence"],
                condition=db.Q(evidence__isnull=False),
                name="basis_evidence_once",
            ),
            db.UniqueConstraint(
                fields=["authorisation", "term"], condition=db.Q(term__isnull=False), name="basis_term_once"
            ),
        ]
