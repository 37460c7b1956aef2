"""Names of people who left go from the log; the log still verifies (I99)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from auditlog.errors import AuthorityError, InvalidInputError, StateError, StepUpRequiredError
from auditlog.models import Event, Label
from auditlog.queries import timeline
from auditlog.sequencer import seal
from auditlog.verify import verify_database
from governance.services.erasures import ERASE, erase_names, erasure_digest, kept_names
from governance.services.people import disable_person, enable_person
from governance.services.roles import request_role_change


@pytest.fixture(autouse=True)
def keys_dir(settings, tmp_path):
    settings.AUDITLOG_KEYS_DIR = tmp_path / "keys"


@pytest.fixture
def gone(world):
    """A person who asked, decided, was given a role, and left."""
    person = world.person["second_privacy_officer"]
    request_role_change(
        actor=world.actor("administrator"), person_id=person.id, verb="give", role="access_approver", reason="Covers."
    )
    disable_person(actor=world.actor("administrator"), person_id=person.id)
    return person


def erase(world, person, name="privacy_officer", email="", step_up=None):
    actor = world.actor(name)
    step_up = step_up or world.step_up(actor, ERASE, erasure_digest(person.id))
    return erase_names(actor=actor, person_id=person.id, email=email or person.email, step_up_id=step_up.id)


def test_i99_names_go_and_the_log_still_verifies(world, gone):
    name = gone.name
    assert Label.objects.filter(text__contains=name).exists()
    events = Event.objects.count()
    seal()
    erased = erase(world, gone, email=f" {gone.email.upper()} ")
    assert erased > 1
    assert not Label.objects.filter(text__contains=name).exists()
    assert not kept_names(gone.id)
    assert Event.objects.count() > events
    seal()
    assert verify_database().findings == []


def test_the_timeline_shows_a_neutral_word(world, gone):
    erase(world, gone)
    told = timeline("governance.person", gone.id).events
    assert {event.subject for event in told} == {"(name erased)"}
    change = gone.role_changes.get()
    assert {event.subject for event in timeline("governance.role_change", change.id)} <= {"(name erased)"}
    page = world.client("auditor").get(reverse("auditlog:event_list"), {"id": str(gone.id)}).content.decode()
    assert "(name erased)" in page
    assert gone.name not in page


def test_that_it_was_done_is_an_event_without_any_name(world, gone):
    erased = erase(world, gone)
    event = Event.objects.get(action="governance.person.names_erased")
    assert event.content["details"]["count"] == erased
    assert event.actor_id == world.person["privacy_officer"].id
    assert gone.name not in event.body
    assert gone.email not in event.body


def test_only_a_privacy_officer_may_and_a_refusal_is_on_record(world, gone):
    for name in ("administrator", "auditor", "security_approver"):
        with pytest.raises(AuthorityError):
            erase(world, gone, name)
    assert Event.objects.filter(action="governance.person.names_erased", outcome="refused").count() == 3
    assert kept_names(gone.id)


def test_i01_a_second_factor_for_this_person_is_needed(world, gone):
    actor = world.actor("privacy_officer")
    other = world.step_up(actor, ERASE, erasure_digest(world.person["employee"].id))
    with pytest.raises(StepUpRequiredError):
        erase(world, gone, step_up=other)
    assert kept_names(gone.id)


def test_not_while_the_person_works_here_nor_twice_nor_the_wrong_one(world, gone):
    with pytest.raises(InvalidInputError, match="not this person"):
        erase(world, gone, email="other@example.com")
    erase(world, gone)
    with pytest.raises(StateError, match="no name"):
        erase(world, gone)
    enable_person(actor=world.actor("administrator"), person_id=gone.id)
    with pytest.raises(StateError, match="still works"):
        erase(world, gone)


def test_the_page_leads_there_from_a_disabled_person_only(world, gone):
    client = world.client("privacy_officer")
    link = reverse("governance:names_erase", args=[gone.id])
    assert link in client.get(reverse("governance:person_read", args=[gone.id])).content.decode()
    active = world.person["employee"]
    page = client.get(reverse("governance:person_read", args=[active.id])).content.decode()
    assert reverse("governance:names_erase", args=[active.id]) not in page
    auditor = world.client("auditor").get(reverse("governance:person_read", args=[gone.id])).content.decode()
    assert link not in auditor


def test_the_page_keeps_what_was_typed_and_names_the_field(world, gone):
    url = reverse("governance:names_erase", args=[gone.id])
    answer = world.client("privacy_officer").post(url, {"email": "wrong@example.com", "code": "123456"})
    assert answer.status_code == 422
    assert "email" in answer.context["form"].errors
    assert "wrong@example.com" in answer.content.decode()


def test_the_page_erases_with_a_code(world, gone, monkeypatch):
    monkeypatch.setattr("governance.services.stepups.check_code", lambda *, actor, code: "totp")
    url = reverse("governance:names_erase", args=[gone.id])
    answer = world.client("privacy_officer").post(url, {"email": gone.email, "code": "123456"}, follow=True)
    assert answer.status_code == 200
    assert not kept_names(gone.id)
    assert "Already erased" in world.client("privacy_officer").get(url).content.decode()
