"""Data stores: registered where the tenant allows, apart from one another, edited, withdrawn."""

from __future__ import annotations

import pytest
from django.urls import reverse

from auditlog.errors import AuthorityError, InvalidInputError, InvalidInputsError, NotFoundError, StateError
from auditlog.models import Event
from governance.vocabulary import DataClass
from tenants.models import DataStore
from tenants.selectors import selector_problem
from tenants.services import edit_store, edit_tenant, register_store, register_tenant, withdraw_store
from tenants.vocabulary import DATA_CLASSES
from tests.tenants.world import data_store, facts, terminate

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _store(world):
    world.store = data_store(world)


def other_tenant(world):
    return register_tenant(
        actor=world.actor("privacy_officer"), key="acme-two", name="Acme Two",
        allowed_regions=world.tenant.allowed_regions,
    )  # fmt: skip


def test_registered_with_its_event(world):
    row = data_store(world, "archive", selector="archive/acme/")
    event = Event.objects.get(action="tenants.store.registered", subject_id=row.id)
    assert event.content["details"]["region"] == row.region
    assert event.content["details"]["data_classes"] == ["operational", "personal"]
    assert "archive/acme/" not in str(event.content), "a selector can name a customer (I99)"


def test_data_classes_are_those_of_the_pages():
    assert list(DATA_CLASSES) == DataClass.values


def test_i59_a_store_lies_where_its_tenant_allows(world):
    for region in ("us-east-1", "Frankfurt", ""):
        with pytest.raises(InvalidInputsError) as refused:
            data_store(world, "archive", selector="archive/acme/", region=region)
        assert set(refused.value.errors) == {"region"}
        with pytest.raises(InvalidInputsError):
            edit_store(actor=world.actor("privacy_officer"), store_id=world.store.id, facts=facts(world, region=region))
    assert not DataStore.objects.filter(key="archive").exists()


def test_i59_a_region_is_not_taken_out_under_a_store(world):
    keeper, tenant = world.actor("privacy_officer"), world.tenant
    with pytest.raises(InvalidInputError) as refused:
        edit_tenant(actor=keeper, tenant_id=tenant.id, name=tenant.name, allowed_regions=["us-west-2"])
    assert refused.value.field == "allowed_regions"
    assert "Customer files" in str(refused.value)
    withdraw_store(actor=keeper, store_id=world.store.id, reason="Moved.")
    edit_tenant(actor=keeper, tenant_id=tenant.id, name=tenant.name, allowed_regions=["us-west-2"])


@pytest.mark.parametrize(
    ("kind", "selector", "fits"),
    [
        ("s3", "customer-files/acme/", True),
        ("s3", "acme-files/", True),
        ("s3", "customer-files/acme", False),
        ("s3", "customer-files//acme/", False),
        ("s3", "customer-files", False),
        ("s3", "Customer_Files/acme/", False),
        ("s3", "", False),
        ("s3", "customer-files/ac\x01me/", False),
        ("sql", "orders.tenant_key=acme", True),
        ("sql", "sales.orders.tenant_key=acme works", True),
        ("sql", "orders.tenant_key=", False),
        ("sql", "orders.tenant_key= ", False),
        ("sql", "orders=acme", False),
        ("sql", "orders; drop table x.y=1", False),
        ("filesystem", "/srv/acme/", True),
        ("filesystem", "/srv/acme", False),
        ("filesystem", "/srv/", False),
        ("filesystem", "/", False),
        ("filesystem", "/srv/../etc/", False),
        ("filesystem", "/srv//acme/", False),
        ("filesystem", "srv/acme/", False),
        ("webhook", "https://assistant.example/erasures", True),
        ("webhook", "http://assistant.example/erasures", False),
        ("webhook", "https://user:secret@assistant.example/", False),
        ("webhook", "https://", False),
        ("webhook", "https://[::1/", False),
        ("webhook", "https://assistant.example:99999/", False),
        ("attested", "Backup vault, Frankfurt", True),
        ("attested", "", False),
        ("attested", "x" * 501, False),
    ],
)
def test_a_selector_has_the_form_of_its_kind(kind, selector, fits):
    assert (selector_problem(kind, selector) == "") is fits


