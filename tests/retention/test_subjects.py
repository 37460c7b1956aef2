"""One person's data: the same engine, within the tenant's part, forgotten when it is done."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from auditlog.errors import InvalidInputError, StateError
from retention.connectors.base import TroubleError
from retention.models import DeletionCase, PlanItem, SubjectRequest, Watch
from retention.opening import place_of_item
from retention.services.cases import cancel_case
from retention.services.certifying import ask_certificate
from retention.services.deciding import ask_deletion, why_not_ask
from retention.services.plans import ask_plan
from retention.services.subjects import RequestFacts, select_part, subject_of, sweep_subjects, take_request
from tenants.services import edit_store
from tests.retention.shelf import Shelf
from tests.retention.test_engine import approved, plan, work
from tests.tenants.world import agreement, data_store, day, facts

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


def test_a_forgotten_person_never_becomes_the_whole_tenant(world, store):
    row = request_of(world)
    assert subject_of(row.case) == "user-4711"
    row.case.subject_request.sealed_subject = ""
    with pytest.raises(TroubleError):
        subject_of(row.case)


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


def test_an_erasure_of_nothing_is_neither_counted_nor_signed(world, store):
    """No store of personal data; then all looked at, and nothing there. Both times the way out is told."""
    officer = world.actor("privacy_officer")
    edit_store(
        actor=officer, store_id=store.id, facts=facts(world, kind="filesystem", selector="/srv/acme/", account="",
        backup_days=None, data_classes=("operational",)),
    )  # fmt: skip
    case = request_of(world).case
    for attempt in (ask_plan, ask_deletion):
        with pytest.raises(StateError):
            attempt(actor=officer, case_id=case.id)
    with pytest.raises(StateError, match="stores is registered with personal data: .*Customer files"):
        ask_plan(actor=officer, case_id=case.id)
    edit_store(
        actor=officer, store_id=store.id, facts=facts(world, kind="filesystem", selector="/srv/acme/", account="",
        backup_days=None, data_classes=("personal",)),
    )  # fmt: skip
    assert case.subject_request.selectors.get().store_id == store.id, "its classes were corrected: it is asked about"
    select_part(actor=officer, case_id=case.id, store_id=store.id, selector="/srv/acme/4711/")
    plan(world, case)
    select_part(actor=officer, case_id=case.id, store_id=store.id, selector="", is_none=True)
    with pytest.raises(StateError, match="nothing of this person in: Customer files"):
        ask_deletion(actor=officer, case_id=case.id)
    assert why_not_ask(case) != ""
    cancel_case(actor=officer, case_id=case.id, reason="Nothing is held of this person.")


def test_a_signature_is_never_due_after_the_case(world, store):
    officer = world.actor("privacy_officer")
    row = request_of(world, received_on=day(-27))
    select_part(actor=officer, case_id=row.case.id, store_id=store.id, selector="/srv/acme/4711/")
    plan(world, row.case)
    approval = ask_deletion(actor=officer, case_id=row.case.id)
    assert approval.decide_by.date() == row.case.due_on == day(1)
    late = request_of(world, subject="user-1", received_on=day(-60))
    select_part(actor=officer, case_id=late.case.id, store_id=store.id, selector="/srv/acme/1/")
    plan(world, late.case)
    approval = ask_deletion(actor=officer, case_id=late.case.id)
    assert approval.decide_by.date() == day(1), "it is overdue: within a day, not in two weeks"


def test_a_store_is_not_edited_while_a_persons_part_of_it_is_erased(world, store):
    officer = world.actor("privacy_officer")
    row = request_of(world)
    select_part(actor=officer, case_id=row.case.id, store_id=store.id, selector="/srv/acme/4711/")
    approved(world, row.case)
    changed = facts(
        world, kind="filesystem", selector="/srv/other/", account="", backup_days=None, data_classes=("personal",)
    )
    with pytest.raises(StateError):
        edit_store(actor=officer, store_id=store.id, facts=changed)
    work(row.case)
    edit_store(actor=officer, store_id=store.id, facts=changed)
