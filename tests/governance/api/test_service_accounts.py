"""Service accounts and tokens: who keeps them, what is stored, how they end."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from auditlog.errors import AuthorityError, InvalidInputError, InvalidInputsError, NotFoundError, StateError
from auditlog.models import Event
from governance.models import ServiceAccount, ServiceToken, TokenUse
from governance.queries.service_accounts import find_active_account, find_token, get_service_account
from governance.service_account_declarations import tokens_that_end
from governance.services import service_accounts as services
from tests.calling import account_for, call, token_for


@pytest.fixture
def admin(world):
    return world.actor("administrator")


@pytest.fixture
def account(world):
    return account_for(world, "assistant", ["decide"])


def issue(admin, account, days=30):
    return services.issue_token(actor=admin, account_id=account.id, days=days)


def test_only_administrators_keep_them(world, account):
    token = issue(world.actor("administrator"), account).token
    for name in ("auditor", "security_approver", "employee"):
        actor = world.actor(name)
        for verb in (
            lambda actor=actor: services.add_service_account(
                actor=actor, name="x", product="x", environment="sandbox", scopes=["decide"]
            ),
            lambda actor=actor: services.edit_service_account(
                actor=actor, account_id=account.id, name="x", scopes=["decide"]
            ),
            lambda actor=actor: services.disable_service_account(actor=actor, account_id=account.id),
            lambda actor=actor: services.enable_service_account(actor=actor, account_id=account.id),
            lambda actor=actor: issue(actor, account),
            lambda actor=actor: services.rotate_token(actor=actor, token_id=token.id, days=1, old_hours=0),
            lambda actor=actor: services.revoke_token(actor=actor, token_id=token.id),
        ):
            with pytest.raises(AuthorityError):
                verb()


def test_wrong_values_are_named_at_their_fields(admin):
    with pytest.raises(InvalidInputsError) as refusal:
        services.add_service_account(actor=admin, name=" ", product="Not a slug", environment="moon", scopes=["root"])
    assert set(refusal.value.errors) == {"name", "product", "environment", "scopes"}


def test_one_account_for_each_product_environment_and_tenant(world, account):
    with pytest.raises(InvalidInputError, match="already"):
        account_for(world, "assistant", ["decide"])
    bound = account_for(world, "assistant", ["decide"], world.tenant)
    assert bound.tenant_id == world.tenant.id
    with pytest.raises(InvalidInputError, match="already"):
        account_for(world, "assistant", ["decide"], world.tenant)


def test_what_it_is_bound_to_never_changes(account, world):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE governance_serviceaccount SET environment = 'sandbox'")


def test_a_token_is_kept_only_as_its_digest(admin, account):
    issued = issue(admin, account)
    assert issued.text.startswith("cs_production_")
    row = ServiceToken.objects.values().get(pk=issued.token.id)
    assert row["digest"] == hashlib.sha256(issued.text.encode()).hexdigest()
    assert issued.text not in str(row)
    assert len(issued.token.hint.replace("cs_production_", "")) == 9
    assert all(issued.text[18:-4] not in event.body for event in Event.objects.all())
    assert issue(admin, account).text != issued.text


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_token_always_ends(admin, account, days):
    with pytest.raises(InvalidInputError):
        issue(admin, account, days)


def test_a_chosen_token_is_for_the_demo_only(admin, account, settings):
    chosen = "cs_production_" + "A" * 43
    settings.DEMO = False
    with pytest.raises(InvalidInputError):
        services.issue_token(actor=admin, account_id=account.id, days=1, text=chosen)
    settings.DEMO = True
    with pytest.raises(InvalidInputError):
        services.issue_token(actor=admin, account_id=account.id, days=1, text="weak")
    assert services.issue_token(actor=admin, account_id=account.id, days=1, text=chosen).text == chosen


def test_expiry_counts_to_the_instant(admin, account):
    issued = issue(admin, account, days=1)
    end = issued.token.expires_at
    with time_machine.travel(end - dt.timedelta(seconds=1), tick=False):
        assert find_token(issued.text)
    with time_machine.travel(end, tick=False):
        assert find_token(issued.text) is None


def test_rotation_leaves_the_old_one_for_a_while(admin, account):
    old = issue(admin, account)
    new = services.rotate_token(actor=admin, token_id=old.token.id, days=30, old_hours=1)
    assert find_token(old.text)
    assert find_token(new.text)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1, seconds=1), tick=False):
        assert find_token(old.text) is None
        assert find_token(new.text)


def test_rotation_never_lengthens_the_old_one(admin, account):
    old = issue(admin, account, days=1)
    services.rotate_token(actor=admin, token_id=old.token.id, days=30, old_hours=168)
    assert services.get_token(old.token.id).expires_at == old.token.expires_at
    with pytest.raises(InvalidInputError):
        services.rotate_token(actor=admin, token_id=old.token.id, days=30, old_hours=169)


def test_what_has_ended_is_neither_rotated_nor_revoked(admin, account):
    issued = issue(admin, account)
    services.revoke_token(actor=admin, token_id=issued.token.id)
    for verb in (
        lambda: services.revoke_token(actor=admin, token_id=issued.token.id),
        lambda: services.rotate_token(actor=admin, token_id=issued.token.id, days=1, old_hours=0),
    ):
        with pytest.raises(StateError):
            verb()
    assert ServiceToken.objects.count() == 1


def test_i05_disabling_ends_every_token_for_good(admin, account):
    issued = issue(admin, account)
    services.disable_service_account(actor=admin, account_id=account.id)
    assert find_token(issued.text) is None
    assert find_active_account(account.id) is None
    with pytest.raises(StateError):
        issue(admin, account)
    services.enable_service_account(actor=admin, account_id=account.id)
    assert find_token(issued.text) is None, "a token of before came back to life"
    assert find_token(issue(admin, account).text)


def test_i06_scopes_count_from_the_next_request(world, admin, account):
    token = token_for(world, account)
    assert call("GET", "/api/v1/services", token=token).status_code == 200
    services.edit_service_account(actor=admin, account_id=account.id, name="Renamed", scopes=["review:submit"])
    assert call("GET", "/api/v1/services", token=token).status_code == 403


def test_strangers_find_nothing(admin):
    nobody = "00000000-0000-4000-8000-000000000000"
    for verb in (
        lambda: services.get_token(nobody),
        lambda: get_service_account(nobody),
        lambda: services.disable_service_account(actor=admin, account_id=nobody),
    ):
        with pytest.raises(NotFoundError):
            verb()


def test_a_use_is_noted_now_and_then_and_leaves_no_event(world, account):
    token = token_for(world, account)
    events = Event.objects.count()
    call("GET", "/api/v1/services", token=token)
    first = TokenUse.objects.get().at
    call("GET", "/api/v1/services", token=token)
    assert TokenUse.objects.get().at == first
    with time_machine.travel(timezone.now() + services.USE_EVERY, tick=False):
        call("GET", "/api/v1/services", token=token)
    assert TokenUse.objects.get().at > first
    assert Event.objects.count() == events


def test_an_account_about_to_stand_still_is_in_my_work(world, admin, account):
    issue(admin, account, days=30)
    assert not list(tokens_that_end(admin))
    with time_machine.travel(timezone.now() + dt.timedelta(days=21), tick=False):
        (item,) = tokens_that_end(admin)
        assert "assistant" in item.title
        assert not list(tokens_that_end(world.actor("auditor")))


def test_the_page_shows_a_token_once(world, account):
    client = world.client("administrator")
    page = client.post(reverse("governance:token_issue", args=[account.id]), {"days": 30})
    token = page.context["text"]
    assert token in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    again = client.get(reverse("governance:service_account_read", args=[account.id])).content.decode()
    assert token not in again
    assert ServiceToken.objects.get().hint in again


def test_the_way_through_the_pages(world):
    client = world.client("administrator")
    listing = client.get(reverse("governance:service_account_list")).content.decode()
    assert "No product calls the API yet" in listing
    values = {"name": "Assistant", "product": "assistant", "environment": "production", "scopes": ["decide"]}
    assert client.post(reverse("governance:service_account_add"), values).status_code == 302
    again = client.post(reverse("governance:service_account_add"), values)
    assert again.status_code == 422
    assert "already" in again.content.decode()
    account = ServiceAccount.objects.get()
    address = reverse("governance:service_account_edit", args=[account.id])
    assert client.post(address, {"name": "Helper", "scopes": ["review:submit"]}).status_code == 302
    old = client.post(reverse("governance:token_issue", args=[account.id]), {"days": 30}).context["token"]
    rotated = client.post(reverse("governance:token_rotate", args=[old.id]), {"days": 90, "old_hours": 24})
    assert "ends" in rotated.content.decode()
    assert client.post(reverse("governance:token_revoke", args=[old.id])).status_code == 302
    assert client.post(reverse("governance:service_account_disable", args=[account.id])).status_code == 302
    page = client.get(reverse("governance:service_account_read", args=[account.id])).content.decode()
    assert "Everything it asks is refused" in page
    assert client.post(reverse("governance:service_account_enable", args=[account.id])).status_code == 302
    assert "Helper" in client.get(reverse("governance:service_account_list") + "?q=help").content.decode()
