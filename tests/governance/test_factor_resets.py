"""Somebody lost all their second factors: two people reset them, everything that was open ends."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from auditlog.change import audited
from auditlog.errors import (
    AuthorityError,
    InvalidInputsError,
    NotFoundError,
    SeparationOfDutiesError,
    StateError,
    StepUpRequiredError,
)
from auditlog.models import Event, Label
from auditlog.queries import timeline
from governance.models import (
    Approval,
    Authenticator,
    FactorReset,
    Invitation,
    KeyChallenge,
    Notification,
    RecoveryCode,
    StepUp,
)
from governance.panels import panel_for
from governance.services.ceremonies import open_challenge
from governance.services.devices import (
    CHANGE_DEVICES,
    begin_authenticator,
    confirm_authenticator,
    enrol_authenticator,
    issue_recovery_codes,
)
from governance.services.enrolments import awaits_enrolment, finish_reset
from governance.services.erasures import ERASE, erase_names, erasure_digest
from governance.services.factor_resets import make_enrolment_link, request_factor_reset
from governance.services.invitations import invite_person, request_password_reset
from governance.services.links import Purpose
from governance.services.people import disable_person
from governance.services.signatures import why_not_sign
from governance.services.stepups import use_step_up
from governance.work import work_for
from outbox.models import Message
from tests.console.signin.conftest import code
from tests.world import PASSWORD, command

pytestmark = pytest.mark.django_db

WHOM = "vendor_analyst"


@pytest.fixture
def lost(world):
    """Somebody with an app and recovery codes, none of which they have any more."""
    actor = world.actor(WHOM)
    enrol_authenticator(actor=actor)
    issue_recovery_codes(actor=actor)
    return world.person[WHOM]


def ask(world, person, name="administrator", reason="Phone stolen.", identity_check="Seen at the gate, badge 117."):
    return request_factor_reset(
        actor=world.actor(name), person_id=person.id, reason=reason, identity_check=identity_check
    )


def reset(world, person) -> FactorReset:
    """Asked for and countersigned."""
    row = ask(world, person)
    world.sign("security_approver", row.approval)
    row.refresh_from_db()
    return row


def test_nothing_ends_until_somebody_else_signs_and_then_everything_does(world, lost):
    actor, browser = world.actor(WHOM), world.client(WHOM)
    browser.get("/")
    step_up = world.step_up(actor, CHANGE_DEVICES)
    open_challenge(actor=actor, purpose="x")
    row = ask(world, lost)
    assert Authenticator.objects.filter(user=lost).exists() and not awaits_enrolment(lost.id)
    assert browser.get("/").status_code == 200
    world.sign("security_approver", row.approval)
    row.refresh_from_db()
    assert row.reset_at and awaits_enrolment(lost.id)
    assert not Authenticator.objects.filter(user=lost).exists()
    assert not RecoveryCode.objects.filter(person=lost).exists()
    assert browser.get("/").status_code == 302 and not Session.objects.filter(pk=browser.session.session_key).exists()
    assert not StepUp.objects.filter(person=lost, used_at=None).exists()
    assert not KeyChallenge.objects.filter(person=lost, used_at=None).exists()
    with pytest.raises(StepUpRequiredError), audited(actor, "governance.device.removed", subject_kind="x"):
        use_step_up(actor=actor, step_up_id=step_up.id, purpose=CHANGE_DEVICES)
    told = Event.objects.get(action="governance.second_factors.reset").content["details"]
    assert told["authenticators_ended"] == 1 and told["recovery_codes_ended"] == 10
    assert told["sessions_ended"] == 1 and told["step_ups_voided"] == 1


def test_only_an_administrator_asks_and_never_for_themselves(world, lost):
    for name in ("security_approver", "auditor", "employee", WHOM):
        with pytest.raises(AuthorityError):
            ask(world, lost, name)
    enrol_authenticator(actor=world.actor("administrator"))
    with pytest.raises(SeparationOfDutiesError):
        ask(world, world.person["administrator"])
    assert not FactorReset.objects.exists()


def test_i08_neither_who_asked_nor_whom_it_is_about_signs_nor_any_administrator(world):
    enrol_authenticator(actor=world.actor("security_approver"))
    row = ask(world, world.person["security_approver"])
    for name in ("administrator", "second_administrator", "security_approver", "auditor", WHOM):
        assert why_not_sign(world.actor(name), row.approval) is not None, name
        with pytest.raises((AuthorityError, SeparationOfDutiesError)):
            world.sign(name, row.approval)
    world.sign("second_security_approver", row.approval)
    assert awaits_enrolment(world.person["security_approver"].id)


def test_why_and_how_identity_was_checked_are_asked_for_and_signed(world, lost):
    with pytest.raises(InvalidInputsError) as refused:
        ask(world, lost, reason=" ", identity_check="")
    assert set(refused.value.errors) == {"reason", "identity_check"}
    row = ask(world, lost)
    signed = json.loads(row.approval.snapshot)
    assert signed["identity_check"] == "Seen at the gate, badge 117." and signed["roles_now"] == [WHOM]
    assert signed["ends"] == {"authenticators": 1, "security_keys": 0}
    assert "badge" not in Event.objects.get(action="governance.factor_reset.requested").body


def test_i10_who_still_has_a_factor_and_uses_it_makes_the_request_void(world, lost):
    row = ask(world, lost)
    actor = world.actor(WHOM)
    device = begin_authenticator(actor=actor)  # they add a second app meanwhile, so they lost nothing
    step_up = world.step_up(actor, CHANGE_DEVICES)
    confirm_authenticator(actor=actor, device_id=device.id, code=code(seed=device.seed.hex()), step_up_id=step_up.id)
    assert world.sign("security_approver", row.approval) is None
    row.approval.refresh_from_db()
    assert row.approval.state == Approval.State.SUPERSEDED
    assert Authenticator.objects.filter(user=lost, confirmed=True).count() == 2


def test_asking_twice_for_nobody_or_for_nothing_is_refused(world, lost):
    ask(world, lost)
    with pytest.raises(StateError, match="asked for already"):
        ask(world, lost)
    with pytest.raises(StateError, match="no second factor"):
        ask(world, world.person["employee"])
    enrol_authenticator(actor=world.actor("reviewer"))
    disable_person(actor=world.actor("administrator"), person_id=world.person["reviewer"].id)
    with pytest.raises(StateError, match="disabled"):
        ask(world, world.person["reviewer"])
    with pytest.raises(NotFoundError):
        request_factor_reset(actor=world.actor("administrator"), person_id=uuid.uuid4(), reason="x", identity_check="y")


def test_somebody_disabled_meanwhile_is_not_reset(world, lost):
    row = ask(world, lost)
    disable_person(actor=world.actor("administrator"), person_id=lost.id)
    assert world.sign("security_approver", row.approval) is None  # their roles ended, so it is another question
    enrol_authenticator(actor=world.actor("employee"))
    other = ask(world, world.person["employee"])
    disable_person(actor=world.actor("administrator"), person_id=world.person["employee"].id)
    with pytest.raises(StateError):
        world.sign("security_approver", other.approval)
    assert not FactorReset.objects.filter(reset_at__isnull=False).exists()


def test_the_person_is_told_by_mail_and_in_the_app_whatever_they_chose(world, lost):
    reset(world, lost)
    mails = Message.objects.filter(template="account_notice").order_by("next_at")
    assert [one.address for one in mails] == [lost.email] * 2
    assert [one.subject for one in mails] == [
        "A reset of your second factors was asked for",
        "Your second factors were reset",
    ]
    assert not any("/accounts/welcome/" in one.text for one in mails)  # the link never goes by mail
    assert Notification.objects.filter(person=lost, kind="governance.factor_reset").count() == 2


def test_the_link_is_made_by_an_administrator_once_it_is_due_and_never_for_oneself(world, lost):
    admin = world.actor("administrator")
    with pytest.raises(StateError):
        make_enrolment_link(actor=admin, person_id=lost.id)
    reset(world, lost)
    with pytest.raises(AuthorityError):
        make_enrolment_link(actor=world.actor("security_approver"), person_id=lost.id)
    first, second = (make_enrolment_link(actor=admin, person_id=lost.id) for _n in range(2))
    token = second.split("/")[-2]
    with pytest.raises(AuthorityError):
        finish_reset(world.actor(WHOM), first.split("/")[-2])  # the newer one voided it
    row = Invitation.objects.get(used_at=None, person=lost)
    assert row.purpose == Purpose.FACTOR and token not in str(list(Invitation.objects.values()))
    assert row.expires_at - timezone.now() <= dt.timedelta(hours=4)
    enrol_authenticator(actor=world.actor("second_administrator"))
    reset(world, world.person["second_administrator"])
    with pytest.raises(SeparationOfDutiesError):
        make_enrolment_link(
            actor=world.actor("second_administrator"), person_id=world.person["second_administrator"].id
        )


def test_after_a_reset_an_administrator_alone_cannot_set_a_password(world, lost):
    reset(world, lost)
    with pytest.raises(StateError, match="enrolment link"):
        invite_person(actor=world.actor("administrator"), person_id=lost.id)


def test_a_forgotten_password_can_be_replaced_after_a_reset_without_ending_the_link(world, lost):
    with audited(command(), "governance.person.password_set", subject_kind="governance.person", subject_id=lost.id):
        lost.set_password(PASSWORD)
        lost.save(update_fields=["password"])
    reset(world, lost)
    make_enrolment_link(actor=world.actor("administrator"), person_id=lost.id)
    request_password_reset(actor=command(), email=lost.email)
    assert Message.objects.filter(template="password_reset", address=lost.email).exists()
    assert set(Invitation.objects.filter(person=lost, used_at=None).values_list("purpose", flat=True)) == {
        "factor",
        "reset",
    }


def test_it_waits_in_my_work_of_who_signs_then_of_who_hands_over_the_link(world, lost):
    row = ask(world, lost)
    assert any(lost.name in item.title for item in work_for(world.actor("security_approver")) if item.mine)
    assert not any(lost.name in item.title for item in work_for(world.actor("administrator")) if item.mine)
    world.sign("security_approver", row.approval)
    mine = [item.title for item in work_for(world.actor("administrator")) if item.mine]
    assert mine == [f"Hand {lost.name} a link to enrol a new second factor"]
    assert "Hand" in world.client("administrator").get("/").content.decode()


def test_pages_lead_from_the_person_to_the_link(world, lost):
    admin, read = world.client("administrator"), reverse("governance:person_read", args=[lost.id])
    asked = reverse("governance:factor_reset_ask", args=[lost.id])
    assert asked in admin.get(read).content.decode()
    assert asked not in world.client("auditor").get(read).content.decode()
    assert (
        "no second factor"
        in admin.get(reverse("governance:person_read", args=[world.person["employee"].id])).content.decode()
    )
    empty = admin.post(asked, {"reason": "", "identity_check": "By telephone, on the manager’s number."})
    assert empty.status_code == 422 and "manager’s number" in empty.content.decode()
    shown = admin.post(asked, {"reason": "Lost.", "identity_check": "Seen."}, follow=True)
    assert "Reset of second factors" in shown.content.decode() and "Seen." in shown.content.decode()
    assert "waits for a signature" in admin.get(read).content.decode()
    assert "waits for a signature" in admin.get(asked).content.decode()
    row = FactorReset.objects.get()
    panel = panel_for(world.actor("security_approver"), row.approval)
    assert not panel.why_not
    world.sign("security_approver", row.approval)
    assert "Make enrolment link" in admin.get(read).content.decode()
    link = admin.post(reverse("governance:enrolment_link", args=[lost.id]))
    assert "/accounts/welcome/" in link.content.decode() and link["Cache-Control"].count("no-store")
    actions = [event.action for event in timeline("governance.person", lost.id).events]
    assert "governance.second_factors.reset" in actions and "governance.person.enrolment_link_made" in actions


def test_i99_the_names_that_requests_repeat_go_with_the_persons(world, lost):
    row = reset(world, lost)
    ids = {row.id, row.approval_id, row.approval.signatures.get().id}
    assert Label.objects.filter(ref_id__in=ids, text__contains=lost.name, erased_at=None).exists()
    disable_person(actor=world.actor("administrator"), person_id=lost.id)
    officer = world.actor("privacy_officer")
    step_up = world.step_up(officer, ERASE, erasure_digest(lost.id))
    erase_names(actor=officer, person_id=lost.id, email=lost.email, step_up_id=step_up.id)
    assert not Label.objects.filter(text__contains=lost.name).exists()
