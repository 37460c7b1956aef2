"""Review items: what an AI drafted, what it cites, and where it stands."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed, Witnessed
from reviews.models.queues import Queue
from reviews.models.sources import SourceRecord
from reviews.vocabulary import AI_LABEL, LIVE, PRIORITY, WAITING, Criticality, ItemState, SeedChange, Verdict


class ReviewItem(Witnessed):
    """One draft that waits for a person. What it says is in :class:`ItemContent`, which may be erased.

    ``digest`` is of what was submitted, ``final_digest`` of what was decided (edits make a new one, I79).
    ``epoch`` counts claims (I70). ``slot`` is the review that waits or goes on: 1, the blind second, or the
    third that settles a disagreement. ``kept_for`` gets it first: who asked a question, or whom the owner chose.
    """

    witnessed_fields: ClassVar[tuple[str, ...]] = (
        "queue_id", "tenant_id", "account_id", "reference", "criticality", "digest", "state", "verdict", "final_digest",
    )  # fmt: skip

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="items")
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("tenants.Site", null=True, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey("governance.ServiceAccount", on_delete=models.PROTECT, related_name="review_items")
    reference = models.CharField(_("reference"), max_length=200, help_text=_("The product's own name for the record"))
    idempotency_key = models.CharField(max_length=200, blank=True, editable=False)
    criticality = models.CharField(max_length=16, choices=Criticality.choices, default=Criticality.ROUTINE)
    priority = models.SmallIntegerField(default=0)
    asset = models.CharField(
        _("asset"), max_length=120, blank=True, help_text=_("What the draft is about; erased with its content")
    )
    model = models.CharField(_("model"), max_length=120)
    service = models.CharField(_("service"), max_length=120)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=ItemState.choices, default=ItemState.OPEN)
    slot = models.PositiveSmallIntegerField(default=1)
    epoch = models.PositiveIntegerField(default=0)
    kept_for = models.ForeignKey("governance.Person", null=True, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("due"))
    expires_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, editable=False)
    escalated_at = models.DateTimeField(null=True, editable=False)
    escalated_by = models.ForeignKey("governance.Person", null=True, on_delete=models.PROTECT, related_name="+")
    reminded_at = models.DateTimeField(null=True, editable=False)
    verdict = models.CharField(max_length=20, choices=Verdict.choices, blank=True)
    final_digest = models.CharField(max_length=64, blank=True)
    settled_at = models.DateTimeField(null=True, editable=False)
    delivered_at = models.DateTimeField(null=True, editable=False)
    is_seeded = models.BooleanField(default=False, editable=False)
    content_erased_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-priority", "due_at", "id")
        indexes = [
            models.Index(
                fields=["queue", "-priority", "due_at", "id"], condition=Q(state__in=WAITING), name="item_waiting"
            ),
            models.Index(
                fields=["queue", "site", "-priority", "due_at", "id"], condition=Q(state__in=WAITING),
                name="item_waiting_site",
            ),
            models.Index(fields=["due_at"], condition=Q(state__in=LIVE), name="item_due"),
            models.Index(fields=["expires_at"], condition=Q(state__in=LIVE), name="item_expires"),
            models.Index(fields=["queue", "state", "-received_at", "id"], name="item_list"),
            models.Index(fields=["queue", "-received_at"], name="item_received"),
            models.Index(fields=["due_at"], condition=Q(state__in=LIVE, is_seeded=True), name="item_live_seeds"),
            models.Index(fields=["settled_at"], condition=Q(content_erased_at__isnull=True), name="item_keeping"),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                fields=["account", "idempotency_key"], condition=~Q(idempotency_key=""), name="item_key_once"
            ),
            models.UniqueConstraint(
                fields=["account", "reference"], condition=Q(state__in=LIVE, is_seeded=False),
                name="item_reference_once",
            ),
            models.CheckConstraint(condition=Q(slot__gte=1, slot__lte=3), name="item_slot"),
            models.CheckConstraint(
                condition=~Q(state__in=["final", "delivered"])
                | (~Q(verdict="") & ~Q(final_digest="") & Q(settled_at__isnull=False)),
                name="item_final_has_verdict",
            ),
            models.CheckConstraint(condition=~Q(state="delivered") | Q(is_seeded=False), name="item_seeded_stays"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.reference

    @property
    def label(self) -> str:
        """What it is, wherever it is shown (I78)."""
        return AI_LABEL

    @property
    def is_live(self) -> bool:
        """Whether it can still be decided, withdrawn or expire."""
        return self.state in LIVE

    @property
    def base_priority(self) -> int:
        """Its priority without escalation."""
        return PRIORITY[self.criticality]


class ItemContent(Governed):
    """What the draft says. Erased after the queue's days; the item, its digests and decisions stay.

    ``fields`` is a list of ``{"name", "label", "value"}``, all text; ``text`` the free part.
    """

    item = models.OneToOneField(ReviewItem, on_delete=models.PROTECT, related_name="content")
    title = models.CharField(_("title"), max_length=200)
    fields: Any = models.JSONField(default=list)
    text = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.title


class Citation(Governed):
    """A source record that the draft rests on, as it was when the draft was made.

    ``field`` names the draft's field that rests on it (empty: its text), ``starts``/``ends`` which
    characters of that value (0, 0: all of it).
    """

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="citations")
    position = models.PositiveSmallIntegerField()
    source = models.ForeignKey(SourceRecord, on_delete=models.PROTECT, related_name="citations")
    record = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    excerpt = models.TextField(blank=True)
    field = models.CharField(max_length=64, blank=True)
    starts = models.PositiveIntegerField(default=0)
    ends = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["item", "position"], name="citation_position_once"),
            models.CheckConstraint(condition=Q(ends__gte=models.F("starts")), name="citation_range"),
        ]

    def __str__(self) -> str:
        return self.record


class Seed(Governed):
    """What was altered in a seeded item, and in which real one it began. Told to the reviewer after the decision.

    One seed for each origin, ever, so that nobody sees two of it. ``fields`` are the parts that differ (``title``,
    ``text``, names of fields); ``caught`` stays unknown until somebody decided, and where a source changed meanwhile.
    """

    item = models.OneToOneField(ReviewItem, on_delete=models.PROTECT, related_name="seed")
    origin = models.OneToOneField(ReviewItem, on_delete=models.PROTECT, related_name="made_seed")
    change = models.CharField(max_length=16, choices=SeedChange.choices)
    fields: Any = models.JSONField(default=list)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    for_anybody = models.BooleanField(
        default=False, help_text=_("Nobody else reviews here, so whoever saw the origin may get it")
    )
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    caught = models.BooleanField(null=True, editable=False)
    judged_at = models.DateTimeField(null=True, editable=False)
    judged_by = models.ForeignKey("governance.Person", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["judged_at"], name="seed_judged")]
        constraints = [
            models.CheckConstraint(condition=~Q(item=models.F("origin")), name="seed_of_another"),
            models.CheckConstraint(
                condition=Q(judged_at__isnull=True, judged_by__isnull=True, caught__isnull=True)
                | Q(judged_at__isnull=False, judged_by__isnull=False),
                name="seed_judged_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.change
