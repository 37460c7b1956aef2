"""Deletion cases on their pages: opened, counted, asked for, called off, blocked, attested, certified; lists and calendar."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from auditlog.change import audited
from governance.models import Approval
from retention.connectors.base import Outcome, State, TroubleError
from retention.models import DeletionCase, Lease, Residue, Step
from retention.queries.cases import cases
from retention.services.holds import place_hold
from retention.services.plans import ask_plan, count_item
from retention.services.starting import start_due_cases
from retention.services.steps import work_step
from retention.vocabulary import CaseState, StepState
from tests.retention import walk
from tests.retention.shelf import Shelf
from tests.retention.world_cases import case_of, cooling
from tests.tenants.world import day

pytestmark = pytest.mark.django_db
OFFICER = "privacy_officer"


def post(world, name, row_id=None, who=OFFICER, **data):
    return world.client(who).post(reverse(f"retention:{name}", args=[row_id] if row_id else []), data)


def answer(world, name, row_id=None, who=OFFICER, **query):
    return world.client(who).get(reverse(f"retention:{name}", args=[row_id] if row_id else []), query)


def shown(world, name, row_id=None, who=OFFICER, **query):
    return answer(world, name, row_id, who, **query).content.decode()


@pytest.fixture
def case(world):
    """A case that was opened twelve days ago, with one store somebody attests."""
    return case_of(world, "Nordwind", 12)


@pytest.fixture
def folder(world, monkeypatch, settings):
    """A case of 130 files, and the shelf they lie on."""
    settings.RETENTION_FOLDERS = ["/srv"]
    monkeypatch.setattr("retention.services.erasing.FIRST_WAIT", 0)
    shelf = Shelf([f"a/{n:03}" for n in range(130)]).install(monkeypatch)
    case = case_of(world, "Foldered", 12, kind="filesystem", selector="/srv/foldered/")
    return shelf, case


def change_steps(case, **values):
    """As a worker would leave them."""
    with audited(walk.JOB, "retention.step.begun", subject_kind="retention.case", subject_id=case.id):
        Step.objects.filter(case=case).update(**values)


# The list.


def test_list_shows_open_cases_by_due_date(world, case):
    late = case_of(world, "Atlas", 31)
    done = case_of(world, "Sealed", 9)
    walk.certified(world, done)
    text = shown(world, "case_list")
    assert text.index("Atlas") < text.index("Nordwind")
    assert "Sealed" not in text
    assert "Overdue" in text
    assert "Sealed" in shown(world, "case_list", state="closed")
    assert "Nordwind" not in shown(world, "case_list", light="red")
    assert str(late) in shown(world, "case_list", q=str(late))
    assert "Nothing fits this filter" in shown(world, "case_list", q="nobody")


def test_the_database_agrees_on_due_dates_and_lights(world):
    for days in (0, 24, 25, 30, 31):
        case_of(world, f"After {days}", days)
    one_person = case_of(world, "One person", 24)
    with audited(walk.JOB, "retention.case.opened", subject_kind="retention.case", subject_id=one_person.id):
        DeletionCase.objects.filter(pk=one_person.pk).update(cause="data_subject")
    rows = list(cases())
    assert {row.due for row in rows} == {row.due_on for row in rows}
    for light in ("green", "amber", "red"):
        wanted = {row.pk for row in rows if row.light == light}
        found = shown(world, "case_list", light=light)
        assert {row.pk for row in rows if str(row.pk) in found} == wanted


def test_empty_list_says_what_to_do_first(world):
    assert "Nothing is to be deleted" in shown(world, "case_list")


def test_export(world, case):
    walk.planned(world, case)
    text = answer(world, "case_export", "csv").content.decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(text)))
    assert row["Reference"] == str(case)
    assert row["Due"] == case.due_on.isoformat()
    assert answer(world, "case_export", "xlsx").status_code == 200
    assert answer(world, "case_export", "pdf").status_code == 404


# From the beginning to the certificate.


def test_open_a_case(world):
    tenant = walk.leaving_tenant(world, name="Asks")
    response = post(world, "case_open", tenant=tenant.id, received_on=day(-2).isoformat())
    case = DeletionCase.objects.get(tenant=tenant)
    assert response.url == reverse("retention:case_read", args=[case.id])
    assert (case.cause, case.clock_from) == ("customer_request", day(-2))


def test_a_request_from_the_future_keeps_what_was_typed(world):
    tenant = walk.leaving_tenant(world, name="Asks")
    response = post(world, "case_open", tenant=tenant.id, received_on=day(3).isoformat())
    assert response.status_code == 422
    text = response.content.decode()
    assert "today, or within the last year" in text
    assert day(3).isoformat() in text


def test_a_case_begins_with_its_inventory(world, case):
    text = shown(world, "case_read", case.id)
    assert "Day 12 of 30" in text
    assert "Take inventory" in text
    assert post(world, "case_count", case.id).url == reverse("retention:case_read", args=[case.id])
    text = shown(world, "case_read", case.id)
    assert "are being counted" in text
    assert 'hx-trigger="every 2s"' in text
    assert "0 of 1 store counted." in text


def test_while_counting_the_count_so_far_is_shown(world, case):
    plan = ask_plan(actor=world.actor(OFFICER), case_id=case.id)
    Lease.objects.create(about=plan.items.get().id, count=412_000, size=99_000_000)
    assert "412,000 so far" in shown(world, "case_read", case.id)


def test_a_store_that_cannot_be_counted_says_what_to_do(world, folder):
    shelf, case = folder
    shelf.trouble = TroubleError("denied", "EACCES")
    plan = ask_plan(actor=world.actor(OFFICER), case_id=case.id)
    count_item(str(plan.items.get().id), actor=walk.JOB)
    text = shown(world, "case_read", case.id)
    assert "Access denied" in text
    assert "EACCES" in text
    assert "Count again" in text


def test_ask_for_approval_and_call_it_off(world, case):
    walk.planned(world, case)
    assert "Ask another privacy officer" in shown(world, "case_read", case.id)
    post(world, "case_ask", case.id)
    case.refresh_from_db()
    assert case.state == CaseState.AWAITING_APPROVAL
    text = shown(world, "case_read", case.id, "second_privacy_officer")
    assert "Your signature is asked for" in text
    assert "Sign approval" in text
    assert "It cannot be brought back." in text
    post(world, "case_call_off", case.id, reason="The customer wants to wait.")
    case.refresh_from_db()
    assert (case.state, case.approval.state) == (CaseState.PLANNED, Approval.State.SUPERSEDED)


def test_call_off_while_cooling_off(world, case):
    cooling(world, case)
    assert "Deletion starts by itself" in shown(world, "case_read", case.id)
    response = post(world, "case_call_off", case.id, reason=" ")
    assert response.status_code == 422
    post(world, "case_call_off", case.id, reason="Ticket 81.")
    case.refresh_from_db()
    assert (case.state, case.approval.state) == (CaseState.PLANNED, Approval.State.REVOKED)
    assert case.cooling_until is None
    assert post(world, "case_call_off", case.id, reason="Again.").status_code == 422


def test_what_was_called_off_never_starts(world, case, settings):
    settings.RETENTION_COOLING_OFF = dt.timedelta(0)
    cooling(world, case)
    post(world, "case_call_off", case.id, reason="Ticket 81.")
    start_due_cases()
    case.refresh_from_db()
    assert case.state == CaseState.PLANNED


def test_a_refused_approval_tells_why(world, case):
    approval = walk.submitted(world, case)
    world.sign("second_privacy_officer", approval, "reject", "The vault is missing.")
    assert "The vault is missing." in shown(world, "case_read", case.id)


def test_under_a_hold_the_clock_stays_and_the_verb_says_why(world, case):
    walk.planned(world, case)
    place_hold(
        actor=world.actor(OFFICER), tenant_id=case.tenant_id, matter="Lindqvist v. Nordwind", reason="Litigation.",
        owner_id=world.person["auditor"].id, review_on=day(40),
    )  # fmt: skip
    text = shown(world, "case_read", case.id)
    assert "Day 12 of 30" in text
    assert "A legal hold is on this tenant: Lindqvist v. Nordwind." in text
    assert post(world, "case_ask", case.id).status_code == 409


def test_mode_and_return(world, case):
    walk.planned(world, case)
    post(world, "case_mode", case.id, mode="return")
    assert "The customer wants the data back first" in shown(world, "case_read", case.id)
    response = post(world, "case_return", case.id, destination="no slash", secret_access_key="s3cr3t")
    assert response.status_code == 422
    assert "no slash" in response.content.decode()
    assert "s3cr3t" not in response.content.decode()
    post(world, "case_return", case.id, destination="customers-own/back/")
    text = shown(world, "case_read", case.id)
    assert "The data is being returned" in text
    assert "customers-own/back/" in text
    post(world, "case_return_cancel", case.id)
    case.refresh_from_db()
    assert case.state == CaseState.PLANNED


def test_a_terminations_case_is_not_cancelled_by_hand(world, case):
    assert "reinstatement only" in shown(world, "case_read", case.id)
    response = post(world, "case_cancel", case.id, reason="No.")
    assert response.status_code == 422
    assert "its case ends by reinstatement only" in response.content.decode()


def test_cancel_a_customers_request(world):
    tenant = walk.leaving_tenant(world, name="Asks")
    post(world, "case_open", tenant=tenant.id, received_on=day(0).isoformat())
    case = DeletionCase.objects.get(tenant=tenant)
    post(world, "case_cancel", case.id, reason="They took it back.")
    text = shown(world, "case_read", case.id)
    assert "Called off: They took it back." in text
    assert "Day 0 of 30" not in text


# Deleting.


def test_progress_of_a_store(world, folder):
    _shelf, case = folder
    walk.started(world, case)
    now = timezone.now()
    change_steps(
        case, state="running", started_at=now - dt.timedelta(seconds=30), last_deleted_at=now, intended=65, destroyed=65,
        destroyed_bytes=650,
    )  # fmt: skip
    text = shown(world, "case_read", case.id)
    assert "<strong>65</strong> of 130 done" in text
    assert "2 a second" in text
    assert "less than a minute left" in text
    assert 'value="50"' in text
    assert "0 of 1 store verified. About 50 percent is deleted." in text


def test_progress_answers_only_what_is_news(world, folder):
    _shelf, case = folder
    walk.started(world, case)
    page = answer(world, "case_read", case.id).context["page"]
    same = answer(world, "case_progress", case.id, seen=page.seen, mark=page.mark, said=page.said)
    assert same.status_code == 204
    change_steps(case, state="running", destroyed=20, intended=20)
    news = answer(world, "case_progress", case.id, seen=page.seen, mark=page.mark, said=page.said)
    assert news.status_code == 200
    assert "of 130 done" in news.content.decode()
    assert "hx-swap-oob" in news.content.decode()
    assert "<html" not in news.content.decode()


def test_progress_asks_for_the_whole_page_when_the_case_moved_and_then_stops(world, folder):
    shelf, case = folder
    walk.started(world, case)
    seen = answer(world, "case_read", case.id).context["page"].seen
    walk.worked(case)
    assert not shelf.there
    moved = answer(world, "case_progress", case.id, seen=seen)
    assert moved["HX-Refresh"] == "true"
    assert 'hx-trigger="every' not in shown(world, "case_read", case.id)
    page = answer(world, "case_read", case.id).context["page"]
    assert answer(world, "case_progress", case.id, seen=page.seen, mark=page.mark).status_code == 286


def test_a_blocked_store_says_what_to_do_and_is_tried_again(world, folder):
    shelf, case = folder
    walk.started(world, case)
    shelf.trouble = TroubleError("denied", "EACCES")
    step = case.steps.get()
    work_step(str(step.id), actor=walk.JOB)
    text = shown(world, "case_read", case.id)
    assert "1 store is blocked" in text
    assert "Ask the store" in text
    assert "Try again" in text
    shelf.trouble = None
    post(world, "step_retry", step.id)
    walk.worked(case)
    step.refresh_from_db()
    assert step.state == StepState.VERIFIED


def test_what_a_store_retains_is_told_by_reason_date_and_owner(world, folder):
    shelf, case = folder
    until = timezone.now() + dt.timedelta(days=40)
    for n in range(3):
        name = f"a/{n:03}"
        item = next(one for one in shelf.there if one.name == name)
        shelf.locked[name] = Outcome(item, State.KEPT, "object_lock", "COMPLIANCE", until, "Compliance team")
    walk.started(world, case)
    walk.worked(case)
    page = answer(world, "case_read", case.id).context["page"]
    (line,) = page.live_lines
    assert [(one.code, one.count, one.owner) for one in line.kept] == [("object_lock", 3, "Compliance team")]
    assert page.done_on == until.date()
    text = shown(world, "case_read", case.id)
    assert "Locked until a date" in text
    assert "Compliance team" in text
    assert "3 objects are left, and all are accounted for." in text


def test_trying_residue_again_after_the_certificate_takes_the_case_up_again(world, folder):
    shelf, case = folder
    item = next(one for one in shelf.there if one.name == "a/000")
    shelf.locked["a/000"] = Outcome(item, State.KEPT, "legal_hold", "", None, "Legal")
    walk.certified(world, case)
    case.refresh_from_db()
    assert case.state == CaseState.CERTIFIED_WITH_RESIDUE
    shelf.locked.clear()
    step = case.steps.get()
    assert "Try again" in shown(world, "case_read", case.id)
    post(world, "step_retry", step.id)
    case.refresh_from_db()
    assert case.state == CaseState.EXECUTING
    walk.worked(case)
    assert not shelf.there
    assert not Residue.objects.filter(step=step, cleared_at=None).exists()


def test_attestation(world, case):
    walk.worked(walk.started(world, case))
    step = case.steps.get()
    assert "record what its keeper attests" in shown(world, "case_read", case.id)
    response = post(world, "step_attest", step.id, attested_by="Iron Vault", statement="")
    assert response.status_code == 422
    assert "Iron Vault" in response.content.decode()
    post(world, "step_attest", step.id, attested_by="Iron Vault", statement="All tapes are shredded.")
    text = shown(world, "case_read", case.id)
    assert "All tapes are shredded." in text
    assert "Ask for certificate" in text
    assert post(world, "step_attest", step.id, attested_by="X", statement="Again.").status_code == 422


def test_certificate(world, case):
    walk.verified(world, case)
    post(world, "case_certify", case.id)
    text = shown(world, "case_read", case.id, "second_privacy_officer")
    assert "Certify the deletion of Nordwind?" in text
    assert "Sign approval" in text
    assert post(world, "case_certify", case.id).status_code == 409
    case.refresh_from_db()
    world.sign("second_privacy_officer", case.certification)
    text = shown(world, "case_read", case.id)
    assert "There is nothing left to do" in text
    assert f"{case}-1" in text
    assert "Done on day 12 of 30" in text


def test_nobody_can_count_anew_under_the_workers(world, folder):
    _shelf, case = folder
    walk.started(world, case)
    assert post(world, "case_count", case.id).status_code == 409
    case.refresh_from_db()
    assert (case.state, case.approval.state) == (CaseState.EXECUTING, Approval.State.APPROVED)


# Who sees what.


def test_who_may_only_read_sees_the_verbs_and_why_not(world, case):
    text = shown(world, "case_read", case.id, "auditor")
    assert "This needs the role privacy officer" in text
    assert "Timeline" in text
    assert "Timeline" not in shown(world, "case_read", case.id)
    assert answer(world, "case_read", case.id, "employee").status_code == 403


def test_a_case_that_is_not_there(world):
    assert answer(world, "case_read", world.tenant.id).status_code == 404
    assert answer(world, "step_attest", world.tenant.id).status_code == 404
