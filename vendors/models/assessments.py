"""Assessments: what a service is to be approved for, and what speaks for and against it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models as db
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed, Witnessed
from vendors.vocabulary import Criticality, Risk

#: States in which an assessment is still being worked on or decided.
OPEN_STATES = ("draft", "awaiting_vendor", "in_review", "submitted")
#: States in which it may be edited.
EDITABLE_STATES = ("draft", "awaiting_vendor", "in_review")


class Assessment(Witnessed):
    """One examination of one service. States and exits: ``services.moves``."""

    class State(db.TextChoices):
        """Where the assessment stands."""

        DRAFT = "draft", _("Draft")
        AWAITING_VENDOR = "awaiting_vendor", _("Waiting for the vendor")
        IN_REVIEW = "in_review", _("In review")
        SUBMITTED = "submitted", _("Submitted for signature")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        SUSPENDED = "suspended", _("Suspended")
        LAPSED = "lapsed", _("Lapsed")
        REVOKED = "revoked", _("Revoked")

    witnessed_fields: ClassVar[tuple[str, ...]] = (
        "service_id",
        "questionnaire_id",
        "state",
        "approval_id",
        "data_classes",
        "environments",
        "regions",
        "purposes",
        "models",
        "criticality",
        "requested_until",
        "inherent_risk",
        "residual_risk",
    )

    service = db.ForeignKey("vendors.Service", on_delete=db.PROTECT, related_name="assessments")
    questionnaire = db.ForeignKey(
        "vendors.Questionnaire", null=True, blank=True, on_delete=db.PROTECT, related_name="assessments"
    )
    previous = db.ForeignKey("self", null=True, blank=True, on_delete=db.PROTECT, related_name="successors")
    reason = db.CharField(max_length=300, blank=True, help_text=_("Why it was opened"))
    state = db.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    intended_use = db.TextField(_("what people will use it for"), blank=True, max_length=1000)
    data_classes: Any = db.JSONField(_("data classes"), default=list, blank=True)
    environments: Any = db.JSONField(_("environments"), default=list, blank=True)
    regions: Any = db.JSONField(_("regions"), default=list, blank=True)
    purposes: Any = db.JSONField(_("purposes"), default=list, blank=True)
    models: Any = db.JSONField(_("models"), default=list, blank=True)
    criticality = db.PositiveSmallIntegerField(_("criticality"), choices=Criticality.choices, null=True, blank=True)
    requested_until = db.DateField(_("wanted until"), null=True, blank=True)
    conditions = db.TextField(_("conditions"), blank=True, max_length=4000)
    inherent_risk = db.PositiveSmallIntegerField(choices=Risk.choices, null=True, editable=False)
    residual_risk = db.PositiveSmallIntegerField(choices=Risk.choices, null=True, editable=False)
    drafted_by = db.ForeignKey("governance.Person", on_delete=db.PROTECT, related_name="drafted_assessments")
    started_at = db.DateTimeField(default=timezone.now, editable=False)
    edited_at = db.DateTimeField(default=timezone.now, editable=False)
    submitted_at = db.DateTimeField(null=True, editable=False)
    approval = db.OneToOneField(
        "governance.Approval", null=True, on_delete=db.PROTECT, related_name="assessment", editable=False
    )

    class Meta:
        ordering = ("-started_at", "id")
        indexes = [db.Index(fields=["state", "-started_at"], name="assessment_state")]
        constraints = [
            db.UniqueConstraint(
                fields=["service"],
                condition=db.Q(state__in=OPEN_STATES),
                name="assessment_open_once_per_service",
            ),
            db.CheckConstraint(
                condition=db.Q(state__in=EDITABLE_STATES) | db.Q(approval__isnull=False),
                name="assessment_decided_has_approval",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service}"

    @property
    def is_editable(self) -> bool:
        """Whether its content may still change."""
        return self.state in EDITABLE_STATES


class AssessmentDrafter(Governed):
    """Somebody who wrote on an assessment, and so never signs it (I08, I25)."""

    assessment = db.ForeignKey(Assessment, on_delete=db.PROTECT, related_name="drafters")
    person = db.ForeignKey("governance.Person", on_delete=db.PROTECT, related_name="+")
    first_at = db.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [db.UniqueConstraint(fields=["assessment", "person"], name="assessment_drafter_once")]


class AssessmentEvidence(Governed):
    """A piece of evidence put forward for an assessment, and what it is to prove."""

    assessment = db.ForeignKey(Assessment, on_delete=db.PROTECT, related_name="evidence_links")
    evidence = db.ForeignKey("governance.Evidence", on_delete=db.PROTECT, related_name="assessment_links")
    proves = db.CharField(_("what it proves, with pages"), max_length=300, blank=True)
    attached_at = db.DateTimeField(default=timezone.now, editable=False)
    attached_by = db.ForeignKey("governance.Person", on_delete=db.PROTECT, related_name="+")

    class Meta:
        ordering = ("attached_at",)
        constraints = [db.UniqueConstraint(fields=["assessment", "evidence"], name="assessment_evidence_once")]


class IsolationReview(Governed):
    """An examination of how the service keeps us apart from its other customers (L2-39)."""

    class Method(db.TextChoices):
        """How it was examined."""

        DOCUMENTS = "documents", _("Architecture documents read")
        WALKTHROUGH = "walkthrough", _("Walkthrough with the vendor")
        CONFIGURATION = "configuration", _("Configuration inspected by us")
        TEST = "test", _("Tested by us")

    class Verdict(db.TextChoices):
        """What the reviewer concluded."""

        ADEQUATE = "adequate", _("Adequate")
        CONDITIONS = "conditions", _("Adequate under conditions")
        INADEQUATE = "inadequate", _("Inadequate")

    assessment = db.ForeignKey(Assessment, on_delete=db.PROTECT, related_name="isolation_reviews")
    method = db.CharField(_("how it was examined"), max_length=16, choices=Method.choices)
    network_path = db.TextField(_("network path"), max_length=2000)
    tenant_separation = db.TextField(_("separation of tenants"), max_length=2000)
    credentials_separation = db.TextField(_("separation of credentials"), max_length=2000)
    verdict = db.CharField(_("verdict"), max_length=16, choices=Verdict.choices)
    conditions = db.TextField(_("conditions"), blank=True, max_length=2000)
    evidence = db.ForeignKey(
        "governance.Evidence", null=True, blank=True, on_delete=db.PROTECT, related_name="isolation_reviews"
    )
    reviewer = db.ForeignKey("governance.Person", on_delete=db.PROTECT, related_name="+")
    at = db.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-at", "-id")
