"""Queues and who reviews in them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed
from reviews.vocabulary import REASONS, SecondReview, StepUpRule


class Queue(Governed):
    """Where drafts of one kind wait for one tenant's reviewers, and the rules by which they are decided.

    Minutes, seconds and percent as the fields' names say. A stopped queue takes drafts in, gives none
    out and lets nothing be decided; what expires meanwhile expires.
    """

    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="queues")
    site = models.ForeignKey(
        "tenants.Site", null=True, blank=True, on_delete=models.PROTECT, related_name="queues",
        help_text=_("Empty: every site of the tenant"),
    )  # fmt: skip
    kind = models.SlugField(
        _("kind"), max_length=64, help_text=_("What the product calls such drafts: dispatch_record")
    )
    name = models.CharField(_("name"), max_length=120)
    owner = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="owned_queues")
    skill = models.SlugField(
        _("skill"),
        max_length=64,
        blank=True,
        help_text=_("Only people with this skill review here; empty: none needed"),
    )
    escalation_skill = models.SlugField(
        _("skill for escalated items"), max_length=64, blank=True,
        help_text=_("Only people with this skill take escalated items; empty: anybody but who escalated"),
    )  # fmt: skip
    decision_minutes = models.PositiveIntegerField(_("minutes to decide"), default=240)
    high_minutes = models.PositiveIntegerField(_("minutes for high items"), default=120)
    critical_minutes = models.PositiveIntegerField(_("minutes for critical items"), default=30)
    expire_minutes = models.PositiveIntegerField(_("minutes until an item expires"), default=2880)
    lease_seconds = models.PositiveIntegerField(_("seconds a claim lasts"), default=300)
    undo_seconds = models.PositiveSmallIntegerField(_("seconds to undo"), default=8)
    second_review = models.CharField(
        _("second review"), max_length=16, choices=SecondReview.choices, default=SecondReview.CRITICAL
    )
    step_up = models.CharField(
        _("second factor"), max_length=16, choices=StepUpRule.choices, default=StepUpRule.CRITICAL
    )
    second_factor_minutes = models.PositiveSmallIntegerField(_("second factor at most this old, minutes"), default=15)
    most_claims = models.PositiveSmallIntegerField(_("items one person may hold"), default=3)
    most_per_hour = models.PositiveSmallIntegerField(
        _("decisions one person may make in an hour"), default=0, help_text=_("0: no limit")
    )
    seeded_percent = models.PositiveSmallIntegerField(_("seeded items, percent"), default=0)
    keep_days = models.PositiveIntegerField(_("days the content is kept"), default=365)
    reasons: Any = models.JSONField(
        _("reasons to refuse"), default=dict, blank=True, help_text=_("Code to words; empty: the usual ones")
    )
    stopped_at = models.DateTimeField(null=True, editable=False)
    stopped_by = models.ForeignKey("governance.Person", null=True, on_delete=models.PROTECT, related_name="+")
    stop_reason = models.CharField(max_length=300, blank=True)
    opened_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "site"], condition=Q(site__isnull=False), name="queue_site_once"
            ),
            models.UniqueConstraint(fields=["tenant", "kind"], condition=Q(site__isnull=True), name="queue_kind_once"),
            models.CheckConstraint(
                condition=Q(second_factor_minutes__gte=1, second_factor_minutes__lte=15), name="queue_factor_within_15"
            ),
            models.CheckConstraint(
                condition=Q(lease_seconds__gte=30, lease_seconds__lte=3600), name="queue_lease_seconds"
            ),
            models.CheckConstraint(condition=Q(undo_seconds__lte=60), name="queue_undo_seconds"),
            models.CheckConstraint(condition=Q(seeded_percent__lte=20), name="queue_seeded_percent"),
            models.CheckConstraint(condition=Q(most_claims__gte=1), name="queue_most_claims"),
            models.CheckConstraint(
                condition=Q(decision_minutes__gte=1, high_minutes__gte=1, critical_minutes__gte=1)
                & Q(expire_minutes__gt=models.F("decision_minutes"))
                & Q(expire_minutes__gt=models.F("high_minutes"))
                & Q(expire_minutes__gt=models.F("critical_minutes")),
                name="queue_due_before_expiry",
            ),
            models.CheckConstraint(condition=Q(keep_days__gte=1), name="queue_keep_days"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_stopped(self) -> bool:
        """Whether somebody pulled the switch."""
        return self.stopped_at is not None

    @property
    def refusal_reasons(self) -> dict[str, str]:
        """Codes and words of the reasons one may refuse for."""
        return {code: str(words) for code, words in (self.reasons or REASONS).items()}


class ReviewerSkill(Governed):
    """A person has a skill that queues may ask for. Ended, never deleted."""

    person = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="review_skills")
    skill = models.SlugField(_("skill"), max_length=64)
    given_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("skill", "id")
        constraints = [
            models.UniqueConstraint(fields=["person", "skill"], condition=Q(ended_at__isnull=True), name="skill_once")
        ]

    def __str__(self) -> str:
        return self.skill


class Absence(Governed):
    """A reviewer is away; what is kept for them goes to ``cover`` meanwhile, or back to everybody."""

    person = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="absences")
    cover = models.ForeignKey("governance.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    cancelled_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-starts_at", "id")
        indexes = [models.Index(fields=["person", "starts_at", "ends_at"], name="absence_person")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="absence_ends_after_start"),
            models.CheckConstraint(
                condition=Q(cover__isnull=True) | ~Q(cover=models.F("person")), name="absence_cover_other"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d} – {self.ends_at:%Y-%m-%d}"
