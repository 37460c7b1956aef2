"""Who gets through which door: every address in the URLconf × every role, by default nobody."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.listing import names, routes
from tests.matrix import ROLES, Route

LISTED = routes()
BUDGET = 15


def test_every_address_is_listed():
    missing = names() - {route.name for route in LISTED}
    assert not missing, f"list these in tests/<room>/routes.py: {sorted(missing)}"


def test_nothing_listed_is_gone():
    assert not {route.name for route in LISTED} - names()


class Undo(Exception):
    """Rolls back what a probe changed."""


def answer(client: Client, route: Route, url: str, world) -> int:
    """The status of one probe, its effects undone; a redirect to sign-in counts as 401."""
    data = route.data(world)
    try:
        with transaction.atomic():
            response = getattr(client, route.method.lower())(url, data)
            status = response.status_code
            if status == 302 and "/accounts/login" in response["Location"]:
                status = 401
            raise Undo
    except Undo:
        return status


@pytest.mark.parametrize("route", LISTED, ids=lambda r: f"{r.method} {r.name}")
def test_matrix(furnished, route: Route):
    url = reverse(route.name, kwargs=route.args(furnished))
    wrong = []
    for role in (*ROLES, "anonymous"):
        client = Client() if role == "anonymous" else furnished.client(role)
        status = answer(client, route, url, furnished)
        through = status not in (401, 403, 404, 405)
        if role in route.allow:
            ok = through
        elif role == "anonymous":
            ok = status in (401, 403, 404)
        else:
            ok = status == route.denied
        if not ok or status >= 500:
            wrong.append(f"{role}: {status}")
    assert not wrong, f"{route.method} {url}: {wrong}"


@pytest.mark.parametrize("route", [r for r in LISTED if r.grow], ids=lambda r: r.name)
def test_query_budget(furnished, route: Route):
    """A list costs the same with twenty rows more, and at most fifteen queries."""
    role = "auditor" if "auditor" in route.allow else sorted(route.allow - {"anonymous"})[0]
    client, url = furnished.client(role), reverse(route.name, kwargs=route.args(furnished))
    client.get(url)
    before = count(client, url)
    route.grow(furnished)
    after = count(client, url)
    assert after <= BUDGET, f"{url}: {after} queries"
    assert after <= before + 1, f"{url}: {before} queries became {after} with twenty rows more"


def count(client: Client, url: str) -> int:
    """Queries of one GET that must succeed."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)
