"""Tenants, sites and agreements: recorded, edited, closed, ended, by whom they may be."""

from __future__ import annotations

import datetime as dt

import pytest

from auditlog.errors import AuthorityError, InvalidInputError, InvalidInputsError, NotFoundError, StateError
from auditlog.models import Event
from governance.authority import actor_for_account
from governance.queries.tenants import Wanted, agreements_ending, runs_until, tenants
from tenants.models import Agreement, Site, Tenant
from tenants.queries import gaps, with_something_missing
from tenants.services import (
    close_site,
    edit_agreement,
    edit_site,
    edit_tenant,
    end_agreement,
    put_agreement,
    put_site,
    register_site,
    register_tenant,
    reopen_site,
)
from tests.calling import account_for
from tests.tenants.world import agreement, day, terminate, terms, today

pytestmark = pytest.mark.django_db


def product(world, tenant=None, scopes=("tenants:write",)):
    """A service account as it acts."""
    account = account_for(world, f"erp-{tenant.key if tenant else 'all'}", list(scopes), tenant)
    return actor_for_account(account, source="api", request_id="test")


@pytest.mark.parametrize(
    "regions", [[], ["EU"], ["eu central 1"], ["eu-central-1", "eu_west_1"], ["a" * 41], [f"r-{n}" for n in range(41)]]
)
def test_i59_regions_have_a_regions_shape(world, regions):
    keeper, before = world.actor("privacy_officer"), world.tenant.allowed_regions
    with pytest.raises(InvalidInputsError) as refused:
        register_tenant(actor=keeper, key="new", name="New", allowed_regions=regions)
    assert set(refused.value.errors) == {"allowed_regions"}
    with pytest.raises(InvalidInputsError):
        edit_tenant(actor=keeper, tenant_id=world.tenant.id, name="Acme", allowed_regions=regions)
    world.tenant.refresh_from_db()
    assert world.tenant.allowed_regions == before
    assert not Tenant.objects.filter(key="new").exists()


def test_i59_regions_are_kept_once_and_in_order_with_what_was_before(world):
    row = edit_tenant(
        actor=world.actor("privacy_officer"), tenant_id=world.tenant.id, name="Acme",
        allowed_regions=["eu-west-1", "eu-central-1", "eu-west-1"],
    )  # fmt: skip
    assert row.allowed_regions == ["eu-central-1", "eu-west-1"]
    told = Event.objects.filter(action="tenants.tenant.edited").latest("id").content["details"]["regions"]
    assert told == {"from": ["eu-central-1"], "to": ["eu-central-1", "eu-west-1"]}


def test_everything_wrong_with_a_tenant_is_told_at_once(world):
    with pytest.raises(InvalidInputsError) as refused:
        register_tenant(actor=world.actor("privacy_officer"), key="Ac me", name=" ", allowed_regions=[])
    assert set(refused.value.errors) == {"key", "name", "allowed_regions"}
    with pytest.raises(InvalidInputError, match="this key"):
        register_tenant(actor=world.actor("privacy_officer"), key="acme", name="A", allowed_regions=["eu-west-1"])


def test_sites_are_edited_closed_and_reopened(world):
    keeper = world.actor("privacy_officer")
    assert edit_site(actor=keeper, site_id=world.site.id, name=" North   works ").name == "North works"
    assert close_site(actor=keeper, site_id=world.site.id).closed_on == today()
    with pytest.raises(StateError, match="closed since"):
        close_site(actor=keeper, site_id=world.site.id)
    assert reopen_site(actor=keeper, site_id=world.site.id).closed_on is None
    with pytest.raises(InvalidInputError) as refused:
        close_site(actor=keeper, site_id=world.site.id, closed_on=day(1))
    assert refused.value.field == "closed_on"
    with pytest.raises(InvalidInputError):
        edit_site(actor=keeper, site_id=world.site.id, name=" ")


def test_an_agreement_is_whole_or_refused(world):
    with pytest.raises(InvalidInputsError) as refused:
        agreement(world, "bad/reference", kind="handshake", ends_on=day(-500), evidence_digest="abc")
    assert set(refused.value.errors) == {"reference", "kind", "ends_on", "evidence_digest"}
    with pytest.raises(InvalidInputsError):
        agreement(world, starts_on=dt.date(1026, 1, 1))
    agreement(world)
    with pytest.raises(InvalidInputError, match="this reference"):
        agreement(world)


def test_an_edit_tells_what_was_before(world):
    row = agreement(world)
    edit_agreement(
        actor=world.actor("privacy_officer"),
        agreement_id=row.id,
        terms=terms(ends_on=day(20), customer_owns_data=False),
    )
    told = Event.objects.get(action="tenants.agreement.edited").content["details"]
    assert told == {
        "ends_on": {"from": None, "to": day(20).isoformat()},
        "customer_owns_data": {"from": True, "to": False},
    }


def test_what_was_ended_stays_as_it_was(world):
    row, keeper = agreement(world), world.actor("privacy_officer")
    for wrong in (day(1), day(-401)):
        with pytest.raises(InvalidInputError) as refused:
            end_agreement(actor=keeper, agreement_id=row.id, ended_on=wrong, reason="Replaced.")
        assert refused.value.field == "ended_on"
    end_agreement(actor=keeper, agreement_id=row.id, ended_on=today(), reason="Replaced.")
    with pytest.raises(StateError, match="stays as it was"):
        edit_agreement(actor=keeper, agreement_id=row.id, terms=terms())
    with pytest.raises(StateError, match="stays as it was"):
        end_agreement(actor=keeper, agreement_id=row.id, ended_on=day(-1), reason="Earlier.")


