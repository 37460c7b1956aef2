"""The register for products: cursor lists, and what it says of a service."""

from __future__ import annotations

import re

import pytest

from tests.calling import call, operations_of_api, token_for
from tests.conftest import undone

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(shared_world):
    with undone():
        yield token_for(shared_world, shared_world.account)


def names(answer):
    return [(item["vendor"], item["name"]) for item in answer.json()["items"]]


def test_pages_give_every_row_once_and_in_order(token):
    whole = call("GET", "/api/v1/services?limit=200", token=token)
    assert whole.json()["next"] is None
    found, after = [], ""
    while after is not None:
        page = call("GET", f"/api/v1/services?limit=1&after={after}", token=token)
        assert len(page.json()["items"]) == 1
        found, after = found + names(page), page.json()["next"]
    assert found == names(whole)
    assert len(found) > 2


def test_only_what_counts_now_says_what_it_is_allowed_for(token):
    items = call("GET", "/api/v1/services?limit=200", token=token).json()["items"]
    assert {item["state"] for item in items} >= {"approved", "never"}
    for item in items:
        assert (item["allowed"] is not None) == (item["state"] == "approved")
        assert bool(item["reasons"]) == (item["state"] != "approved")
    allowed = next(item["allowed"] for item in items if item["allowed"])
    assert allowed["until"].endswith("Z")
    assert allowed["data_classes"]
    assert allowed["models"]


def test_filters(token):
    approved = call("GET", "/api/v1/services?state=approved", token=token).json()["items"]
    assert approved
    assert {item["state"] for item in approved} == {"approved"}
    assert call("GET", "/api/v1/services?q=nothing-is-called-this", token=token).json()["items"] == []


def test_a_long_list_costs_no_more_queries(token, django_assert_max_num_queries):
    call("GET", "/api/v1/services", token=token)
    with django_assert_max_num_queries(6):
        call("GET", "/api/v1/services?limit=200", token=token)


def test_the_document_names_scopes_keys_and_problems(client):
    schema = client.get("/api/v1/openapi.json").json()
    described = {one["operationId"]: one for path in schema["paths"].values() for one in path.values()}
    for name, (_method, _address, scope) in operations_of_api().items():
        assert described[name]["x-scope"] == scope
        assert described[name]["summary"]
        assert described[name]["description"]
        for status in ("400", "401", "403", "404", "409", "422"):
            content = described[name]["responses"][status]["content"]
            assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    takes_key = {"name": "Idempotency-Key", "in": "header"}.items()
    assert any(takes_key <= given.items() for given in described["submit_review_item"]["parameters"])
    assert not any(takes_key <= given.items() for given in described["list_services"]["parameters"])


def test_the_manual_holds_the_policy_and_needs_nobody_else(client):
    answer = client.get("/api/v1/docs")
    page = answer.content.decode()
    assert "'unsafe" not in answer["Content-Security-Policy"]
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=\"", page)


def test_the_manual_shows_every_operation_and_field(client):
    page = client.get("/api/v1/docs").content.decode()
    for name, (method, _address, scope) in operations_of_api().items():
        assert f'id="{name}"' in page
        assert f">{method}</span>" in page
        assert scope in page
    for field in ("items[].allowed.until", "citations[].digest", "Idempotency-Key", "request_id"):
        assert f"<code>{field}</code>" in page
    assert "Query" not in page