@pytest.mark.parametrize("selector", ["customer-files/acme/", "customer-files/acme/2026/", "customer-files/"])
def test_no_store_reaches_into_another(world, selector):
    tenant = other_tenant(world)
    with pytest.raises(InvalidInputError) as refused:
        data_store(world, "files-two", tenant, selector=selector)
    assert refused.value.field == "selector"
    assert "Acme" not in str(refused.value), "another tenant's store is not named"
    with pytest.raises(InvalidInputError, match="files"):
        data_store(world, "files-two", selector=selector)


def test_beside_one_another_is_no_overlap(world):
    tenant = other_tenant(world)
    data_store(world, "files", tenant, selector="customer-files/acme2/")
    with pytest.raises(InvalidInputError, match="twelve digits"):
        data_store(world, "same-words", tenant, selector="customer-files/acme/", account="another-account")
    data_store(world, "same-words", tenant, selector="customer-files/acme/", account="998877665544")
    data_store(world, "orders", kind="sql", selector="orders.tenant_key=acme")
    data_store(world, "orders", tenant, kind="sql", selector="orders.tenant_key=acme2")
    with pytest.raises(InvalidInputError):
        data_store(world, "orders-again", tenant, kind="sql", selector="orders.tenant_key=acme")


def test_every_fault_is_named_at_its_field(world):
    with pytest.raises(InvalidInputsError) as refused:
        data_store(
            world, "Not a key", name=" ", kind="tape", region="mars", data_classes=("secret",), backup_days=99_999,
            owner="",
        )  # fmt: skip
    assert set(refused.value.errors) == {"key", "name", "kind", "region", "data_classes", "backup_days", "owner"}


def test_a_key_is_taken_once(world):
    with pytest.raises(InvalidInputError) as refused:
        data_store(world, "files", selector="elsewhere/acme/")
    assert refused.value.field == "key"


def test_edited_with_before_and_after(world):
    edit_store(
        actor=world.actor("privacy_officer"), store_id=world.store.id, facts=facts(world, backup_days=None, owner="Ops")
    )
    told = Event.objects.get(action="tenants.store.edited", subject_id=world.store.id).content["details"]
    assert told["backup_days"] == {"from": 35, "to": None}
    assert set(told) == {"backup_days", "owner"}


def test_a_withdrawn_store_stays_with_why(world):
    keeper = world.actor("privacy_officer")
    with pytest.raises(InvalidInputError):
        withdraw_store(actor=keeper, store_id=world.store.id, reason=" ")
    withdraw_store(actor=keeper, store_id=world.store.id, reason="Held none of it.")
    world.store.refresh_from_db()
    assert world.store.withdrawn_reason == "Held none of it."
    with pytest.raises(StateError):
        withdraw_store(actor=keeper, store_id=world.store.id, reason="Again.")
    with pytest.raises(StateError):
        edit_store(actor=keeper, store_id=world.store.id, facts=facts(world))
    data_store(world, "files-again")


def test_a_terminated_tenant_takes_what_turns_up_late(world):
    """I53: a store found after the termination has to be erased all the same."""
    terminate(world)
    assert data_store(world, "found-late", selector="forgotten/acme/").tenant_id == world.tenant.id


@pytest.mark.parametrize("role", ["auditor", "vendor_analyst", "system_owner", "reviewer"])
def test_only_the_registers_keepers(world, role):
    with pytest.raises(AuthorityError):
        register_store(actor=world.actor(role), tenant_id=world.tenant.id, key="x", facts=facts(world))
    with pytest.raises(AuthorityError):
        withdraw_store(actor=world.actor(role), store_id=world.store.id, reason="No.")


def test_there_is_no_such_store(world):
    with pytest.raises(NotFoundError):
        withdraw_store(actor=world.actor("privacy_officer"), store_id=world.tenant.id, reason="None.")


def test_a_store_of_another_tenant_is_not_under_this_one(world):
    tenant = other_tenant(world)
    address = reverse("governance:store_edit", args=[tenant.id, world.store.id])
    assert world.client("privacy_officer").get(address).status_code == 404


def test_what_was_typed_stays_when_it_is_refused(world):
    address = reverse("governance:store_register", args=[world.tenant.id])
    typed = {
        "name": "Orders", "key": "orders", "kind": "sql", "selector": "orders", "region": "eu-central-1",
        "data_classes": ["personal"], "owner": "Platform team",
    }  # fmt: skip
    page = world.client("privacy_officer").post(address, typed)
    assert page.status_code in (400, 422)
    assert "table.column=value, such as" in page.content.decode()
    assert 'value="Platform team"' in page.content.decode()
