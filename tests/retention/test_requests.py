"""Requests about one person: taken in, named store by store, and whom they are about shown to officers alone."""

from __future__ import annotations

import logging

import pytest
from django.urls import reverse

from auditlog.errors import StateError
from auditlog.models import Event, Label
from governance.models import Notification
from governance.search import search
from governance.work import work_for
from retention.models import SubjectRequest, SubjectSelector
from retention.queries.requests import parts_of
from retention.services.deciding import ask_deletion, why_not_ask
from retention.services.subjects import find_open, forget_subject, select_part, why_not_plan
from tests.retention import walk
from tests.retention import world_holds as made
from tests.retention.routes_holds import form_of_request
from tests.retention.shelf import Shelf
from tests.tenants.world import data_store, day

pytestmark = pytest.mark.django_db
OFFICER = "privacy_officer"


@pytest.fixture(autouse=True)
def _stores(world):
    world.held_tenant = made.tenant_with_stores(world)
    world.bucket = world.held_tenant.stores.get(key="files")
    world.product = world.held_tenant.stores.get(key="product")


@pytest.fixture
def taken(world):
    return made.taken(world, world.held_tenant)


@pytest.fixture
def shelf(world, monkeypatch):
    """The bucket can be counted."""
    made.connected(world, world.bucket)
    return Shelf(["4711/picture"]).install(monkeypatch, "s3")


def url(name: str, *args) -> str:
    return reverse(f"retention:{name}", args=args)


def select(world, taken, store=None, who: str = OFFICER, **data):
    store = store or world.bucket
    return world.browser(who).post(url("request_select", taken.case_id, store.id), data)