def test_putting_what_is_there_changes_nothing(world):
    erp = product(world)
    put_site(actor=erp, tenant_id=world.tenant.id, key="south", name="South")
    put_agreement(actor=erp, tenant_id=world.tenant.id, reference="MSA", terms=terms())
    before = Event.objects.count()
    put_site(actor=erp, tenant_id=world.tenant.id, key="south", name="South")
    put_agreement(actor=erp, tenant_id=world.tenant.id, reference="MSA", terms=terms())
    assert Event.objects.count() == before
    put_site(actor=erp, tenant_id=world.tenant.id, key="south", name="South works")
    put_agreement(actor=erp, tenant_id=world.tenant.id, reference="MSA", terms=terms(kind="order"))
    assert Event.objects.count() == before + 2
    assert Site.objects.get(key="south").name == "South works"


def test_a_product_without_the_scope_keeps_nothing(world):
    with pytest.raises(AuthorityError):
        register_tenant(actor=product(world, scopes=("decide",)), key="new", name="New", allowed_regions=["eu-west-1"])


def test_a_bound_product_keeps_its_own_tenant_alone(world):
    bound = product(world, world.other_tenant)
    foreign = agreement(world)
    with pytest.raises(AuthorityError, match="registers no others"):
        register_tenant(actor=bound, key="new", name="New", allowed_regions=["eu-west-1"])
    attempts = [
        lambda: edit_tenant(actor=bound, tenant_id=world.tenant.id, name="X", allowed_regions=["eu-west-1"]),
        lambda: register_site(actor=bound, tenant_id=world.tenant.id, key="x", name="X"),
        lambda: put_site(actor=bound, tenant_id=world.tenant.id, key="north", name="North plant"),
        lambda: edit_site(actor=bound, site_id=world.site.id, name="X"),
        lambda: close_site(actor=bound, site_id=world.site.id),
        lambda: edit_agreement(actor=bound, agreement_id=foreign.id, terms=terms()),
        lambda: put_agreement(actor=bound, tenant_id=world.tenant.id, reference="MSA-1", terms=terms()),
        lambda: end_agreement(actor=bound, agreement_id=foreign.id, ended_on=today(), reason="X"),
    ]
    for attempt in attempts:
        with pytest.raises(NotFoundError):
            attempt()
    assert register_site(actor=bound, tenant_id=world.other_tenant.id, key="x", name="X").key == "x"


@pytest.mark.parametrize("verb", [
    lambda actor, world: edit_site(actor=actor, site_id=world.site.id, name="X"),
    lambda actor, world: close_site(actor=actor, site_id=world.site.id),
    lambda actor, world: register_site(actor=actor, tenant_id=world.tenant.id, key="x", name="X"),
    lambda actor, world: put_agreement(actor=actor, tenant_id=world.tenant.id, reference="M", terms=terms()),
])  # fmt: skip
def test_others_keep_nothing_and_the_attempt_is_on_record(world, verb):
    before = Event.objects.filter(outcome="refused").count()
    with pytest.raises(AuthorityError):
        verb(world.actor("auditor"), world)
    assert Event.objects.filter(outcome="refused").count() == before + 1
    assert not Agreement.objects.exists()


def test_what_is_missing(world):
    def missing():
        return gaps(world.tenant, Agreement.objects.filter(tenant=world.tenant), today())

    def is_listed():
        return with_something_missing(Tenant.objects.filter(pk=world.tenant.pk), today()).exists()

    assert missing() == ["no_agreement"] and is_listed()
    row = agreement(world, starts_on=day(5), customer_owns_data=False, evidence_digest="")
    assert missing() == ["not_running"] and is_listed()
    keeper = world.actor("privacy_officer")
    edit_agreement(actor=keeper, agreement_id=row.id, terms=terms(customer_owns_data=False))
    assert missing() == ["ownership_term"] and is_listed()
    edit_agreement(actor=keeper, agreement_id=row.id, terms=terms(company_owns_platform=False, evidence_digest=""))
    assert missing() == ["platform_term", "document"] and is_listed()
    edit_agreement(actor=keeper, agreement_id=row.id, terms=terms())
    assert missing() == [] and not is_listed()
    terminate(world)
    world.tenant.refresh_from_db()
    assert missing() == [] and not is_listed()


def test_the_list_is_filtered_by_where_tenants_stand(world):
    keeper = world.actor("privacy_officer")
    third = register_tenant(actor=keeper, key="third", name="Third", allowed_regions=["eu-central-1"])
    agreement(world)
    agreement(world, "B", world.other_tenant)
    terminate(world, world.other_tenant, day(10))
    terminate(world, third)

    def found(**wanted):
        return {row.key for row in tenants(Wanted(**wanted))}

    assert found(state="active") == {"acme"}
    assert found(state="terminating") == {"acme2"}
    assert found(state="terminated") == {"third"}
    assert found(state="missing") == set()
    assert found(region="eu-central-1") == {"acme", "third"}
    assert found(region="eu-central") == set()
    assert found(words="CME2") == {"acme2"}


def test_ending_agreements_wait_for_somebody(world):
    assert agreements_ending() == []
    row = agreement(world, ends_on=day(31))
    assert agreements_ending() == []
    keeper = world.actor("privacy_officer")
    edit_agreement(actor=keeper, agreement_id=row.id, terms=terms(ends_on=day(30)))
    assert agreements_ending() == [(world.tenant, day(30))]
    edit_agreement(actor=keeper, agreement_id=row.id, terms=terms(ends_on=day(-2)))
    assert agreements_ending() == [(world.tenant, day(-2))]
    assert runs_until(tenants().get(pk=world.tenant.pk)) == ("ended", day(-2))
    agreement(world, "NEXT", starts_on=day(1))
    assert agreements_ending() == []
