"""How cases begin, end, and go on: terminations beside a customer's own request, and what turns up late."""

from __future__ import annotations

import datetime as dt

import pytest

from auditlog.errors import GovernanceError, StateError
from governance.models import Notification
from retention.models import DeletionCase
from retention.services.cases import cancel_case, open_case
from retention.services.certifying import ask_certificate
from retention.services.plans import ask_plan
from retention.services.subjects import select_part
from tenants.services import register_tenant, reinstate_tenant
from tests.retention.shelf import Shelf
from tests.retention.test_engine import approved, work
from tests.retention.test_subjects import request_of
from tests.tenants.world import agreement, data_store, day, terminate

pytestmark = pytest.mark.django_db
FILES = {"kind": "filesystem", "account": "", "backup_days": None}


@pytest.fixture(autouse=True)
def _at_once(settings, monkeypatch):
    settings.RETENTION_COOLING_OFF = dt.timedelta(0)
    settings.RETENTION_FOLDERS = ["/srv"]
    monkeypatch.setattr("retention.services.erasing.FIRST_WAIT", 0)


@pytest.fixture
def shelf(monkeypatch):
    return Shelf(["acme/1", "acme/2"]).install(monkeypatch)


@pytest.fixture
def tenant(world):
    """Its agreement has ended, and nobody has terminated it."""
    made = register_tenant(
        actor=world.actor("administrator"), key="asked", name="Asked Ltd", allowed_regions=["eu-central-1"]
    )
    agreement(world, "MSA-A", made, ends_on=day(-40), starts_on=day(-400))
    data_store(world, "files", made, selector="/srv/acme/", region="eu-central-1", **FILES)
    return made


@pytest.fixture
def asked(world, tenant):
    return open_case(actor=world.actor("privacy_officer"), tenant_id=tenant.id, received_on=day(-5))


@pytest.mark.parametrize(("terminated", "clock"), [(10, -5), (-5, -5), (-12, -12)])
def test_i50_a_termination_keeps_the_earlier_clock_of_a_case_that_was_asked_for(
    world, tenant, asked, terminated, clock
):
    terminate(world, tenant, terminated_on=day(terminated))
    asked.refresh_from_db()
    assert DeletionCase.objects.filter(tenant=tenant).count() == 1
    assert asked.clock_from == day(clock)
    tenant.refresh_from_db()
    assert asked.due_on <= tenant.due_on, "everything is gone by the day the tenant's page promises"
    assert Notification.objects.filter(text__contains=f"Case {asked}, which it asked for, goes on").exists()


def test_i50_a_terminated_tenants_case_is_not_cancelled_though_the_customer_asked_for_it(world, tenant, asked):
    terminate(world, tenant)
    with pytest.raises(StateError, match="ends by reinstatement only"):
        cancel_case(actor=world.actor("privacy_officer"), case_id=asked.id, reason="They changed their mind.")
    reinstate_tenant(actor=world.actor("privacy_officer"), tenant_id=tenant.id, reason="They stay.")
    asked.refresh_from_db()
    assert asked.state == "open", "what the customer asked for is theirs to take back"
    cancel_case(actor=world.actor("privacy_officer"), case_id=asked.id, reason="They stay.")


def test_a_tenant_whose_data_was_erased_as_it_asked_is_not_reinstated(world, tenant, asked, shelf):
    work(approved(world, asked))
    terminate(world, tenant)
    with pytest.raises(GovernanceError, match="Register a new tenant"):
        reinstate_tenant(actor=world.actor("privacy_officer"), tenant_id=tenant.id, reason="They stay.")


def test_a_termination_after_everything_was_erased_tells_so(world, tenant, asked, shelf):
    work(approved(world, asked))
    world.sign("second_privacy_officer", ask_certificate(actor=world.actor("privacy_officer"), case_id=asked.id))
    asked.refresh_from_db()
    assert asked.state == "certified"
    terminate(world, tenant, terminated_on=day(-12))
    before = asked.clock_from
    asked.refresh_from_db()
    assert asked.clock_from == before
    assert Notification.objects.filter(text__contains="Its data was erased before").exists()


def test_a_late_store_that_holds_nothing_of_the_person_does_not_stop_their_request(world, shelf):
    """Looked at, and nothing of them: nobody signs for an erasure of nothing, and the request goes on."""
    agreement(world)
    store = data_store(world, "files", selector="/srv/acme/", data_classes=("personal",), **FILES)
    case, officer = request_of(world).case, world.actor("privacy_officer")
    select_part(actor=officer, case_id=case.id, store_id=store.id, selector="/srv/acme/4711/")
    work(approved(world, case))
    late = data_store(world, "late", selector="/srv/late/", data_classes=("personal",), **FILES)
    case.refresh_from_db()
    assert case.state == "open"
    with pytest.raises(StateError, match="erased already"):
        cancel_case(actor=officer, case_id=case.id, reason="Nothing there.")
    with pytest.raises(GovernanceError):
        ask_plan(actor=officer, case_id=case.id)
    select_part(actor=officer, case_id=case.id, store_id=late.id, selector="", is_none=True)
    case.refresh_from_db()
    assert case.state == "verifying"
    world.sign("second_privacy_officer", ask_certificate(actor=officer, case_id=case.id))
    case.refresh_from_db()
    assert case.state == "certified"
