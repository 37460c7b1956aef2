"""What the pages of one item say around it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import AuthorityError
from auditlog.models import Event
from governance.authority import Right, has_right
from governance.models import Person
from reviews.models import Claim, Decision, Queue, ReviewItem
from reviews.queries.claimable import skills_of
from reviews.queries.seeds import SeedOutcome, outcome_of, seeds_met_by
from reviews.services.moves import live_claim
from reviews.vocabulary import WAITING, ItemState

if TYPE_CHECKING:
    from reviews.queries.screen import Screen


def number_in(text: str | None) -> int:
    """The epoch a page sent; -1, which no claim has, for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1


@dataclass(frozen=True, slots=True)
class Undo:
    """One's own decision that can still be taken back, for so many seconds."""

    decision: Decision
    seconds: int


def undoable(actor: Actor) -> Undo | None:
    """The actor's latest decision that has no effect yet."""
    now = timezone.now()
    rows = Decision.objects.filter(person_id=actor.id, undone_at=None, effective_at__gt=now)
    decision = rows.filter(item__state=ItemState.DECIDED).select_related("item").order_by("-decided_at").first()
    return Undo(decision, max(1, round((decision.effective_at - now).total_seconds()))) if decision else None


def seeds_just_told(actor: Actor) -> list[SeedOutcome]:
    """Seeded items of the actor's that were judged in the last minutes, for the top of the next page."""
    since = timezone.now() - dt.timedelta(minutes=3)
    rows = seeds_met_by(actor).filter(judged_at__gte=since).select_related("item__queue", "origin")[:2]
    return [told for seed in rows if (told := outcome_of(seed, seed.item))]


def may_review(actor: Actor, item: ReviewItem) -> bool:
    """Whether the actor reviews for the item's tenant and site."""
    return has_right(actor, Right.DECIDE_REVIEW, tenant_id=item.tenant_id, site_id=item.site_id)


def why_not_take(actor: Actor, screen: Screen) -> str:
    """Why the actor cannot take the item now; empty when they may try. ``-`` for who reviews nothing here.

    What it costs more to find out (how much they hold) the service says when they try.
    """
    item, claim = screen.item, screen.claim
    if not may_review(actor, item) or not item.is_live:
        return "-"
    if item.queue.is_stopped:
        return _("This queue is stopped.")
    if claim and claim.until > timezone.now():
        return _("%(person)s is reviewing this item.") % {"person": claim.person}
    if item.state not in (*WAITING, ItemState.CLAIMED):
        waits = item.state == ItemState.INFO_REQUESTED
        return _("It waits for an answer.") if waits else _("Somebody is reviewing this item.")
    if item.escalated_by_id == actor.id or any(one.decision.person_id == actor.id for one in screen.told):
        return _("You decided or escalated it before; somebody else takes it.")
    needs = {item.queue.skill, item.queue.escalation_skill if item.escalated_at else ""} - {""}
    if needs and (missing := needs - skills_of(actor.id)):
        return _("This needs a skill that you do not have: %(skill)s.") % {"skill": ", ".join(sorted(missing))}
    return ""


def takes_part(actor: Actor, row: ReviewItem | Queue) -> bool:
    """Whether the actor reviews in the row's tenant and site, or keeps its queue."""
    rights = (Right.DECIDE_REVIEW, Right.KEEP_QUEUES)
    return any(has_right(actor, right, tenant_id=row.tenant_id, site_id=row.site_id) for right in rights)


def require_part(actor: Actor, row: ReviewItem | Queue) -> None:
    """Refuse with :class:`AuthorityError` whoever only reads here."""
    if not takes_part(actor, row):
        raise AuthorityError(_("Only its reviewers and whoever keeps the queue may do this."))


def may_answer(actor: Actor, screen: Screen) -> bool:
    """Whether there is a question the actor may answer."""
    return screen.item.state == ItemState.INFO_REQUESTED and takes_part(actor, screen.item)


def what_now(actor: Actor, item: ReviewItem) -> str:
    """What became of an item that the actor held, in one sentence."""
    item.refresh_from_db()
    claim = live_claim(item)
    if claim and claim.until > timezone.now() and claim.person_id != actor.id:
        return _("%(person)s is reviewing it now.") % {"person": Person.objects.get(pk=claim.person_id)}
    if item.state in (*WAITING, ItemState.CLAIMED):
        return _("It waits again: you can take it back.")
    if item.state == ItemState.DECIDED:
        return _("Somebody is deciding about it.")
    return _("It is “%(state)s” now.") % {"state": ItemState(item.state).label}


@dataclass(frozen=True, slots=True)
class Opened:
    """Who opened which of the cited sources, by number."""

    person: str
    numbers: list[int]


def opened_by(item: ReviewItem, screen: Screen) -> list[Opened]:
    """From the audit log: the citations each reviewer opened."""
    events = Event.objects.filter(action="reviews.source.opened", subject_kind="reviews.item", subject_id=item.id)
    numbers = {str(one.citation.pk): one.number for one in screen.sources}
    found: dict[uuid.UUID, set[int]] = {}
    for event in events.order_by("id")[:500]:
        number = numbers.get(str(event.content["details"].get("citation")))
        if number:
            found.setdefault(event.actor_id, set()).add(number)
    names = {one.decision.person_id: one.decision.person.name for one in screen.told}
    if unknown := found.keys() - names.keys():
        names |= dict(Person.objects.filter(pk__in=unknown).values_list("pk", "name"))
    return [Opened(names.get(person, "–"), sorted(opened)) for person, opened in found.items()]


def label_of(item: ReviewItem, field: str) -> str:
    """The label of the draft's field called ``field``; the text's for none."""
    return next((one["label"] for one in item.content.fields if one["name"] == field), field) if field else _("Text")


def held_by(actor: Actor) -> Iterable[Claim]:
    """What the actor holds now, soonest to run out first."""
    rows = Claim.objects.filter(
        person_id=actor.id, ended_at=None, until__gt=timezone.now(), item__state=ItemState.CLAIMED
    )
    return rows.select_related("item", "item__content", "queue").order_by("until")


def latest_decisions(actor: Actor, count: int = 6) -> list[Decision]:
    """The actor's own latest decisions, undone ones left out."""
    rows = Decision.objects.filter(person_id=actor.id, undone_at=None).select_related(
        "item", "item__content", "item__seed"
    )
    return list(rows.order_by(F("decided_at").desc())[:count])
