"""A product posts drafts, two supervisors decide at once, the product hears and acts once: three counts, one truth."""

from __future__ import annotations

import argparse
import itertools
from collections import Counter

import pytest

from auditlog.models import Event
from countersign_client import Countersign, ProblemError
from examples.dispatch_assistant.__main__ import post_all
from examples.dispatch_assistant.ledger import Ledger
from examples.dispatch_assistant.orders import made_up
from examples.dispatch_assistant.receiver import act_on_events, listen
from governance.models import ServiceAccount
from outbox.services import deliver_due_messages
from outbox.services.endpoints import add_endpoint
from reviews.models import FinalityReceipt, ReviewItem
from reviews.services.settling import settle_due_items
from tenants.services import register_site
from tests.browser import people
from tests.browser.supervisors import decide, take_first
from tests.calling import token_for
from tests.reviews import world as reviews

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ORDERS = 8


def test_product_supervisors_and_log_agree(visit, live_server, settings, tmp_path):
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    world, ledger = visit.world, Ledger(tmp_path / "ledger.db")
    register_site(actor=world.actor("administrator"), tenant_id=world.tenant.id, key="south", name="South plant")
    reviews.queue(world, undo_seconds=0)
    account = ServiceAccount.objects.get(pk=reviews.product(world).id)
    client = Countersign(live_server.url, token_for(world, account), retries=1)
    receiver = listen(0, "", ledger)
    address = f"http://127.0.0.1:{receiver.server_address[1]}/"
    _endpoint, receiver.secret = add_endpoint(actor=world.actor("administrator"), account_id=account.id, url=address)

    options = argparse.Namespace(
        csv=None, nestor=False, limit=ORDERS, rate=0, threads=1, tenant="acme", kind="dispatch_record"
    )
    post_all(client, ledger, options)
    post_all(client, ledger, options)  # a restart posts nothing twice
    assert ledger.totals()["posted"] == ORDERS == ReviewItem.objects.count()

    reviews.reviewer(world, "rosa")
    desks = [visit("reviewer", "/reviews/"), visit("rosa", "/reviews/")]
    verdicts: Counter[str] = Counter()
    for page in itertools.cycle(desks):
        if not page.locator("form#decision").count() and not take_first(page):
            break
        verdicts[decide(page, lambda: people.code("reviewer"))] += 1
    assert verdicts.total() == ORDERS
    assert {one.person_id for row in ReviewItem.objects.all() for one in row.decisions.all()} == {
        world.person["reviewer"].id, world.person["rosa"].id,
    }  # fmt: skip

    settle_due_items()
    while deliver_due_messages():
        pass
    while act_on_events(client, ledger):
        pass
    receiver.shutdown()
    totals = ledger.totals()
    approved = totals.get("decided_approve", 0) + totals.get("decided_approve_with_edits", 0)
    assert totals["events"] == ORDERS
    assert totals["acted"] == approved == FinalityReceipt.objects.filter(consumed_at__isnull=False).count()
    assert Counter(ReviewItem.objects.values_list("state", flat=True)) == {"delivered": ORDERS}
    for action, number in (
        ("submitted", ORDERS), ("decided", ORDERS), ("settled", ORDERS), ("delivered", ORDERS),
    ):  # fmt: skip
        assert Event.objects.filter(action=f"reviews.item.{action}", outcome="done").count() == number, action
    assert Event.objects.filter(action="reviews.receipt.consumed", outcome="done").count() == approved


def test_the_client_names_what_was_refused(live_server, transactional_db):
    from tests.world import World

    world = World()
    reviews.queue(world)
    account = ServiceAccount.objects.get(pk=reviews.product(world).id)
    client = Countersign(live_server.url, token_for(world, account), retries=0)
    order = next(made_up())
    draft = {
        "tenant": "acme", "kind": "dispatch_record", "reference": "DR-1", "title": "Title", "model": "m", "service": "s",
        "text": "Text.", "citations": [{"record": order.number, "digest": "0" * 64}],
    }  # fmt: skip
    with pytest.raises(ProblemError) as refusal:
        client.submit(draft)
    assert refusal.value.code == "CITATIONS_REFUSED"
    assert refusal.value.problem["refused_citations"][0]["code"] == "MISSING"
    client.put_source("acme", order.number, order.content())
    with pytest.raises(ProblemError) as refusal:
        client.submit(draft)
    assert refusal.value.problem["refused_citations"][0]["code"] == "CHANGED"
