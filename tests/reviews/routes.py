"""Every address of the review room, and who gets through. The figures list theirs in ``routes_figures.py``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from reviews.services.queues import give_skill, open_queue, plan_absence
from tests.matrix import Route
from tests.reviews import world as reviews
from tests.reviews.routes_figures import ROUTES as FIGURES

READERS = {"reviewer", "system_owner", "auditor"}
KEEPER = {"system_owner"}
REVIEWER = {"reviewer"}


def _queue(world: Any) -> dict[str, Any]:
    return {"queue_id": world.queue.id}


def _item(world: Any) -> dict[str, Any]:
    return {"item_id": world.item.id}


def _held(world: Any) -> dict[str, Any]:
    return {"item_id": world.claimed_item.id}


def _final(world: Any) -> dict[str, Any]:
    return {"item_id": world.final_item.id}


def _source(world: Any) -> dict[str, Any]:
    return {"item_id": world.claimed_item.id, "citation_id": world.claimed_item.citations.get().id}


def _claim(world: Any) -> dict[str, Any]:
    return {"epoch": world.claim.epoch, "seen_digest": world.claimed_item.digest}


def _skill(world: Any) -> dict[str, Any]:
    row = give_skill(actor=world.actor("system_owner"), person_id=world.person["reviewer"].id, skill="welding")
    return {"skill_id": row.id}


def _absence(world: Any) -> dict[str, Any]:
    return {"absence_id": absence_of(world).id}


def absence_of(world: Any) -> Any:
    """The system owner is away for a day."""
    now = timezone.now()
    return plan_absence(
        actor=world.actor("system_owner"), person_id=world.person["system_owner"].id,
        starts_at=now, ends_at=now + dt.timedelta(days=1),
    )  # fmt: skip


def grow_items(world: Any) -> None:
    """Twenty drafts that wait, some of them kept for somebody, some held, and two final ones."""
    source = reviews.source(world)
    for number in range(16):
        reviews.item(world, title=f"Draft {number}", sources=[source])
    for number in range(2):  # an undone change leaves names behind that nobody has, so each is new
        reviews.claim(
            world, reviews.item(world, title=f"Held {number}", sources=[source]), who=f"holder{next(reviews.NUMBERS)}"
        )
    for _number in range(2):
        reviews.settled(world, reviews.item(world, sources=[source]), who=f"decider{next(reviews.NUMBERS)}")


def grow_queues(world: Any) -> None:
    """Twenty queues."""
    for number in range(20):
        open_queue(
            actor=world.actor("system_owner"), tenant_id=world.tenant.id, kind=f"kind_{number}", name=f"Q {number}"
        )


def grow_skills(world: Any) -> None:
    """Twenty skills."""
    for number in range(20):
        give_skill(actor=world.actor("system_owner"), person_id=world.person["reviewer"].id, skill=f"skill-{number}")


def grow_absences(world: Any) -> None:
    """Twenty absences."""
    for _number in range(20):
        absence_of(world)


ROUTES = [
    *FIGURES,
    Route("reviews:queue_list", READERS, grow=grow_queues),
    Route("reviews:queue_open", KEEPER),
    Route("reviews:queue_open", KEEPER, method="POST"),
    Route("reviews:queue_read", READERS, args=_queue, grow=grow_items),
    Route("reviews:queue_edit", KEEPER, args=_queue),
    Route("reviews:queue_edit", KEEPER, method="POST", args=_queue),
    Route("reviews:queue_stop", REVIEWER | KEEPER, method="POST", args=_queue, data=lambda w: {"reason": "Nonsense."},
          sees={"auditor"}),
    Route("reviews:queue_resume", KEEPER, method="POST", args=_queue),
    Route("reviews:queue_backlog", KEEPER, args=_queue, grow=grow_items),
    Route("reviews:queue_move", KEEPER, method="POST", args=_queue),
    Route("reviews:queue_refuse", REVIEWER, args=_queue, grow=grow_items),
    Route("reviews:queue_refuse", REVIEWER, method="POST", args=_queue),
    Route("reviews:item_next", REVIEWER, method="POST"),
    Route("reviews:item_list", READERS, grow=grow_items),
    Route("reviews:item_export", READERS, args=lambda w: {"form": "csv"}, grow=grow_items),
    Route("reviews:item_read", READERS, args=_item),
    Route("reviews:item_read", READERS, args=_held),
    Route("reviews:item_read", READERS, args=_final),
    Route("reviews:item_claim", REVIEWER, method="POST", args=_item),
    Route("reviews:item_renew", REVIEWER, method="POST", args=_held, data=_claim),
    Route("reviews:item_release", REVIEWER, method="POST", args=_held, data=_claim),
    Route("reviews:item_draft", REVIEWER, method="POST", args=_held, data=_claim),
    Route("reviews:item_source", REVIEWER, method="POST", args=_source, data=_claim),
    Route("reviews:item_decide", REVIEWER, method="POST", args=_held, data=lambda w: {**_claim(w), "verdict": "approve"}),
    Route("reviews:item_begin", REVIEWER, method="POST", args=_held, data=_claim),
    Route("reviews:item_undo", REVIEWER, method="POST", args=_final),
    Route("reviews:item_ask", REVIEWER, method="POST", args=_held, data=lambda w: {**_claim(w), "reason": "Which?"}),
    Route("reviews:item_escalate", REVIEWER, method="POST", args=_held, data=lambda w: {**_claim(w), "reason": "Odd."}),
    Route("reviews:item_answer", REVIEWER | KEEPER, method="POST", args=_held, data=lambda w: {"answer": "Left."},
          sees={"auditor"}),
    Route("reviews:skill_list", KEEPER, grow=grow_skills),
    Route("reviews:skill_give", KEEPER),
    Route("reviews:skill_give", KEEPER, method="POST"),
    Route("reviews:skill_end", KEEPER, method="POST", args=_skill),
    Route("reviews:absence_list", READERS, grow=grow_absences),
    Route("reviews:absence_plan", READERS),
    Route("reviews:absence_plan", READERS, method="POST"),
    Route("reviews:absence_cancel", KEEPER, method="POST", args=_absence),
]  # fmt: skip
