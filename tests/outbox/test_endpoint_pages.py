"""Endpoints by browser: set, shown once, tested, rotated, disabled; deliveries seen and sent again."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from auditlog.models import Event
from governance.services.service_accounts import add_service_account, disable_service_account
from outbox import registry
from outbox.models import Endpoint, Message
from outbox.services import deliver_due_messages, send_test
from tests.outbox.hooking import ADMIN, EVENT, hook
from tests.outbox.posting import post

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(world):
    return add_service_account(
        actor=world.actor("administrator"), name="Assistant", product="assistant", environment="sandbox",
        tenant_id=None, scopes=["review:submit"],
    )  # fmt: skip


@pytest.fixture
def browser(world):
    return world.client("administrator")


@pytest.fixture
def endpoint(browser, account, receiver) -> Endpoint:
    url = reverse("console:endpoint_add", args=[account.id])
    page = browser.post(url, {"url": receiver.url}).content.decode()
    receiver.secret = re.search(r"whsec_[\w+/=]+", page)[0]
    return Endpoint.objects.get()


def deliver_all() -> None:
    while deliver_due_messages():
        pass


def test_sets_an_endpoint_and_shows_its_secret_once(browser, account, endpoint, receiver):
    assert endpoint.account_id == account.id
    page = browser.get(reverse("console:endpoint_read", args=[endpoint.id]))
    assert receiver.secret not in page.content.decode()
    assert "Webhooks of Assistant" in page.content.decode()


def test_page_with_the_secret_is_kept_by_no_cache(browser, account, receiver):
    answer = browser.post(reverse("console:endpoint_add", args=[account.id]), {"url": receiver.url})
    assert answer["Cache-Control"] == "no-store"


def test_page_of_the_account_says_where_its_webhooks_go(browser, account, endpoint):
    page = browser.get(reverse("governance:service_account_read", args=[account.id])).content.decode()
    assert endpoint.url in page


@pytest.mark.parametrize("url", ["https://127.0.0.2/", "https://169.254.169.254/", "ftp://x", ""])
def test_refuses_an_address_at_its_field_and_loses_nothing(browser, account, url):
    answer = browser.post(reverse("console:endpoint_add", args=[account.id]), {"url": url, "events": [EVENT]})
    assert answer.status_code == 422
    assert answer.context["form"].errors["url"]
    assert f'value="{url}"' in answer.content.decode() or not url
    assert not Endpoint.objects.exists()


def test_refuses_an_event_nobody_declared(browser, account):
    data = {"url": "https://8.8.8.8/", "events": ["made.up"]}
    assert browser.post(reverse("console:endpoint_add", args=[account.id]), data).status_code == 422


def test_second_endpoint_of_an_account_is_refused(browser, account, endpoint, receiver):
    answer = browser.post(reverse("console:endpoint_add", args=[account.id]), {"url": receiver.url})
    assert answer.status_code == 422
    assert Endpoint.objects.count() == 1


def test_unknown_account_is_not_found(browser, world):
    assert browser.get(reverse("console:endpoint_add", args=[world.tenant.id])).status_code == 404


def test_sends_a_test_and_shows_what_became_of_it(browser, endpoint, receiver):
    answer = browser.post(reverse("console:endpoint_test", args=[endpoint.id]), follow=True)
    assert "None yet" in answer.content.decode()
    deliver_all()
    page = browser.get(answer.redirect_chain[-1][0]).content.decode()
    assert "Taken" in page
    assert ">200<" in page
    assert receiver.seen


def test_shows_each_attempt_and_sends_again(browser, endpoint, receiver):
    receiver.answer = 410
    message = hook(account_id=endpoint.account_id)
    deliver_all()
    url = reverse("console:message_read", args=[message.id])
    page = browser.get(url).content.decode()
    assert "410: the receiver is gone" in page
    assert "Send again" in page
    browser.post(reverse("console:endpoint_add", args=[endpoint.account_id]), {"url": receiver.url})
    receiver.secret, receiver.answer = "", 200
    assert browser.post(reverse("console:message_replay", args=[message.id]), follow=True).status_code == 200
    deliver_all()
    assert "Taken" in browser.get(url).content.decode()


def test_body_is_on_no_page(browser, endpoint):
    message = hook(account_id=endpoint.account_id, words="Confidential draft")
    for name, args in (
        ("console:message_read", [message.id]),
        ("console:endpoint_read", [endpoint.id]),
        ("console:message_list", []),
        ("admin:outbox_message_change", [message.id]),
        ("admin:outbox_message_changelist", []),
    ):
        assert "Confidential" not in browser.get(reverse(name, args=args)).content.decode(), name


def test_secret_is_on_no_page(browser, endpoint, receiver):
    sealed = Endpoint.objects.get().sealed_secret
    for name, args in (
        ("console:endpoint_read", [endpoint.id]),
        ("admin:outbox_endpoint_change", [endpoint.id]),
        ("admin:outbox_endpoint_changelist", []),
    ):
        page = browser.get(reverse(name, args=args)).content.decode()
        assert receiver.secret not in page
        assert sealed not in page


def test_rotates_and_shows_until_when_the_old_one_counts(browser, endpoint, receiver):
    url = reverse("console:secret_rotate", args=[endpoint.id])
    assert "For one day" in browser.get(url).content.decode()
    page = browser.post(url)
    assert page["Cache-Control"] == "no-store"
    assert "Old secret counts until" in page.content.decode()
    hook(account_id=endpoint.account_id)
    deliver_all()
    assert receiver.seen, "the receiver still knows the old one only"


def test_moves_to_another_address(browser, endpoint):
    url = reverse("console:endpoint_edit", args=[endpoint.id])
    browser.post(url, {"url": "https://8.8.4.4/new", "events": [EVENT]})
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.events) == ("https://8.8.4.4/new", [EVENT])


def test_disables_for_good(browser, endpoint, receiver):
    hook(account_id=endpoint.account_id)
    url = reverse("console:endpoint_disable", args=[endpoint.id])
    assert "One message that waits is given up" in browser.get(url).content.decode()
    browser.post(url)
    deliver_all()
    assert not receiver.requests
    assert Message.objects.get().state == "dead"
    assert (
        "Disabled by an administrator"
        in browser.get(reverse("console:endpoint_read", args=[endpoint.id])).content.decode()
    )
    assert browser.post(reverse("console:endpoint_test", args=[endpoint.id])).status_code == 409


def test_sends_all_given_up_again(browser, endpoint, receiver):
    for number in range(3):
        hook(account_id=endpoint.account_id, number=number)
    receiver.answer = 410
    deliver_all()
    assert Message.objects.filter(state="dead").count() == 3
    browser.post(reverse("console:endpoint_add", args=[endpoint.account_id]), {"url": receiver.url})
    receiver.secret, receiver.answer = "", 200
    page = browser.post(reverse("console:endpoint_replay", args=[endpoint.id]), follow=True).content.decode()
    assert "3 messages are sent again." in page
    deliver_all()
    assert set(receiver.seen.values()) == {1}
    assert len(receiver.seen) == 3
    assert Event.objects.filter(action="outbox.message.replayed").count() == 3


def test_lists_by_kind_and_state(browser, endpoint):
    hook(account_id=endpoint.account_id)
    post(title="A letter")
    url = reverse("console:message_list")
    mails = browser.get(url, {"kind": "email"}).content.decode()
    assert "A letter" in mails
    assert EVENT not in mails
    assert EVENT in browser.get(url, {"kind": "webhook", "state": "waiting"}).content.decode()
    assert browser.get(url, {"kind": "webhook", "state": "dead"}).context["page"].rows == []


def test_list_says_what_fails(browser, endpoint, receiver):
    receiver.answer = 500
    hook(account_id=endpoint.account_id)
    deliver_due_messages()
    assert "Failing" in browser.get(reverse("console:endpoint_list")).content.decode()
    page = browser.get(reverse("console:endpoint_read", args=[endpoint.id])).content.decode()
    assert "The receiver does not take messages" in page


def test_auditors_look_and_change_nothing(world, endpoint):
    client = world.client("auditor")
    page = client.get(reverse("console:endpoint_read", args=[endpoint.id])).content.decode()
    for verb in ("test", "rotate", "edit", "disable", "replay"):
        assert f"/{verb}/" not in page


def test_services_refuse_who_is_no_administrator(world, endpoint):
    from auditlog.errors import AuthorityError
    from outbox import services

    auditor = world.actor("auditor")
    for verb in (services.rotate_secret, services.disable_endpoint, services.send_test):
        with pytest.raises(AuthorityError):
            verb(actor=auditor, endpoint_id=endpoint.id)
    with pytest.raises(AuthorityError):
        services.replay_dead_messages(actor=auditor)
    with pytest.raises(AuthorityError):
        services.add_endpoint(actor=auditor, account_id=endpoint.id, url="https://8.8.8.8/")


def test_a_test_goes_out_whatever_the_product_asked_for(endpoint, receiver, monkeypatch):
    monkeypatch.setitem(registry.EVENTS, "tests.other", "Other")
    send_test(actor=ADMIN, endpoint_id=endpoint.id)
    deliver_all()
    assert len(receiver.seen) == 1


def test_disabling_the_account_ends_its_webhooks(browser, world, endpoint):
    disable_service_account(actor=world.actor("administrator"), account_id=endpoint.account_id)
    endpoint.refresh_from_db()
    assert endpoint.disabled_at
    assert hook(account_id=endpoint.account_id) is None
