"""The register through the API, as the company's own systems keep it."""

from __future__ import annotations

import pytest

from auditlog.models import Event
from tenants.models import Tenant
from tests.calling import account_for, call, token_for
from tests.tenants.world import agreement, day, today

pytestmark = pytest.mark.django_db

BASE = "/api/v1/tenants"


@pytest.fixture
def ask(world):
    """Calls as an account with the scope."""
    token = token_for(world, account_for(world, "erp", ["tenants:write"]))

    def send(method: str, path: str = "", body=None, **headers):
        return call(method, f"{BASE}{path}", token=token, body=body, **headers)

    return send


def test_a_tenant_from_registration_to_termination(world, ask):
    made = ask("POST", "", {"key": "nova", "name": "Nova", "allowed_regions": ["eu-west-1"]})
    assert made.status_code == 201
    assert made.json()["missing"] == ["no_agreement"]
    assert ask("PATCH", "/nova", {"name": "Nova AG"}).json()["allowed_regions"] == ["eu-west-1"]
    ask("PUT", "/nova/sites/main", {"name": "Main"})
    body = {"kind": "master", "starts_on": "2026-01-01", "customer_owns_data": True, "company_owns_platform": True}
    told = ask("PUT", "/nova/agreements/MSA-1", body | {"evidence_digest": "cd" * 32}).json()
    assert told["agreements"][0]["state"] == "running"
    assert told["missing"] == []
    ask("POST", "/nova/sites/main/close", {})
    ended = ask("POST", "/nova/terminate", {"terminated_on": day(10).isoformat(), "reason": "Notice."}).json()
    assert (ended["state"], ended["due_on"]) == ("terminating", day(40).isoformat())
    assert ended["agreements"][0]["ended_on"] == day(10).isoformat()
    assert ended["sites"][0]["closed_on"] == today().isoformat()
    again = ask("POST", "/nova/terminate", {"terminated_on": day(20).isoformat(), "reason": "Notice."})
    assert (again.status_code, again.json()["clause"]) == (409, "LD-21")


def test_i50_an_edit_takes_no_date(world, ask):
    ask("POST", "/acme/terminate", {"terminated_on": today().isoformat(), "reason": "Notice."})
    answer = ask("PATCH", "/acme", {"name": "Acme", "due_on": "2030-01-01", "terminated_on": None})
    assert answer.json()["due_on"] == day(30).isoformat()


def test_registered_once_by_its_idempotency_key(world, ask):
    body = {"key": "nova", "name": "Nova", "allowed_regions": ["eu-west-1"]}
    first = ask("POST", "", body, Idempotency_Key="k1")
    second = ask("POST", "", body, Idempotency_Key="k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second["Idempotent-Replayed"] == "true"
    assert Tenant.objects.filter(key="nova").count() == 1
    assert ask("POST", "", body).status_code == 422


def test_an_edit_that_changes_nothing_is_no_event(world, ask):
    before = Event.objects.count()
    assert ask("PATCH", "/acme", {"name": "Acme Works"}).status_code == 200
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "", {"key": "nova", "name": "Nova", "allowed_regions": []}, "allowed_regions"),
        ("POST", "", {"key": "Nova", "name": "Nova", "allowed_regions": ["eu-west-1"]}, "key"),
        ("PATCH", "/acme", {"allowed_regions": ["EU"]}, "allowed_regions.0"),
        ("PUT", "/acme/sites/Bad%20Key", {"name": "X"}, "key"),
        ("PUT", "/acme/agreements/M", {"kind": "master", "starts_on": 20000}, "starts_on"),
        ("PUT", "/acme/agreements/M", {"kind": "master", "starts_on": "2026-02-30"}, "starts_on"),
        (
            "PUT",
            "/acme/agreements/M",
            {"kind": "master", "starts_on": "2026-01-02", "ends_on": "2026-01-01"},
            "ends_on",
        ),
        (
            "PUT",
            "/acme/agreements/M",
            {"kind": "master", "starts_on": "2026-01-01", "customer_owns_data": "yes"},
            "customer_owns_data",
        ),
        ("POST", "/acme/terminate", {"terminated_on": "9999-12-31", "reason": "Notice."}, "terminated_on"),
        ("POST", "/acme/terminate", {"terminated_on": "2026-11-22", "reason": "  "}, "reason"),
    ],
)
def test_what_is_wrong_is_named(world, ask, method, path, body, field):
    answer = ask(method, path, body)
    assert answer.status_code == 422, answer.content
    assert answer.json()["field"] == field


