"""What a draft rests on: sources that are there, unchanged and read (I75, I76, I77)."""

from __future__ import annotations

import pytest

from auditlog.errors import InvalidInputError
from auditlog.models import Event
from reviews.errors import CitationsRefusedError, SourceChangedError, SourcesUnopenedError
from reviews.models import ReviewItem
from reviews.services.bulk import refuse_items
from reviews.services.drafts import open_source
from reviews.services.intake import submit_item
from reviews.services.sources import put_source_record
from reviews.vocabulary import Criticality
from tenants.services import register_site
from tests.reviews import world as reviews


def refused(world, **changes):
    with pytest.raises(CitationsRefusedError) as caught:
        submit_item(actor=reviews.product(world), draft=reviews.draft(world, **changes))
    return [one.code for one in caught.value.refused]


def test_i75_every_citation_is_there_the_same_and_of_this_site(world):
    reviews.queue(world)
    good = reviews.source(world)
    other_site = reviews.source(world, site="")
    assert refused(world, sources=[]) == ["MISSING"]
    stale = reviews.cite(good)
    reviews.source(world, good.record, text="CHANGED")
    gone = reviews.source(world)
    put_source_record(
        actor=reviews.product(world), tenant_key="acme", record=gone.record, site_key="north", removed=True
    )
    unknown = reviews.cite(good)
    unknown = type(unknown)(record="WO-NOBODY", digest=unknown.digest, field="task")
    beyond = reviews.cite(other_site, starts=0, ends=9999)
    assert refused(world, citations=[stale, reviews.cite(gone), unknown, beyond]) == [
        "CHANGED", "REMOVED", "MISSING", "RANGE",
    ]  # fmt: skip
    assert not ReviewItem.objects.exists()
    assert Event.objects.filter(action="reviews.item.submitted", outcome="refused").count() == 2


def test_i75_not_of_another_tenant_or_site(world):
    administrator = world.actor("administrator")
    register_site(actor=administrator, tenant_id=world.tenant.id, key="south", name="South")
    register_site(actor=administrator, tenant_id=world.other_tenant.id, key="north", name="North")
    reviews.queue(world)
    elsewhere = reviews.source(world, site="south")
    foreign = reviews.source(world, tenant="acme2")
    assert refused(world, sources=[elsewhere, foreign]) == ["SITE", "MISSING"]


def test_i76_a_changed_source_blocks_approval_and_says_so(world):
    reviews.queue(world)
    source = reviews.source(world)
    row = reviews.item(world, sources=[source])
    held = reviews.claim(world, row)
    reviews.source(world, source.record, text="R/H BUCKET CYL LEAKING.")
    for given in ({"verdict": "approve"}, {"verdict": "approve_with_edits", "edits": {"side": "right"}}):
        with pytest.raises(SourceChangedError, match=source.record):
            reviews.verdict(world, row, held, **given)
    reviews.verdict(world, row, held, verdict="refuse", reason_code="outdated")


def test_i76_a_removed_source_blocks_too(world):
    reviews.queue(world)
    source = reviews.source(world)
    row = reviews.item(world, sources=[source])
    held = reviews.claim(world, row)
    put_source_record(
        actor=reviews.product(world), tenant_key="acme", record=source.record, site_key="north", removed=True
    )
    with pytest.raises(SourceChangedError):
        reviews.verdict(world, row, held)


def test_i76_another_tenants_record_of_that_name_vouches_for_nothing(world):
    reviews.queue(world)
    source = reviews.source(world)
    row = reviews.item(world, sources=[source])
    held = reviews.claim(world, row)
    reviews.source(world, source.record, tenant="acme2", site="", **source.content)
    reviews.source(world, source.record, text="R/H BUCKET CYL LEAKING.")
    with pytest.raises(SourceChangedError, match=source.record):
        reviews.verdict(world, row, held)


def test_i77_a_critical_item_is_approved_by_who_opened_every_source(world):
    reviews.queue(world)
    row = reviews.item(world, sources=[reviews.source(world), reviews.source(world)], criticality=Criticality.CRITICAL)
    held = reviews.claim(world, row)
    first, second = row.citations.all()
    open_source(actor=world.actor("reviewer"), item_id=row.id, citation_id=first.id)
    open_source(actor=reviews.reviewer(world, "rosa"), item_id=row.id, citation_id=second.id)
    with pytest.raises(SourcesUnopenedError):
        reviews.verdict(world, row, held)
    open_source(actor=world.actor("reviewer"), item_id=row.id, citation_id=second.id)
    assert reviews.verdict(world, row, held).sources_opened == 2


def test_i77_critical_items_are_never_refused_in_bulk(world):
    reviews.queue(world)
    row = reviews.item(world, criticality=Criticality.CRITICAL)
    with pytest.raises(InvalidInputError):
        refuse_items(actor=world.actor("reviewer"), item_ids=[row.id], confirmed=1, reason_code="unsafe", reason="No.")
