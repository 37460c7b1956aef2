"""What may be told of seeded items, to whom and when (I81): the share as policy to all, which ones to nobody before."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from governance.authority import Right, has_right
from reviews.models import Queue, ReviewItem, Seed


@dataclass(frozen=True, slots=True)
class SeedOutcome:
    """What was wrong in a seeded item, and whether whoever met it noticed (``None``: it cannot be said)."""

    item: ReviewItem
    caught: bool | None
    change: str
    before: str
    after: str

    @property
    def sentence(self) -> str:
        """What the reviewer reads after the decision."""
        if self.caught is None:
            return _("This was a test draft. A source changed meanwhile, so it does not count.")
        if self.caught:
            return _("This was a test draft with an error in it, and you caught it. Nothing was sent anywhere.")
        return _("This was a test draft with an error in it, and it passed. Nothing was sent anywhere.")

    @property
    def tone(self) -> str:
        """The look of the message: ok, warn or info."""
        return {True: "ok", False: "warn", None: "info"}[self.caught]


def seed_outcome(item: ReviewItem, actor: Actor) -> SeedOutcome | None:
    """What to tell the actor of a seeded item: after their own decision, when it cannot be undone any more.

    Whoever met it is told, and those who may read everybody's figures; nobody else, and nobody before. What was
    there before is left out while the real draft still waits.
    """
    if not item.is_seeded or item.is_live:
        return None
    seed = Seed.objects.select_related("origin").filter(item=item).first()
    if seed is None or not (seed.judged_by_id == actor.id or oversees(actor, item)):
        return None
    return outcome_of(seed, item)


def outcome_of(seed: Seed, item: ReviewItem) -> SeedOutcome:
    """The seed (with its ``origin``) in words, for somebody who may know."""
    told = "" if seed.origin.is_live else seed.before
    return SeedOutcome(item, seed.caught, seed.get_change_display(), told, seed.after if told else "")


def seeds_met_by(actor: Actor) -> QuerySet[Seed]:
    """Seeded items the actor decided, asked about or passed up, for good; latest first."""
    return Seed.objects.filter(judged_by=actor.id).select_related("item", "item__queue").order_by("-judged_at")


def oversees(actor: Actor, item: ReviewItem) -> bool:
    """Whether the actor reads everybody's figures here."""
    return has_right(actor, Right.READ_REVIEW_FIGURES, tenant_id=item.tenant_id, site_id=item.site_id)


def seeding_policy(queue: Queue) -> str:
    """What the queue's page says about seeded items; empty where there are none."""
    if not queue.seeded_percent:
        return ""
    return _(
        "At most %(percent)s in 100 drafts here are tests: real drafts with an error put in, to learn what passes "
        "unnoticed. They are never sent on, have no deadline, and you are told right after your decision."
    ) % {"percent": queue.seeded_percent}
