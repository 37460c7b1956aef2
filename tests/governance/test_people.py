"""Founding, adding, disabling; preferences."""

from __future__ import annotations

import pytest
from django.test import Client

from auditlog.errors import AuthorityError, InvalidInputError, InvalidInputsError, StateError
from governance.models import Person, RoleAssignment
from governance.services.people import (
    Founder,
    add_person,
    disable_person,
    enable_person,
    end_all_sessions,
    end_sessions_of,
    found_installation,
    set_preferences,
)
from governance.services.roles import request_role_change
from tests.world import command


def test_founding_happens_once(world):
    founders = [Founder("a@x.example", "A", ("administrator",)), Founder("b@x.example", "B", ("security_approver",))]
    with pytest.raises(StateError):
        found_installation(actor=command(), founders=founders)


def test_founding_needs_two_different_people(db):
    with pytest.raises(InvalidInputError):
        found_installation(actor=command(), founders=[Founder("a@x.example", "A", ("administrator",))])
    both = Founder("a@x.example", "A", ("administrator", "security_approver"))
    with pytest.raises(InvalidInputError, match="signs nothing"):
        found_installation(actor=command(), founders=[both])
    assert not Person.objects.exists()


def test_only_administrators_add_people(world):
    with pytest.raises(AuthorityError):
        add_person(actor=world.actor("security_approver"), email="new@example.com", name="New")
    person = add_person(actor=world.actor("administrator"), email=" New@Example.com ", name=" New   One ")
    assert (person.email, person.name) == ("new@example.com", "New One")
    assert not person.has_usable_password()


def test_wrong_values_are_named_at_their_fields(world):
    with pytest.raises(InvalidInputsError) as refusal:
        add_person(actor=world.actor("administrator"), email="auditor@EXAMPLE.com", name=" ")
    assert set(refusal.value.errors) == {"name", "email"}


def test_i05_disabled_person_has_no_session_and_no_role(world):
    client = world.client("vendor_analyst")
    assert client.get("/my-roles/").status_code == 200
    disable_person(actor=world.actor("administrator"), person_id=world.person["vendor_analyst"].id)
    assert client.get("/my-roles/").status_code == 302
    assert not RoleAssignment.objects.live().filter(person=world.person["vendor_analyst"]).exists()
    enable_person(actor=world.actor("administrator"), person_id=world.person["vendor_analyst"].id)
    assert client.get("/my-roles/").status_code == 302  # the old session does not come back with the person


def test_enabled_again_without_roles(world):
    actor, person = world.actor("administrator"), world.person["vendor_analyst"]
    disable_person(actor=actor, person_id=person.id)
    enable_person(actor=actor, person_id=person.id)
    assert not RoleAssignment.objects.live().filter(person=person).exists()


def test_nobody_disables_themselves_or_the_last_administrator(world):
    actor = world.actor("administrator")
    with pytest.raises(AuthorityError):
        disable_person(actor=actor, person_id=actor.id)
    disable_person(actor=actor, person_id=world.person["second_administrator"].id)
    with pytest.raises(AuthorityError):
        disable_person(actor=actor, person_id=actor.id)


def test_i06_role_change_counts_from_the_next_request(world):
    client: Client = world.client("employee")
    assert client.get("/people/").status_code == 403
    world.give("employee", "security_approver")
    assert client.get("/people/").status_code == 200


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("auditor", "vendor_analyst"),
        ("second_administrator", "security_approver"),
        ("vendor_analyst", "auditor"),
        ("vendor_analyst", "administrator"),
    ],
)
def test_i13_roles_that_exclude_one_another(world, name, role):
    with pytest.raises(InvalidInputError, match="holds no"):
        request_role_change(
            actor=world.actor("administrator"), person_id=world.person[name].id, verb="give", role=role, reason="x"
        )


def test_reviewer_needs_a_tenant(world):
    with pytest.raises(InvalidInputError, match="one tenant"):
        request_role_change(
            actor=world.actor("administrator"), person_id=world.person["employee"].id, verb="give", role="reviewer",
            reason="x",
        )  # fmt: skip


def test_preferences_are_ones_own(world):
    set_preferences(actor=world.actor("employee"), theme="dark", time_zone="Europe/Berlin")
    world.person["employee"].refresh_from_db()
    assert world.person["employee"].theme == "dark"
    with pytest.raises(InvalidInputsError):
        set_preferences(actor=world.actor("employee"), theme="pink", time_zone="Mars/Olympus")


def test_an_administrator_signs_somebody_out_everywhere_and_nothing_else_changes(world):
    browsers = [world.client("vendor_analyst") for _n in range(2)]
    for browser in browsers:
        assert browser.get("/").status_code == 200
    person, admin = world.person["vendor_analyst"], world.client("administrator")
    assert "End sessions now" in admin.get(f"/people/{person.id}/").content.decode()
    told = admin.post(f"/people/{person.id}/sessions/end/", follow=True)
    assert "2 sessions ended." in told.content.decode()
    assert [browser.get("/").status_code for browser in browsers] == [302, 302]
    assert world.client("vendor_analyst").get("/").status_code == 200  # they sign in again, with their role
    assert RoleAssignment.objects.live().filter(person=person).exists()
    with pytest.raises(AuthorityError):
        end_sessions_of(actor=world.actor("security_approver"), person_id=person.id)
    with pytest.raises(AuthorityError):
        end_sessions_of(actor=world.actor("administrator"), person_id=world.person["administrator"].id)


def test_an_administrator_signs_everybody_out(world):
    browsers = {name: world.client(name) for name in ("auditor", "reviewer", "administrator")}
    assert all(browser.get("/").status_code == 200 for browser in browsers.values())
    assert browsers["auditor"].post("/people/sessions/end/").status_code == 403
    with pytest.raises(AuthorityError):
        end_all_sessions(actor=world.actor("auditor"))
    assert "Sign everybody out now" in browsers["administrator"].get("/people/sessions/end/").content.decode()
    assert browsers["administrator"].post("/people/sessions/end/")["Location"] == "/accounts/login/"
    assert [browser.get("/").status_code for browser in browsers.values()] == [302, 302, 302]
