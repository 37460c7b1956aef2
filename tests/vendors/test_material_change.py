"""A material change suspends at once and opens a re-assessment (I23)."""

from __future__ import annotations

import pytest

from auditlog.errors import AuthorityError
from auditlog.models import Event
from tests.vendors import world as company
from vendors.models import Assessment
from vendors.services.service_models import add_service_model, remove_service_model
from vendors.services.services import MATERIAL, edit_service
from vendors.services.sub_processors import add_sub_processor, edit_sub_processor, remove_sub_processor
from vendors.services.vendors import VendorDetails, edit_vendor

CHANGES = {
    "plan_tier": "team",
    "hosting": "direct",
    "regions": ("eu-central-1", "us-east-1"),
    "retention_days": 30,
    "trains_on_data": True,
}


def edit(world, service, **changes):
    return edit_service(
        actor=world.actor("vendor_analyst"), service_id=service.id, details=company.details_of(service, **changes)
    )


def assert_suspended(authorisation):
    authorisation.refresh_from_db()
    assert (authorisation.state, authorisation.reason_code) == ("suspended", "material_change")
    again = Assessment.objects.get(service=authorisation.service, state="draft")
    assert again.previous_id == authorisation.assessment_id
    return again


def test_i23_every_material_field_is_tried():
    assert set(CHANGES) == set(MATERIAL)


@pytest.mark.parametrize("name", CHANGES)
def test_i23_a_material_change_suspends_and_opens_a_reassessment(world, name):
    authorisation = company.approve(world)
    edit(world, authorisation.service, **{name: CHANGES[name]})
    assert_suspended(authorisation)


@pytest.mark.parametrize(
    "changes",
    [{}, {"summary": "Other words."}, {"account_id": "4410-0002"}, {"regions": ("eu-west-1", "eu-central-1")}],
)
def test_other_changes_suspend_nothing(world, changes):
    authorisation = company.approve(world)
    edit(world, authorisation.service, **changes)
    authorisation.refresh_from_db()
    assert authorisation.state == "live"


def test_i23_a_new_model_family_suspends(world):
    authorisation = company.approve(world)
    add_service_model(
        actor=world.actor("vendor_analyst"), service_id=authorisation.service_id, family="Claude Opus", name="opus-4-5"
    )
    assert_suspended(authorisation)


def test_another_model_of_the_family_suspends_nothing(world):
    authorisation = company.approve(world)
    add_service_model(
        actor=world.actor("vendor_analyst"),
        service_id=authorisation.service_id,
        family="claude sonnet",
        name="sonnet-5",
    )
    authorisation.refresh_from_db()
    assert authorisation.state == "live"


def test_i23_losing_a_model_family_suspends(world):
    authorisation = company.approve(world)
    service = authorisation.service
    remove_service_model(actor=world.actor("vendor_analyst"), service_id=service.id, model_id=service.models.get().id)
    assert_suspended(authorisation)


@pytest.mark.parametrize("verb", ["add", "edit", "remove"])
def test_i23_a_sub_processor_suspends(world, verb):
    authorisation = company.approve(world)
    actor, row = world.actor("vendor_analyst"), authorisation.service.sub_processors.get()
    verbs = {
        "add": lambda: add_sub_processor(
            actor=actor, service_id=authorisation.service_id, name="Datadog", purpose="Logs", parent_id=row.id
        ),
        "edit": lambda: edit_sub_processor(
            actor=actor, sub_processor_id=row.id, name=row.name, purpose="Hosting", regions=("us-east-1",)
        ),
        "remove": lambda: remove_sub_processor(actor=actor, sub_processor_id=row.id),
    }
    verbs[verb]()
    assert_suspended(authorisation)


def test_removing_a_sub_processor_takes_its_own_with_it(world):
    service, actor = company.add_claude(world), world.actor("vendor_analyst")
    top = service.sub_processors.get()
    below = add_sub_processor(actor=actor, service_id=service.id, name="B", purpose="p", parent_id=top.id)
    add_sub_processor(actor=actor, service_id=service.id, name="C", purpose="p", parent_id=below.id)
    remove_sub_processor(actor=actor, sub_processor_id=top.id)
    assert service.sub_processors.count() == 3
    assert not service.sub_processors.filter(removed_at=None).exists()


def test_a_reassessment_takes_over_what_still_counts_but_never_the_isolation_review(world):
    authorisation = company.approve(world)
    edit(world, authorisation.service, hosting="direct")
    again = assert_suspended(authorisation)
    assert again.data_classes == authorisation.assessment.data_classes
    assert again.answers.count() == 1
    assert again.evidence_links.count() == 1
    assert not again.isolation_reviews.exists()


def test_an_open_assessment_is_not_doubled(world):
    authorisation = company.approve(world)
    edit(world, authorisation.service, hosting="direct")
    edit(world, authorisation.service, plan_tier="team")
    assert Assessment.objects.filter(service=authorisation.service, state="draft").count() == 1


def test_a_vendor_s_name_is_not_material(world):
    authorisation = company.approve(world)
    edit_vendor(
        actor=world.actor("vendor_analyst"),
        vendor_id=authorisation.service.vendor_id,
        details=VendorDetails(name="A PBC"),
    )
    authorisation.refresh_from_db()
    assert authorisation.state == "live"


@pytest.mark.parametrize("name", ["security_approver", "privacy_officer", "auditor", "administrator", "employee"])
def test_requires_right(world, name):
    service = company.add_claude(world)
    with pytest.raises(AuthorityError):
        edit_service(
            actor=world.actor(name), service_id=service.id, details=company.details_of(service, hosting="direct")
        )


def test_i99_events_hold_no_names_and_no_free_text(world):
    authorisation = company.approve(world)
    edit(world, authorisation.service, hosting="direct", summary="Secret plans")
    bodies = " ".join(str(body) for body in Event.objects.values_list("body", flat=True))
    assert "Secret plans" not in bodies
    assert "Draft replies" not in bodies
    assert "Anthropic" not in bodies
