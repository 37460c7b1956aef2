"""Many reviewers on one queue, on real PostgreSQL: nothing twice, nothing skipped, nothing stale (I70, I71).

``make races`` runs 50 clients on 10,000 items; the suite a few on a few.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
import time_machine
from django.db import connection, connections
from django.utils import timezone

from reviews.errors import StaleClaimError
from reviews.models import Claim, Decision, ReviewItem
from reviews.services.decisions import decide_item
from reviews.services.settling import settle_due_items
from tests.reviews import world as reviews
from tests.reviews.racing import work
from tests.servers import child_environment

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

ITEMS, CLIENTS = int(os.environ.get("RACE_ITEMS", "80")), int(os.environ.get("RACE_CALLERS", "8"))
KILLS = int(os.environ.get("RACE_KILLS", "6"))


@pytest.fixture
def busy(world):
    """A queue full of items, and as many reviewers as there are clients."""
    queue = reviews.queue(world, most_claims=100, expire_minutes=100_000, decision_minutes=10_000)
    record = reviews.source(world)
    for _n in range(ITEMS):
        reviews.item(world, sources=[record])
    names = [f"racer{number}" for number in range(CLIENTS)]
    return world, queue, [reviews.reviewer(world, name) for name in names]


def rush(actors, queue, abandon):
    """All of them at once; gives what each decided and left."""
    gate, found = threading.Barrier(len(actors)), []

    def run(number, actor):
        gate.wait()
        try:
            found.append((actor, *work(actor, queue.id, abandon=abandon, dice=random.Random(number))))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(actors), "somebody failed"
    return found


def judge(queue):
    """Every item decided by exactly one person, on a claim of their own."""
    settle_all()
    assert Counter(ReviewItem.objects.values_list("state", flat=True)) == {"final": ITEMS}
    decisions = list(Decision.objects.filter(undone_at=None).select_related("claim"))
    assert len(decisions) == len({one.item_id for one in decisions}) == ITEMS
    assert all(one.claim.person_id == one.person_id and one.decided_at <= one.claim.until for one in decisions)
    assert not Claim.objects.filter(ended_at=None).exists()


def settle_all():
    while settle_due_items():
        pass


def test_i70_i71_many_at_once_decide_each_item_once(busy):
    _world, queue, actors = busy
    found = rush(actors, queue, abandon=0.0)
    decided = [item for _actor, items, _left in found for item in items]
    assert len(decided) == len(set(decided)) == ITEMS
    judge(queue)


def test_i70_claims_left_lying_are_taken_over_and_their_holders_come_too_late(busy):
    world, queue, actors = busy
    found = rush(actors, queue, abandon=0.2)
    left = [(actor, claim) for actor, _items, claims in found for claim in claims]
    assert left
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)):
        fresh = [reviews.reviewer(world, actor.label.lower()) for actor in actors]
        rush(fresh, queue, abandon=0.0)
        for actor, claim in left:
            with pytest.raises(StaleClaimError):
                decide_item(
                    actor=actor, item_id=claim.item_id, epoch=claim.epoch, seen_digest=claim.digest, verdict="approve"
                )
        judge(queue)


def test_killed_clients_lose_and_double_nothing(busy, tmp_path):
    world, queue, actors = busy
    name = connection.settings_dict["NAME"]
    environment = child_environment(
        tmp_path, DATABASE_URL=os.environ["DATABASE_URL"], DJANGO_SETTINGS_MODULE="tests.settings"
    )

    def start(actor):
        command = [sys.executable, "-m", "tests.reviews.racing", str(queue.id), str(actor.id), name]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    running = [start(actor) for actor in actors[:4]]
    dice = random.Random(7)
    for kill in range(KILLS):
        victim = dice.randrange(len(running))
        running[victim].stdout.readline()
        time.sleep(dice.random() * 0.2)
        running[victim].kill()
        running[victim].wait()
        running[victim] = start(actors[kill % len(actors)])
    for process in running:
        process.wait(timeout=600 + ITEMS)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)):
        rush([reviews.reviewer(world, actor.label.lower()) for actor in actors], queue, abandon=0.0)
        judge(queue)