STORE = {
    "name": "Archive", "kind": "s3", "selector": "archive/acme/", "region": "eu-central-1",
    "data_classes": ["personal", "operational"], "backup_days": 30, "owner": "Team",
}  # fmt: skip


def test_a_data_store_from_registration_to_withdrawal(world, ask):
    made = ask("PUT", "/acme/stores/archive", STORE)
    assert (made.status_code, made.json()["data_classes"]) == (200, ["operational", "personal"])
    before = Event.objects.count()
    assert ask("PUT", "/acme/stores/archive", STORE).status_code == 200
    assert Event.objects.count() == before
    assert ask("PUT", "/acme/stores/archive", STORE | {"backup_days": None}).json()["backup_days"] is None
    told = ask("POST", "/acme/stores/archive/withdraw", {"reason": "Moved."}).json()
    assert told["withdrawn_at"]
    assert ask("PUT", "/acme/stores/archive", STORE).status_code == 409
    assert [row["key"] for row in ask("GET", "/acme/stores").json()["items"]] == ["archive"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"region": "us-east-1"}, "region"),
        ({"selector": "archive/acme"}, "selector"),
        ({"data_classes": []}, "data_classes"),
        ({"data_classes": ["secret"]}, "data_classes.0"),
        ({"backup_days": "30"}, "backup_days"),
        ({"kind": "shelf"}, "kind"),
        ({"owner": " "}, "owner"),
    ],
)
def test_what_is_wrong_with_a_data_store_is_named(world, ask, change, field):
    answer = ask("PUT", "/acme/stores/archive", STORE | change)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert ask("GET", "/acme/stores").json()["items"] == []


def test_data_stores_exist_for_their_own_tenants_account_alone(world, ask):
    ask("PUT", "/acme/stores/archive", STORE)
    bound = token_for(world, account_for(world, "bound", ["tenants:write"], world.other_tenant))
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "/archive", STORE),
        ("POST", "/archive/withdraw", {"reason": "Not ours."}),
    ):
        assert call(method, f"{BASE}/acme/stores{path}", token=bound, body=body).status_code == 404


def test_what_is_not_there(world, ask):
    assert ask("POST", "/acme/stores/nowhere/withdraw", {"reason": "X"}).status_code == 404
    assert ask("GET", "/nobody").status_code == 404
    assert ask("POST", "/acme/sites/nowhere/close", {}).status_code == 404
    assert ask("POST", "/acme/agreements/none/end", {"ended_on": "2026-01-01", "reason": "X"}).status_code == 404


def test_the_list_is_filtered_and_cut_to_the_accounts_bounds(world, ask):
    agreement(world)
    assert [row["key"] for row in ask("GET", "").json()["items"]] == ["acme", "acme2"]
    assert [row["key"] for row in ask("GET", "?state=missing").json()["items"]] == ["acme2"]
    assert [row["key"] for row in ask("GET", "?q=acme2").json()["items"]] == ["acme2"]
    bound = token_for(world, account_for(world, "bound", ["tenants:write"], world.other_tenant))
    assert [row["key"] for row in call("GET", BASE, token=bound).json()["items"]] == ["acme2"]
    page = ask("GET", "?limit=1").json()
    assert [row["key"] for row in ask("GET", f"?after={page['next']}").json()["items"]] == ["acme2"]
