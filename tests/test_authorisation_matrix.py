"""Who gets through which door: every address in the URLconf × every role, by default nobody."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.conftest import undone
from tests.listing import names, routes
from tests.matrix import ROLES, Route

pytestmark = pytest.mark.django_db

LISTED = routes()
BUDGET = 15


def test_every_address_is_listed():
    missing = names() - {route.name for route in LISTED}
    assert not missing, f"list these in tests/<room>/routes.py: {sorted(missing)}"


def test_nothing_listed_is_gone():
    assert not {route.name for route in LISTED} - names()


def answer(client: Client, route: Route, world) -> tuple[int, int]:
    """The status of one probe, its effects undone, and how often it read; a redirect to sign-in counts as 401."""
    with undone():
        url = reverse(route.name, kwargs=route.args(world))
        with CaptureQueriesContext(connection) as queries:
            response = getattr(client, route.method.lower())(url, route.data(world))
            if response.streaming:
                b"".join(response)
    # A session is entered in the list of sessions at its first page, which every probe here is.
    reads = sum(q["sql"].startswith("SELECT") and "usersessions_usersession" not in q["sql"] for q in queries)
    if response.status_code == 302 and response["Location"].startswith("/accounts/login"):
        return 401, reads
    return response.status_code, reads


@pytest.mark.parametrize("route", LISTED, ids=lambda r: f"{r.method} {r.name}")
def test_matrix(shared_world, route: Route):
    wrong = []
    for role in (*ROLES, "anonymous"):
        status, reads = answer(shared_world.browser(role), route, shared_world)
        through = status not in (401, 403, 404, 405)
        if role in route.allow:
            ok = through
        elif role == "anonymous":
            ok = status in (401, 403, 404)
        else:
            ok = status == (403 if role in route.sees else route.denied)
        if not ok or status >= 500:
            wrong.append(f"{role}: {status}")
        if route.method == "GET" and reads > BUDGET:
            wrong.append(f"{role}: {reads} queries")
    assert not wrong, f"{route.method} {route.name}: {wrong}"


@pytest.mark.parametrize("route", [r for r in LISTED if r.grow], ids=lambda r: r.name)
def test_query_budget(shared_world, route: Route):
    """A list costs the same with twenty rows more, and at most fifteen queries."""
    role = "auditor" if "auditor" in route.allow else sorted(route.allow - {"anonymous"})[0]
    with undone():
        client, url = shared_world.browser(role), reverse(route.name, kwargs=route.args(shared_world))
        client.get(url)
        before = count(client, url)
        route.grow(shared_world)
        after = count(client, url)
    assert after <= BUDGET, f"{url}: {after} queries"
    assert after <= before + 1, f"{url}: {before} queries became {after} with twenty rows more"


def count(client: Client, url: str) -> int:
    """Queries of one GET that must succeed."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)
