"""A termination: the thirty days start, what runs ends, and nothing moves the date."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction

from auditlog.change import audited
from auditlog.errors import AuthorityError, InvalidInputError, StateError
from auditlog.models import Event
from governance.tenant_forms import TenantForm
from governance.tenants_api import TenantPatch
from tenants import registry
from tenants.models import Agreement, Tenant
from tenants.queries import is_agreement_running
from tenants.services import (
    edit_agreement,
    edit_tenant,
    end_agreement,
    put_agreement,
    register_site,
    reinstate_tenant,
    reopen_site,
    terminate_tenant,
)
from tenants.sheet import COLUMNS
from tests.tenants.world import agreement, day, terminate, terms, today

pytestmark = pytest.mark.django_db


def test_it_starts_thirty_days_and_ends_what_runs(world):
    running, over = agreement(world), agreement(world, "OLD", starts_on=day(-900), ends_on=day(-500))
    later = agreement(world, "NEXT", starts_on=day(90))
    row = terminate(world, terminated_on=day(14))
    assert (row.terminated_on, row.due_on) == (day(14), day(44))
    assert row.state == "terminating"
    for each in (running, over, later):
        each.refresh_from_db()
    assert (running.ended_on, later.ended_on, over.ended_on) == (day(14), day(14), None)
    assert running.runs_on(day(13)) and not running.runs_on(day(14)) and not later.runs_on(day(90))
    told = Event.objects.get(action="tenants.tenant.terminated").content["details"]
    assert told["due_on"] == day(44).isoformat()
    assert told["agreements_ended"] == 2
    with time_machine.travel(day(14)):
        assert Tenant.objects.get(pk=row.pk).state == "terminated"


def test_i50_due_is_thirty_days_after_and_follows_nothing_else(world):
    row = terminate(world, terminated_on=dt.date(2026, 2, 1))
    assert row.due_on == dt.date(2026, 3, 3)
    with pytest.raises(AttributeError):
        row.due_on = day(90)
    edit_tenant(actor=world.actor("privacy_officer"), tenant_id=row.id, name="Else", allowed_regions=["eu-west-1"])
    assert Tenant.objects.get(pk=row.pk).due_on == dt.date(2026, 3, 3)


def test_i50_a_second_termination_does_not_move_the_date(world):
    terminate(world)
    with pytest.raises(StateError, match="already"):
        terminate(world, terminated_on=day(5))
    world.tenant.refresh_from_db()
    assert world.tenant.terminated_on == today()


def test_i50_no_door_edits_the_date(world):
    """No form, body or file has a place for it."""
    dates = {"terminated_on", "due_on", "termination_recorded_at"}
    assert not dates & {*TenantForm.base_fields, *TenantPatch.model_fields, *COLUMNS}
    assert not any(field.editable for field in Tenant._meta.get_fields() if field.name in dates)


def test_i50_the_database_keeps_date_and_record_together(world):
    with (
        pytest.raises(IntegrityError),
        audited(world.actor("administrator"), "tenants.tenant.edited", subject_kind="tenants.tenant"),
        transaction.atomic(),
    ):
        Tenant.objects.filter(pk=world.tenant.pk).update(terminated_on=today())


def test_i51_an_agreement_runs_until_the_day_it_ends(world):
    tenant = world.tenant.id
    assert not is_agreement_running(tenant, today())
    agreement(world, starts_on=day(-10), ends_on=day(10))
    assert [is_agreement_running(tenant, day(n)) for n in (-11, -10, 10, 11)] == [False, True, True, False]
    agreement(world, "OPEN", starts_on=day(20))
    assert is_agreement_running(tenant, day(5000))
    terminate(world, terminated_on=day(30))
    assert [is_agreement_running(tenant, day(n)) for n in (10, 11, 29, 30)] == [True, False, True, False]
    assert not is_agreement_running(world.other_tenant.id, today())


def test_i51_the_query_and_the_row_agree(world):
    rows = [
        agreement(world, "A", starts_on=day(-3), ends_on=day(3)),
        agreement(world, "B", starts_on=day(2)),
        agreement(world, "C", starts_on=day(-9), ends_on=day(-5)),
    ]
    end_agreement(actor=world.actor("privacy_officer"), agreement_id=rows[0].id, ended_on=day(-1), reason="Replaced.")
    rows = list(Agreement.objects.filter(tenant=world.tenant))
    for n in range(-12, 6):
        assert is_agreement_running(world.tenant.id, day(n)) == any(row.runs_on(day(n)) for row in rows), n


@pytest.mark.parametrize("offset", [2 * 366 + 1, -3661, 365 * 80])
def test_a_mistyped_year_is_refused(world, offset):
    with pytest.raises(InvalidInputError) as refused:
        terminate(world, terminated_on=day(offset))
    assert refused.value.field == "terminated_on"


def test_not_before_the_first_agreement_began(world):
    agreement(world, starts_on=day(-5))
    with pytest.raises(InvalidInputError, match="began on"):
        terminate(world, terminated_on=day(-6))


def test_a_reason_is_needed(world):
    with pytest.raises(InvalidInputError) as refused:
        terminate(world, reason="  ")
    assert refused.value.field == "reason"


def test_only_registrars(world):
    with pytest.raises(AuthorityError):
        terminate_tenant(
            actor=world.actor("auditor"), tenant_id=world.tenant.id, terminated_on=today(), reason="Notice."
        )
    assert Event.objects.filter(action="tenants.tenant.terminated", outcome="refused").exists()


def test_a_terminated_tenant_takes_nothing_new(world):
    kept = agreement(world, "OVER", starts_on=day(-900), ends_on=day(-500))
    keeper = world.actor("privacy_officer")
    terminate(world, terminated_on=day(14))
    with pytest.raises(StateError, match="takes no new"):
        register_site(actor=keeper, tenant_id=world.tenant.id, key="south", name="South")
    with pytest.raises(StateError, match="takes no new"):
        agreement(world, "NEW")
    with pytest.raises(StateError, match="takes no new"):
        edit_agreement(actor=keeper, agreement_id=kept.id, terms=terms(starts_on=day(-900)))
    with pytest.raises(StateError, match="takes no new"):
        put_agreement(actor=keeper, tenant_id=world.tenant.id, reference="OVER", terms=terms())
    with pytest.raises(StateError, match="takes no new"):
        reopen_site(actor=keeper, site_id=world.site.id)


def test_reinstated_it_goes_on_as_before(world):
    running, ended = agreement(world), agreement(world, "ENDED")
    keeper = world.actor("privacy_officer")
    end_agreement(actor=keeper, agreement_id=ended.id, ended_on=day(-1), reason="Replaced.")
    terminate(world)
    row = reinstate_tenant(actor=keeper, tenant_id=world.tenant.id, reason="They stay.")
    assert (row.terminated_on, row.due_on, row.state) == (None, None, "active")
    running.refresh_from_db()
    ended.refresh_from_db()
    assert (running.ended_on, ended.ended_on) == (None, day(-1))
    with pytest.raises(StateError):
        reinstate_tenant(actor=keeper, tenant_id=world.tenant.id, reason="Again.")


def test_what_follows_hears_inside_the_change(world, monkeypatch):
    heard = []
    monkeypatch.setattr(registry, "TERMINATED", [lambda actor, tenant: heard.append((actor.label, tenant.due_on))])
    terminate(world)
    assert heard == [("Privacy Officer", day(30))]

    def fail(actor, tenant):
        raise StateError("Its case cannot be opened.")

    monkeypatch.setattr(registry, "TERMINATED", [fail])
    with pytest.raises(StateError):
        terminate(world, world.other_tenant)
    world.other_tenant.refresh_from_db()
    assert world.other_tenant.terminated_on is None


def test_not_reinstated_once_something_was_decided(world, monkeypatch):
    terminate(world)

    def refuse(actor, tenant):
        assert tenant.terminated_on
        raise StateError("Its deletion is approved.")

    monkeypatch.setattr(registry, "REINSTATING", [refuse])
    with pytest.raises(StateError, match="approved"):
        reinstate_tenant(actor=world.actor("privacy_officer"), tenant_id=world.tenant.id, reason="They stay.")
    world.tenant.refresh_from_db()
    assert world.tenant.due_on == day(30)
