"""Approvals: what is asked, by which policy it is decided, and who has signed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed, Witnessed
from governance.models.stepups import StepUp
from governance.vocabulary import Role


class PolicyVersion(Governed):
    """Who decides about one kind of thing. Published once, never edited; approvals pin it."""

    kind = models.CharField(max_length=64, help_text=_("What it decides about, such as vendors.assessment"))
    version = models.PositiveIntegerField()
    step_up_minutes = models.PositiveSmallIntegerField(default=15)
    security_key_only = models.BooleanField(default=False)
    decide_within_days = models.PositiveSmallIntegerField(default=14)
    published_at = models.DateTimeField(default=timezone.now, editable=False)
    published_by = models.ForeignKey("governance.Person", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("kind", "-version")
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="policy_version_once"),
            models.CheckConstraint(
                condition=models.Q(step_up_minutes__gte=1, step_up_minutes__lte=15), name="policy_step_up_within_15"
            ),
            models.CheckConstraint(condition=models.Q(decide_within_days__gte=1), name="policy_decide_within"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version}"


class PolicyGroup(Governed):
    """``count`` distinct people holding ``role`` must sign; a policy's groups must all be filled."""

    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="groups")
    role = models.CharField(max_length=32, choices=Role.choices)
    count = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ("role",)
        constraints = [
            models.UniqueConstraint(fields=["policy", "role"], name="policy_group_once"),
            models.CheckConstraint(condition=models.Q(count__gte=1), name="policy_group_count"),
            models.CheckConstraint(
                condition=~models.Q(role__in=["administrator", "auditor"]), name="policy_group_may_sign"
            ),
        ]


class Approval(Witnessed):
    """One decision to be made about one snapshot. States and exits: ``services.approvals.MOVES``."""

    class State(models.TextChoices):
        """Where the approval stands."""

        PENDING = "pending", _("Waiting for signatures")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        TIMED_OUT = "timed_out", _("Timed out")
        LAPSED = "lapsed", _("Lapsed")
        REVOKED = "revoked", _("Revoked")
        SUPERSEDED = "superseded", _("Superseded")

    witnessed_fields: ClassVar[tuple[str, ...]] = (
        "kind",
        "policy_id",
        "subject_kind",
        "subject_id",
        "digest",
        "state",
        "requested_by_id",
        "effective_until",
    )

    kind = models.CharField(max_length=64)
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="approvals")
    subject_kind = models.CharField(max_length=64)
    subject_id = models.UUIDField()
    tenant = models.ForeignKey("tenants.Tenant", null=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300, help_text=_("What is asked, in one sentence"))
    snapshot = models.TextField(help_text=_("Canonical JSON (RFC 8785) of what would be signed"))
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the snapshot, hex"))
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    requested_by = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="requested_approvals")
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    decide_by = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    effective_until = models.DateTimeField(null=True)
    closing_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("decide_by",)
        indexes = [
            models.Index(fields=["state", "decide_by"], name="approval_open"),
            models.Index(fields=["subject_kind", "subject_id"], name="approval_subject"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"], condition=models.Q(state="pending"), name="approval_pending_once"
            ),
            models.CheckConstraint(
                condition=models.Q(decide_by__gt=models.F("requested_at")), name="approval_decide_after_request"
            ),
            models.CheckConstraint(
                condition=models.Q(state="pending", decided_at__isnull=True)
                | (~models.Q(state="pending") & models.Q(decided_at__isnull=False)),
                name="approval_decided_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ApprovalParty(Governed):
    """Somebody who may not sign: they asked for it, drafted it, or benefit from it (I08)."""

    class Part(models.TextChoices):
        """What they had to do with it."""

        REQUESTER = "requester", _("asked for this")
        DRAFTER = "drafter", _("drafted this")
        BENEFICIARY = "beneficiary", _("benefits from this")

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="parties")
    person = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=16, choices=Part.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["approval", "person", "part"], name="approval_party_once")]


class Signature(Witnessed):
    """One person's verdict on one digest. ``statement`` is what was signed, word for word."""

    class Verdict(models.TextChoices):
        """What the signer said."""

        APPROVE = "approve", _("Approve")
        REJECT = "reject", _("Reject")

    witnessed_fields: ClassVar[tuple[str, ...]] = (
        "approval_id",
        "person_id",
        "role",
        "verdict",
        "digest",
        "statement",
        "method",
        "voided_at",
    )

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="signatures")
    person = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="signatures")
    role = models.CharField(max_length=32, choices=Role.choices, help_text=_("The policy group it counts for"))
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    reason = models.TextField()
    digest = models.CharField(max_length=64)
    statement = models.TextField(help_text=_("Canonical JSON: approval, digest, verdict, reason's digest, person"))
    step_up = models.OneToOneField("governance.StepUp", on_delete=models.PROTECT, related_name="signature")
    method = models.CharField(max_length=16)
    signed_at = models.DateTimeField(default=timezone.now, editable=False)
    voided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("signed_at",)
        constraints = [models.UniqueConstraint(fields=["approval", "person"], name="signature_once")]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.approval}"

    def get_method_label(self) -> str:
        """How the second factor was given, in words."""
        return str(StepUp.Method(self.method).label)


class PolicyChange(Governed):
    """A proposed policy version; published when another security approver countersigns it."""

    kind = models.CharField(max_length=64)
    groups: models.JSONField[dict[str, int], dict[str, int]] = models.JSONField(help_text=_("Role to how many people"))
    step_up_minutes = models.PositiveSmallIntegerField(default=15)
    security_key_only = models.BooleanField(default=False)
    decide_within_days = models.PositiveSmallIntegerField(default=14)
    reason = models.TextField()
    approval = models.OneToOneField(Approval, null=True, on_delete=models.PROTECT, related_name="policy_change")
    published = models.OneToOneField(PolicyVersion, null=True, on_delete=models.PROTECT, related_name="change")
    proposed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-proposed_at",)

    def __str__(self) -> str:
        return self.kind
