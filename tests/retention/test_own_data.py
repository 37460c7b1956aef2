"""The console erases what it holds of a tenant itself, by the same engine, and keeps what the log needs."""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps

from auditlog.errors import StateError
from outbox.models import Message
from retention.models import DeletionCase
from reviews.models import Decision, ReviewItem, SourceRecord
from reviews.services.closing import remind_holder
from tests.retention.test_engine import JOB, approved, work
from tests.reviews.world import claim, item, queue, settled, source
from tests.tenants.world import terminate

pytestmark = pytest.mark.django_db

#: What only a customer would write.
SECRET = "Ponderosa bucket ram"


@pytest.fixture(autouse=True)
def _at_once(settings):
    settings.RETENTION_COOLING_OFF = dt.timedelta(0)


def everything(tenant_secret: str) -> list[str]:
    """Where a text stands in any table, the log's events and names among them."""
    found = []
    for model in apps.get_models():
        if model._meta.app_label == "sessions":
            continue
        for field in model._meta.concrete_fields:
            if field.get_internal_type() in ("CharField", "TextField", "JSONField", "SlugField"):
                rows = model._default_manager.filter(**{f"{field.name}__icontains": tenant_secret})
                found += [f"{model._meta.label}.{field.name}"] * rows.count()
    return found


def test_what_the_console_holds_goes_and_the_log_stays(world):
    queue(world)
    cited = source(world, f"WO {SECRET}", asset=SECRET, text=SECRET)
    waiting = item(world, reference=f"DR {SECRET} 1", title=SECRET, text=SECRET, sources=[cited])
    done = settled(world, item(world, reference=f"DR {SECRET} 2", title=SECRET, text=SECRET, sources=[cited]))
    claim(world, waiting)
    remind_holder(actor=JOB, item_id=waiting.id)
    theirs = source(world, "WO of acme2", tenant="acme2", site="", text="Theirs")
    assert len(everything(SECRET)) > 8
    terminate(world)
    case = DeletionCase.objects.get(tenant=world.tenant)
    approved(world, case)
    assert {step.item.own for step in case.steps.all()} == {"reviews.items", "reviews.sources"}
    work(case)
    assert everything(SECRET) == []
    assert case.state == "verifying"
    theirs.refresh_from_db()
    assert (theirs.record, theirs.content) == ("WO of acme2", {"text": "Theirs"}), "acme2 is whole"
    waiting.refresh_from_db()
    assert waiting.state == "withdrawn"
    assert Decision.objects.filter(item=done).exists()
    assert ReviewItem.objects.count() == 2
    assert SourceRecord.objects.get(pk=cited.pk).digest == cited.digest, "what was decided on can still be proved"
    with pytest.raises(StateError) as late:
        source(world, "WO-late")
    assert late.value.clause == "LD-21", "nothing comes in any more"
    assert not Message.objects.exclude(text="").filter(about_kind="reviews.item").exists()