def shown(world, name: str, *args, who: str = OFFICER, **query) -> str:
    answer = world.browser(who).get(url(name, *args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_takes_in_a_request_and_opens_its_case(world):
    answer = world.browser(OFFICER).post(url("request_take"), form_of_request(world))
    row = SubjectRequest.objects.get()
    assert answer["Location"] == f"/retention/cases/{row.case_id}/"
    assert row.case.due_on == day(28)
    assert find_open(world.held_tenant.id, "worker-8") == row
    assert "worker-8" not in row.sealed_subject


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": " "}, "subject"),
        ({"asked_by": ""}, "asked_by"),
        ({"identity_check": ""}, "identity_check"),
        ({"tenant": ""}, "tenant"),
        ({"received_on": day(2).isoformat()}, "received_on"),
        ({"received_on": day(-800).isoformat()}, "received_on"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_the_rest_is_kept(world, change, field):
    answer = world.browser(OFFICER).post(url("request_take"), form_of_request(world) | change)
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {field})
    assert "DSR-13" in answer.content.decode()
    assert not SubjectRequest.objects.exists()


def test_the_same_person_again_is_named_by_its_case(world, taken):
    form = form_of_request(world) | {"subject": made.SUBJECT}
    answer = world.browser(OFFICER).post(url("request_take"), form)
    assert answer.status_code == 422
    assert str(taken.case) in answer.content.decode()


def test_a_part_is_named_within_what_is_the_tenants(world, taken):
    page = shown(world, "request_select", taken.case_id, world.bucket.id)
    assert f"{world.bucket.selector}4711/" in page, "an example in the form of its kind"
    for wrong in ("", "elsewhere/4711/", world.bucket.selector, f"{world.bucket.selector}4711"):
        answer = select(world, taken, selector=wrong)
        assert answer.status_code == 422
        assert answer.context["form"].errors["selector"]
    answer = select(world, taken, selector=f"{world.bucket.selector}4711/")
    assert answer["Location"] == f"/retention/cases/{taken.case_id}/"
    row = SubjectSelector.objects.get(store=world.bucket)
    assert row.sealed_selector
    assert "4711" not in row.sealed_selector
    assert why_not_plan(taken.case) == ""


def test_a_store_that_holds_nothing_of_them_says_so(world, taken):
    select(world, taken, is_none="on")
    row = SubjectSelector.objects.get(store=world.bucket)
    assert (row.is_none, row.sealed_selector) == (True, "")
    assert "Holds nothing of them" in shown(world, "case_read", taken.case_id)


def test_a_store_of_another_request_is_not_there(world, taken):
    store = data_store(world)
    assert select(world, taken, store, selector="customer-files/acme/4711/").status_code == 404


def test_the_case_shows_store_by_store_what_was_said(world, taken):
    page = shown(world, "case_read", taken.case_id)
    assert "Nobody has looked yet" in page
    assert "Finds it by itself" in page, "a product is told the person"
    assert url("request_select", taken.case_id, world.bucket.id) in page
    auditor = shown(world, "case_read", taken.case_id, who="auditor")
    assert "A privacy officer names it" in auditor
    assert url("request_select", taken.case_id, world.bucket.id) not in auditor


def test_whom_it_is_about_stands_behind_a_fold_for_officers_alone(world, taken):
    select(world, taken, selector=f"{world.bucket.selector}w-4711/")
    for page in (
        shown(world, "case_read", taken.case_id),
        shown(world, "request_select", taken.case_id, world.bucket.id),
    ):
        before, fold, inside = page.partition("Show whom it is about")
        assert fold
        assert made.SUBJECT not in before
        assert made.SUBJECT in inside.partition("</details>")[0]
        assert made.SUBJECT not in inside.partition("</details>")[2]
    for who in ("auditor", "administrator"):
        page = shown(world, "case_read", taken.case_id, who=who)
        assert made.SUBJECT not in page
        assert "w-4711" not in page
        assert world.browser(who).get(url("request_select", taken.case_id, world.bucket.id)).status_code == 403


def test_whom_it_is_about_stands_in_no_list_title_export_message_event_or_log_line(world, shelf, caplog, capfd):
    secret = "worker-4711-b"
    with caplog.at_level(logging.DEBUG):
        world.browser(OFFICER).post(url("request_take"), form_of_request(world) | {"subject": secret})
        row = SubjectRequest.objects.get()
        selector = f"{world.bucket.selector}{secret}/"
        select(world, row, selector=selector)
        walk.planned(world, row.case)
        ask_deletion(actor=world.actor(OFFICER), case_id=row.case_id)
    pages = [
        world.browser(who).get(address).content.decode("utf-8-sig", errors="replace")
        for who, address in (
            (OFFICER, url("request_list")),
            (OFFICER, url("request_export", "csv")),
            (OFFICER, url("case_list")),
            (OFFICER, reverse("governance:tenant_read", args=[world.held_tenant.id])),
            ("auditor", url("case_read", row.case_id)),
            ("auditor", reverse("auditlog:event_list")),
            ("auditor", reverse("admin:retention_subjectrequest_change", args=[row.pk])),
        )
    ]
    title = shown(world, "case_read", row.case_id).partition("</title>")[0]
    kept = [event.body for event in Event.objects.all()] + [label.text for label in Label.objects.all()]
    told = [str(values) for values in Notification.objects.values_list()]
    output = capfd.readouterr()
    everything = "\n".join([*pages, title, *kept, *told, caplog.text, output.out, output.err])
    assert secret not in everything
    assert "DSR-13" in everything


def test_done_the_person_is_forgotten(world, taken):
    forget_subject(actor=world.actor(OFFICER), case=taken.case)
    assert parts_of(world.actor(OFFICER), taken.case).subject == ""
    page = shown(world, "case_read", taken.case_id)
    assert "emptied: the case is done" in page
    assert "Emptied with the case" in page
    assert "Nobody has looked yet" not in page
    assert "to look at" not in shown(world, "request_list", state="all")


def test_the_list_is_filtered_sorted_and_taken_away(world, taken):
    other = made.tenant_with_stores(world)
    made.taken(world, other, reference="DSR-77", received_on=day(-5))
    page = shown(world, "request_list")
    assert page.index("DSR-12") < page.index("DSR-77"), "the latest first"
    assert "one store to look at" in page
    assert "DSR-12" not in shown(world, "request_list", q="77")
    assert "Nothing fits this filter" in shown(world, "request_list", state="done")
    assert "DSR-77" in world.browser("auditor").get(url("request_export", "csv")).content.decode("utf-8-sig")


def test_work_and_search_lead_to_it(world, taken):
    (item,) = [item for item in work_for(world.actor(OFFICER)) if "one person" in item.title]
    assert item.url == f"/retention/cases/{taken.case_id}/"
    assert not [item for item in work_for(world.actor("auditor")) if "one person" in item.title]
    assert [hit.title for hit in search(world.actor("auditor"), "DSR-12")] == [str(taken.case)]
    assert not search(world.actor(OFFICER), made.SUBJECT)


def test_i53_a_store_that_turns_up_late_joins_a_request_nobody_signed_for(world, taken, shelf):
    select(world, taken, selector=f"{world.bucket.selector}4711/")
    walk.planned(world, taken.case)
    taken.case.refresh_from_db()
    assert why_not_ask(taken.case) == ""
    late = data_store(world, "late", world.held_tenant, selector="late-files/held/", data_classes=("personal",))
    data_store(world, "numbers", world.held_tenant, selector="numbers/held/", data_classes=("operational",))
    assert set(taken.selectors.values_list("store__key", flat=True)) == {"files", "product", "late"}
    assert late.name in why_not_ask(taken.case)
    with pytest.raises(StateError):
        ask_deletion(actor=world.actor(OFFICER), case_id=taken.case_id)


def test_what_was_signed_for_is_not_changed(world, taken, shelf):
    select(world, taken, selector=f"{world.bucket.selector}4711/")
    walk.submitted(world, taken.case)
    answer = select(world, taken, selector=f"{world.bucket.selector}4712/")
    assert answer.status_code == 422
    with pytest.raises(StateError):
        select_part(
            actor=world.actor(OFFICER), case_id=taken.case_id, store_id=world.bucket.id, selector="x", is_none=True
        )
