"""Which service account gets through which operation: by default none."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

import pytest
import time_machine
from django.utils import timezone

from governance.services.service_accounts import disable_service_account, get_token, issue_token, revoke_token
from governance.vocabulary import Scope
from tests.calling import account_for, address_of, call, operations_of_api, token_for
from tests.conftest import undone
from tests.listing import operations
from tests.matrix import Operation

pytestmark = pytest.mark.django_db

LISTED = operations()
EACH = pytest.mark.parametrize("operation", LISTED, ids=lambda operation: operation.name)


def test_every_operation_is_listed_with_its_scope():
    mounted = {name: scope for name, (_method, _address, scope) in operations_of_api().items()}
    assert mounted == {operation.name: operation.scope for operation in LISTED}
    assert all(mounted.values()), "an operation is open to everybody"


def test_every_scope_opens_something():
    assert {operation.scope for operation in LISTED} == set(Scope.values)


@pytest.fixture
def request_of(shared_world):
    """Builds an operation's request in a transaction that leaves nothing behind."""
    with undone():

        def build(operation: Operation):
            method, address = address_of(operation.name, operation.args(shared_world))
            query = urlencode(operation.query(shared_world))
            body = operation.body(shared_world) if operation.body else None
            headers = operation.headers(shared_world, body)

            def send(token: str = "", **more):
                return call(
                    method, f"{address}?{query}" if query else address, token=token, body=body, **headers, **more
                )

            return send

        yield build


def is_problem(answer, status: int) -> bool:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    return True


@EACH
def test_the_right_account_gets_through(shared_world, request_of, operation: Operation):
    send = request_of(operation)
    answer = send(token_for(shared_world, operation.caller(shared_world)))
    assert answer.status_code == operation.status, answer.content
    assert answer["Cache-Control"] == "no-store"


@EACH
def test_nobody_else_does(shared_world, request_of, operation: Operation):
    send = request_of(operation)
    assert is_problem(send(), 401)
    assert is_problem(send(Authorization="Basic YTpi"), 401)
    assert is_problem(send("cs_production_" + "A" * 43), 401)
    assert is_problem(send(client=shared_world.browser("administrator")), 401)
    assert "Bearer" in send()["WWW-Authenticate"]
    others = [scope for scope in Scope.values if scope != operation.scope]
    assert is_problem(send(token_for(shared_world, account_for(shared_world, "other-scopes", others))), 403)


@EACH
def test_another_tenants_account_finds_nothing(shared_world, request_of, operation: Operation):
    send = request_of(operation)
    elsewhere = account_for(shared_world, "elsewhere", Scope.values, shared_world.other_tenant)
    answer = send(token_for(shared_world, elsewhere))
    if operation.foreign == 404:
        assert is_problem(answer, 404)
    else:
        assert answer.status_code == operation.foreign
    if operation.hidden:
        own = send(token_for(shared_world, operation.caller(shared_world)))
        assert operation.hidden(shared_world) in own.content.decode()
        assert operation.hidden(shared_world) not in answer.content.decode()


@EACH
def test_i05_an_ended_token_gets_nowhere(shared_world, request_of, operation: Operation):
    """Expired, revoked, or of a disabled account: refused at once, not after a cache has noticed."""
    send, admin = request_of(operation), shared_world.actor("administrator")
    account = account_for(shared_world, "ending", Scope.values)
    first, second, third = (issue_token(actor=admin, account_id=account.id, days=1) for _n in range(3))
    assert send(first.text).status_code not in (401, 403)
    with time_machine.travel(timezone.now() + dt.timedelta(days=1), tick=False):
        assert is_problem(send(first.text), 401)
    revoke_token(actor=admin, token_id=second.token.id)
    assert is_problem(send(second.text), 401)
    assert get_token(third.token.id).state == "active"
    disable_service_account(actor=admin, account_id=account.id)
    assert is_problem(send(third.text), 401)
