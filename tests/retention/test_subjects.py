"""One person's data: the same engine, within the tenant's part, forgotten when it is done."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from auditlog.errors import InvalidInputError, StateError
from retention.connectors.base import TroubleError
from retention.models import DeletionCase, PlanItem, SubjectRequest, Watch
from retention.opening import place_of_item
from retention.services.certifying import ask_certificate
from retention.services.subjects import RequestFacts, select_part, subject_of, sweep_subjects, take_request
from tests.retention.shelf import Shelf
from tests.retention.test_engine import approved, plan, work
from tests.tenants.world import agreement, data_store, day

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(settings):
    settings.RETENTION_COOLING_OFF = dt.timedelta(0)
    settings.RETENTION_FOLDERS = ["/srv"]


def request_of(world, **changes):
    facts = {
        "subject": "user-4711", "reference": "DSR-9", "asked_by": "Ada of Acme",
        "identity_check": "Called back on the number on file.", "received_on": day(0),
    }  # fmt: skip
    return take_request(
        actor=world.actor("privacy_officer"), tenant_id=world.tenant.id, facts=RequestFacts(**(facts | changes))
    )


@pytest.fixture
def store(world, monkeypatch):
    Shelf(["mail", "notes"]).install(monkeypatch)
    agreement(world)
    return data_store(
        world, "files", kind="filesystem", selector="/srv/acme/", account="", backup_days=None,
        data_classes=("personal",),
    )  # fmt: skip


def test_erased_while_the_agreement_runs_and_forgotten_afterwards(world, store):
    row = request_of(world)
    case = row.case
    assert case.due_on <= day(31), "one month"
    with pytest.raises(StateError):
        plan(world, case)
    select_part(actor=world.actor("privacy_officer"), case_id=case.id, store_id=store.id, selector="/srv/acme/4711/")
    approved(world, case)
    assert place_of_item(case.steps.get().item).selector == "/srv/acme/4711/"
    assert "4711" not in str(list(case.approval.__class__.objects.values_list("snapshot", "title")))
    work(case)
    world.sign("second_privacy_officer", ask_certificate(actor=world.actor("privacy_officer"), case_id=case.id))
    case.refresh_from_db()
    assert case.state == "certified"
    assert "4711" not in case.certificates.get().body
    sweep_subjects()
    assert subject_of(DeletionCase.objects.get(pk=case.id)) == "user-4711", "it is watched for thirty days yet"
    from auditlog.change import audited
    from tests.retention.test_engine import JOB

    with audited(JOB, "retention.watch.looked", subject_kind="retention.case", subject_id=case.id):
        Watch.objects.update(looked_at=timezone.now())
    sweep_subjects()
    assert not SubjectRequest.objects.exclude(sealed_subject="").exists()
    assert not PlanItem.objects.exclude(sealed_selector="").exists()


def test_a_forgotten_part_never_becomes_the_whole_store(world, store):
    row = request_of(world)
    select_part(
        actor=world.actor("privacy_officer"), case_id=row.case.id, store_id=store.id, selector="/srv/acme/4711/"
    )
    approved(world, row.case)
    item = row.case.steps.get().item
    item.sealed_selector = ""
    with pytest.raises(TroubleError):
        place_of_item(item)


@pytest.mark.parametrize("selector", ["/srv/acme/", "/srv/acme2/4711/", "/srv/", "/srv/acme/../acme2/x/", ""])
def test_a_persons_part_lies_within_the_tenants(world, store, selector):
    row = request_of(world)
    with pytest.raises(InvalidInputError):
        select_part(actor=world.actor("privacy_officer"), case_id=row.case.id, store_id=store.id, selector=selector)


def test_the_same_person_is_asked_for_once(world, store):
    request_of(world)
    with pytest.raises(StateError):
        request_of(world, reference="DSR-10")
    request_of(world, subject="user-1")


def test_i53_a_store_that_turns_up_late_reopens_it(world, store):
    row = request_of(world)
    keeper = world.actor("privacy_officer")
    select_part(actor=keeper, case_id=row.case.id, store_id=store.id, selector="/srv/acme/4711/")
    case = approved(world, row.case)
    late = data_store(
        world,
        "late",
        kind="filesystem",
        selector="/srv/late/",
        account="",
        backup_days=None,
        data_classes=("personal",),
    )
    work(case)
    assert case.state == "open", "the first store is erased, and nothing is certified"
    with pytest.raises(StateError):
        plan(world, case)
    select_part(actor=keeper, case_id=case.id, store_id=late.id, selector="", is_none=True)
    plan(world, case)
    assert case.state == "planned"
