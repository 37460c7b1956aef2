"""How often the database is asked for a decision and for the page that follows: each time more is seen here.

Counted on SQLite, where sealing an event takes four queries more than on PostgreSQL.
"""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse

from reviews.models import Claim
from reviews.services.claims import claim_item
from tests.clock import later
from tests.reviews import world as reviews

ROOT = f"{Path(__file__).resolve().parents[2]}/"
DECISION, NEXT_PAGE = 31, 11
#: To search for it, to see that it was not renewed meanwhile, and to end it.
LAPSED = 3


@contextmanager
def asked():
    """Every query with who asked for it."""
    found = []

    def note(execute, sql, *rest):
        ours = [one for one in traceback.extract_stack()[:-1] if one.filename.startswith(ROOT)]
        ours = [one for one in ours if not one.filename.startswith((f"{ROOT}.venv", f"{ROOT}tests"))]
        callers = " < ".join(f"{one.filename.removeprefix(ROOT)}:{one.lineno}" for one in ours[:-4:-1])
        found.append(f"{sql[:60]} … {sql.partition(' FROM ')[2][:60]}  [{callers}]")
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield found


def within(found, budget):
    """Says which queries there were, if there were too many."""
    assert len(found) <= budget, f"{len(found)} queries, {budget} allowed:\n" + "\n".join(found)


@pytest.fixture
def room(world):
    """A reviewer who has the first of several items before them, in a browser that was used before."""
    world.queue = reviews.queue(world, undo_seconds=8, lease_seconds=60)
    for _n in range(3):
        reviews.item(world, sources=[reviews.source(world) for _n in range(5)])
    world.browser_now = world.client("reviewer")
    path = world.browser_now.post(reverse("reviews:item_next"), {"queue": world.queue.id}).url
    assert world.browser_now.get(path).status_code == 200
    return world


def decide(room, **given):
    """Decide what the reviewer holds; gives where it leads, and the queries."""
    held = Claim.objects.get(ended_at=None, person=room.person["reviewer"])
    given |= {"epoch": held.epoch, "seen_digest": held.digest}
    with asked() as found:
        answer = room.browser_now.post(reverse("reviews:item_decide", args=[held.item_id]), given)
    return answer.url, found


@pytest.mark.parametrize(
    "given",
    [
        {"verdict": "approve"},
        {"verdict": "approve_with_edits", "edit-1": "right"},
        {"verdict": "refuse", "reason_code": "unsafe", "reason": "The boom is up."},
    ],
    ids=lambda given: given["verdict"],
)
def test_a_decision_and_the_next_page(room, given):
    path, found = decide(room, **given)
    assert "/items/" in path
    within(found, DECISION)
    with asked() as found:
        assert room.browser_now.get(path).status_code == 200
    within(found, NEXT_PAGE)


def test_a_claim_left_lying_costs_one_search_more(room):
    row = reviews.item(room, criticality="critical")
    rosa = reviews.reviewer(room, "rosa")
    with later(seconds=-90):
        claim_item(actor=rosa, item_id=row.id)
    path, found = decide(room, verdict="approve")
    assert path == reverse("reviews:item_read", args=[row.id])
    within(found, DECISION + LAPSED)
