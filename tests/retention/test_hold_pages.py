"""Holds and schedules by browser: placed, read, reviewed, lifted; set, ended; what a tenant's page says of its stores."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from auditlog.errors import GovernanceError
from governance.search import search
from governance.work import work_for
from retention.models import Lease, LegalHold, RetentionSchedule
from retention.services.deciding import ask_deletion
from retention.services.holds import lift_hold, place_hold
from retention.services.schedules import set_schedule
from tests.retention import walk
from tests.retention import world_holds as made
from tests.retention.routes_holds import form_of_hold, form_of_schedule
from tests.tenants.world import data_store, day, terminate

pytestmark = pytest.mark.django_db
OFFICER = "privacy_officer"


@pytest.fixture(autouse=True)
def _tenant(world):
    world.held_tenant = world.tenant


def url(name: str, *args) -> str:
    return reverse(f"retention:{name}", args=args)


def post(world, name: str, *args, who: str = OFFICER, **data):
    return world.browser(who).post(url(name, *args), data)


def shown(world, name: str, *args, who: str = OFFICER, **query) -> str:
    answer = world.browser(who).get(url(name, *args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_places_a_hold_that_is_in_effect_at_once(world):
    answer = post(world, "hold_place", **form_of_hold(world))
    row = LegalHold.objects.get()
    assert answer["Location"] == url("hold_read", row.id)
    assert (row.store, row.matter, row.effective_at) == (None, "Inquiry 7", row.placed_at)
    page = shown(world, "hold_read", row.id)
    assert "In effect since" in page
    assert "Letter of the authority." in page


def test_places_a_hold_on_one_store(world):
    store = data_store(world)
    post(world, "hold_place", **form_of_hold(world) | {"store": str(store.id)})
    assert LegalHold.objects.get().store == store
    assert "Customer files" in shown(world, "hold_list")


def test_the_tenants_stores_are_listed_by_address_and_without_scripts(world):
    store = data_store(world)
    assert f'<option value="{store.id}"' not in shown(world, "hold_place")
    assert f'<option value="{store.id}"' in shown(world, "hold_place", tenant=str(world.tenant.id))
    answer = post(world, "hold_place", **form_of_hold(world) | {"list_stores": "1"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'<option value="{store.id}"' in page
    assert "Letter of the authority." in page, "what was typed is kept"
    assert not LegalHold.objects.exists()


@pytest.mark.parametrize("tenant", ["", "nobody", "00000000-0000-0000-0000-000000000000"])
def test_an_address_with_no_tenant_still_opens_the_form(world, tenant):
    assert "Place a legal hold" in shown(world, "hold_place", tenant=tenant)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"matter": " "}, "matter"),
        ({"reason": ""}, "reason"),
        ({"tenant": ""}, "tenant"),
        ({"owner": "nobody"}, "owner"),
        ({"review_on": (timezone.now() - dt.timedelta(days=1)).date().isoformat()}, "review_on"),
        ({"review_on": (timezone.now() + dt.timedelta(days=400)).date().isoformat()}, "review_on"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_the_rest_is_kept(world, change, field):
    typed = form_of_hold(world) | {"matter": "Inquiry 7b", "reason": "As typed."} | change
    answer = post(world, "hold_place", **typed)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    kept = "Inquiry 7b" if field != "matter" else "As typed."
    assert kept in answer.content.decode()
    assert not LegalHold.objects.exists()


def test_another_tenants_store_is_no_choice(world):
    other = data_store(world, "other", world.other_tenant, selector="other-files/", region="us-east-1")
    answer = post(world, "hold_place", **form_of_hold(world) | {"store": str(other.id)})
    assert answer.context["form"].errors["store"]


def test_i52_a_hold_says_that_a_last_deletion_is_still_answered(world):
    case = walk.started(world, walk.opened(world))
    step = case.steps.filter(item__store__isnull=False).get()
    Lease.objects.update_or_create(
        about=step.id, defaults={"epoch": 1, "until": timezone.now() + dt.timedelta(minutes=1)}
    )
    row = made.hold(world, case.tenant)
    assert row.effective_at is None
    page = shown(world, "hold_read", row.id)
    assert "Taking effect" in page
    assert "A call was on its way when the hold was placed." in page
    assert "Taking effect" in shown(world, "hold_list")


def test_i52_a_hold_tells_what_it_refused(world):
    case = walk.opened(world)
    walk.planned(world, case)
    row = made.hold(world, case.tenant)
    with pytest.raises(GovernanceError):
        ask_deletion(actor=world.actor("second_privacy_officer"), case_id=case.id)
    page = shown(world, "hold_read", row.id)
    assert "Second Privacy Officer" in page
    assert "Approval of the deletion asked for" in page
    assert "/log/" not in page, "only who reads the log is led there"
    assert "Verify" in shown(world, "hold_read", row.id, who="auditor")
    other = made.hold(world, matter="Elsewhere")
    assert "Nobody has tried to delete" in shown(world, "hold_read", other.id)


def test_reviews_and_lifts(world):
    row = made.hold(world)
    post(world, "hold_review", row.id, review_on=day(30).isoformat(), reason="It goes on.")
    row.refresh_from_db()
    assert row.review_on == day(30)
    answer = post(world, "hold_lift", row.id, reason=" ")
    assert answer.status_code == 422
    post(world, "hold_lift", row.id, reason="The award is final.")
    row.refresh_from_db()
    assert row.lifted_by == world.person[OFFICER]
    assert "The award is final." in shown(world, "hold_read", row.id)
    again = post(world, "hold_lift", row.id, reason="Once more.")
    assert again.status_code == 422
    assert "was lifted" in again.content.decode()


def test_lifting_names_the_deletions_that_go_on(world):
    case = walk.started(world, walk.opened(world))
    row = made.hold(world, case.tenant)
    walk.worked(case)
    case.refresh_from_db()
    assert case.state == "held"
    assert str(case) in shown(world, "hold_lift", row.id)


def test_the_list_is_filtered_sorted_and_taken_away(world):
    made.hold(world, matter="Live one")
    made.hold(world, world.other_tenant, matter="Second one", review_on=day(5))
    gone = made.hold(world, matter="Lifted one")
    lift_hold(actor=world.actor(OFFICER), hold_id=gone.id, reason="Settled.")
    page = shown(world, "hold_list")
    assert "Live one" in page
    assert "Lifted one" not in page
    assert "Lifted one" in shown(world, "hold_list", state="lifted")
    assert "Live one" in shown(world, "hold_list", state="all")
    assert "Nothing fits this filter" in shown(world, "hold_list", state="overdue")
    by_review = shown(world, "hold_list", sort="review")
    assert by_review.index("Second one") < by_review.index("Live one")
    assert "Second one" not in shown(world, "hold_list", q="live")
    csv = world.browser("auditor").get(url("hold_export", "csv"), {"state": "lifted"}).content.decode("utf-8-sig")
    assert "Lifted one" in csv
    assert "Live one" not in csv
    assert world.browser("auditor").get(url("hold_export", "pdf")).status_code == 404


def test_who_may_not_sees_the_verb_with_its_reason(world):
    row = made.hold(world)
    for name, args in (("hold_list", ()), ("hold_read", (row.id,)), ("schedule_list", ()), ("request_list", ())):
        page = shown(world, name, *args, who="auditor")
        assert "disabled" in page
        assert "A privacy officer" in page


def test_whoever_answers_for_a_hold_reads_it_and_is_asked_to_look_again(world):
    owner = world.person["system_owner"]
    row = made.hold(world, owner_id=owner.id, review_on=day(5))
    assert row.matter in shown(world, "hold_read", row.id, who="system_owner")
    assert world.browser("employee").get(url("hold_read", row.id)).status_code == 403
    assert world.browser("system_owner").get(url("hold_list")).status_code == 403
    (item,) = [item for item in work_for(world.actor("system_owner")) if item.room == "Retention"]
    assert item.url == url("hold_read", row.id)
    assert not [item for item in work_for(world.actor(OFFICER)) if row.matter in item.title], "not late yet"


def test_search_finds_holds_for_those_who_read_them(world):
    row = made.hold(world)
    assert url("hold_read", row.id) in [hit.url for hit in search(world.actor("auditor"), "arbitration")]
    assert not [hit for hit in search(world.actor("employee"), "arbitration") if hit.kind == "Legal hold"]


def test_a_cleared_database_says_what_to_do_first(world):
    assert "No hold is in force" in shown(world, "hold_list")
    assert "No default" in shown(world, "schedule_list")
    assert "No request is open" in shown(world, "request_list")


def test_sets_a_schedule_that_replaces_the_one_before(world):
    post(world, "schedule_set", **form_of_schedule(world))
    post(world, "schedule_set", **form_of_schedule(world) | {"keep_days": "45"})
    live = RetentionSchedule.objects.get(ended_at=None)
    assert (live.tenant, live.keep_days) == (world.tenant, 45)
    page = shown(world, "schedule_list")
    assert "45 days" in page
    assert "One schedule that counts no more" in page
    assert "60 days" in page
    post(world, "schedule_end", live.id)
    assert "2 schedules that count no more" in shown(world, "schedule_list")
    assert post(world, "schedule_end", live.id).status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [({"keep_days": "0"}, "keep_days"), ({"basis_text": ""}, "basis_text"), ({"basis": "habit"}, "basis")],
)
def test_what_is_wrong_with_a_schedule_is_told_at_its_field(world, change, field):
    answer = post(world, "schedule_set", **form_of_schedule(world) | {"basis_text": "Annex 2b."} | change)
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {field})
    assert field == "basis_text" or "Annex 2b." in answer.content.decode()
    assert not RetentionSchedule.objects.exists()


def test_a_schedule_is_proposed_by_address(world):
    page = shown(world, "schedule_set", tenant=str(world.tenant.id), data_class="sensitive")
    assert '<option value="sensitive" selected>' in page
    assert f'<option value="{world.tenant.id}" selected>' in page


def test_the_list_of_schedules_is_filtered_by_tenant(world):
    made.schedule(world, world.tenant)
    made.schedule(world, world.other_tenant)
    assert "Acme2" not in shown(world, "schedule_list", q="works").split("counts no more")[0]


def test_the_tenants_page_says_how_long_each_store_is_kept(world):
    data_store(world)
    officer = world.actor(OFFICER)
    set_schedule(
        actor=officer, tenant_id=None, data_class="operational", keep_days=365, basis="contract", basis_text="Clause 7."
    )
    set_schedule(
        actor=officer, tenant_id=world.tenant.id, data_class="personal", keep_days=90, basis="agreed", basis_text="A2."
    )
    page = read_tenant(world)
    assert "Operational data: kept 365 days, by the default (to perform the agreement)" in page
    assert "Personal data: kept 90 days, by this tenant’s own schedule (agreed with the customer)" in page
    terminate(world)
    page = read_tenant(world)
    assert "Kept until" in page
    assert "kept 365 days" not in page, "the end of the agreement ends every period"


def test_the_tenants_page_leads_to_the_connection_for_those_who_may(world):
    store = data_store(world)
    assert url("connection_edit", store.id) in read_tenant(world)
    assert url("connection_edit", store.id) not in read_tenant(world, "auditor")
    assert "No connection" in read_tenant(world, "auditor")


def read_tenant(world, who: str = OFFICER) -> str:
    answer = world.browser(who).get(reverse("governance:tenant_read", args=[world.tenant.id]))
    return answer.content.decode()


def test_placing_is_refused_without_the_right_whatever_the_door(world):
    with pytest.raises(GovernanceError):
        place_hold(
            actor=world.actor("administrator"), tenant_id=world.tenant.id, matter="M", reason="R",
            owner_id=world.person["administrator"].id, review_on=day(3),
        )  # fmt: skip
    assert post(world, "hold_place", who="administrator", **form_of_hold(world)).status_code == 403
