"""Calls to the API as a product makes them."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from django.urls import reverse

from console.api import api
from governance.api.root import scope_of
from governance.models import ServiceAccount
from governance.services.service_accounts import add_service_account, issue_token


def operations_of_api() -> dict[str, tuple[str, str, str]]:
    """Every operation mounted: id to (method, name of its address, scope)."""
    return {
        operation.operation_id or api.get_openapi_operation_id(operation): (
            operation.methods[0],
            f"api:{path_view.url_name or path_view.operations[0].view_func.__name__}",
            scope_of(operation),
        )
        for bound in api._get_bound_routers()
        for path_view in bound.path_operations.values()
        for operation in path_view.operations
    }


def token_for(world: Any, account: ServiceAccount) -> str:
    """A fresh token of the account."""
    return issue_token(actor=world.actor("administrator"), account_id=account.id, days=1).text


def account_for(world: Any, product: str, scopes: list[str], tenant: Any = None) -> ServiceAccount:
    """A new account."""
    return add_service_account(
        actor=world.actor("administrator"), name=product, product=product, environment="production", scopes=scopes,
        tenant_id=tenant and tenant.id,
    )  # fmt: skip


def call(method: str, address: str, *, token: str = "", body: Any = None, client: Client | None = None, **headers: str):
    """One request; ``headers`` in Python's spelling."""
    if token:
        headers["Authorization"] = f"Bearer {token}"
    sent = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return (client or Client()).generic(method, address, headers=given, **sent)


def address_of(operation_id: str, args: dict[str, Any]) -> tuple[str, str]:
    """Method and address of an operation."""
    method, name, _scope = operations_of_api()[operation_id]
    return method, reverse(name, kwargs=args)
