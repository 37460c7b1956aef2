"""The words of a review: how critical, where it stands, what was decided."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

#: Stands on every item, on every page, in the API and in every export (I78).
AI_LABEL: Final = "AI-generated"


class Criticality(models.TextChoices):
    """What a wrong record would cost. A queue's rules follow it."""

    ROUTINE = "routine", _("Routine")
    HIGH = "high", _("High")
    CRITICAL = "critical", _("Critical")


#: What comes first. An escalation adds :data:`ESCALATED` once, so it overtakes its own class only.
PRIORITY: dict[str, int] = {Criticality.ROUTINE: 0, Criticality.HIGH: 10, Criticality.CRITICAL: 20}
ESCALATED = 5


class ItemState(models.TextChoices):
    """Where an item stands. The legal moves are in ``services/moves.py``."""

    OPEN = "open", _("Waiting")
    CLAIMED = "claimed", _("Being reviewed")
    INFO_REQUESTED = "info_requested", _("Waiting for an answer")
    DECIDED = "decided", _("Decided, can be undone")
    AWAITING_SECOND = "awaiting_second", _("Waiting for a second reviewer")
    DISPUTED = "disputed", _("Reviewers disagree")
    FINAL = "final", _("Final")
    DELIVERED = "delivered", _("Delivered")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    SUPERSEDED = "superseded", _("Superseded")


#: Somebody may claim it.
WAITING = (ItemState.OPEN, ItemState.AWAITING_SECOND, ItemState.DISPUTED)
#: Not decided for good: deadlines run, the product may withdraw it.
LIVE = (*WAITING, ItemState.CLAIMED, ItemState.INFO_REQUESTED, ItemState.DECIDED)
#: A human being decided, and nobody can take it back.
SETTLED = (ItemState.FINAL, ItemState.DELIVERED)


class Verdict(models.TextChoices):
    """What a reviewer decides."""

    APPROVE = "approve", _("Approved")
    APPROVE_WITH_EDITS = "approve_with_edits", _("Approved with edits")
    REFUSE = "refuse", _("Refused")


APPROVING = (Verdict.APPROVE, Verdict.APPROVE_WITH_EDITS)


class StepUpRule(models.TextChoices):
    """When a decision needs a second factor of its own, besides one in the last minutes (I01)."""

    RECENT = "recent", _("A second factor in the last minutes is enough")
    CRITICAL = "critical", _("Critical items need their own")
    ALWAYS = "always", _("Every decision needs its own")


class SecondReview(models.TextChoices):
    """Which items a second person reviews, blind (I72)."""

    NONE = "none", _("None")
    CRITICAL = "critical", _("Critical items")
    HIGH = "high", _("High and critical items")
    ALL = "all", _("Every item")


#: The criticalities that each rule covers.
SECOND_REVIEW_COVERS: dict[str, frozenset[str]] = {
    SecondReview.NONE: frozenset(),
    SecondReview.CRITICAL: frozenset({Criticality.CRITICAL}),
    SecondReview.HIGH: frozenset({Criticality.HIGH, Criticality.CRITICAL}),
    SecondReview.ALL: frozenset(Criticality.values),
}
STEP_UP_COVERS: dict[str, frozenset[str]] = {
    StepUpRule.RECENT: frozenset(),
    StepUpRule.CRITICAL: frozenset({Criticality.CRITICAL}),
    StepUpRule.ALWAYS: frozenset(Criticality.values),
}

#: Why a draft is refused, unless the queue names its own reasons.
REASONS = {
    "wrong_asset": _("Names the wrong asset or side"),
    "not_in_source": _("Says what the source does not say"),
    "outdated": _("The source has moved on"),
    "unsafe": _("Acting on it would be unsafe"),
    "incomplete": _("Something needed is missing"),
    "duplicate": _("There is one already"),
    "other": _("Something else"),
}


class ClaimEnd(models.TextChoices):
    """How a claim ended."""

    DECIDED = "decided", _("Decided")
    RELEASED = "released", _("Given back")
    LAPSED = "lapsed", _("Ran out")
    MOVED = "moved", _("Moved to somebody else")
    ASKED = "asked", _("Asked a question")
    ESCALATED = "escalated", _("Escalated")
    CLOSED = "closed", _("The item was closed")


class SeedChange(models.TextChoices):
    """What is wrong in a seeded item."""

    SIDE = "side", _("The wrong side")
    ASSET = "asset", _("The wrong asset")
    NUMBER = "number", _("A wrong number or date")
    CITATION = "citation", _("A source that says something else")
