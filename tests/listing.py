"""Every room's routes and mutants, gathered from tests/<room>/routes.py and tests/<room>/mutants.py."""

from __future__ import annotations

import importlib

from django.urls import URLPattern, URLResolver, get_resolver

from tests.matrix import Mutant, Operation, Route

ROOMS = (
    "console",
    "console.signin",
    "vendors",
    "vendors.questionnaires",
    "reviews",
    "governance",
    "governance.evidence",
    "outbox",
    "auditlog",
    "tenants",
    "retention",
)


def _gather(module: str, name: str) -> list:
    rows = []
    for room in ROOMS:
        try:
            rows += getattr(importlib.import_module(f"tests.{room}.{module}"), name)
        except ModuleNotFoundError as missing:
            if not missing.name or not missing.name.startswith(f"tests.{room}"):
                raise
    return rows


def routes() -> list[Route]:
    """All listed routes."""
    return _gather("routes", "ROUTES")


def operations() -> list[Operation]:
    """All listed operations of the API."""
    return _gather("operations", "OPERATIONS")


def mutants() -> list[Mutant]:
    """All listed mutants."""
    return _gather("mutants", "MUTANTS")


def names(resolver: URLResolver | None = None, prefix: str = "") -> set[str]:
    """Every name in the URLconf (``room:noun_verb``); an address without a name shows as its pattern."""
    found = set()
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            found.add(prefix + (entry.name or f"<unnamed {entry.pattern}>"))
        elif entry.namespace == "api":  # its operations are walked by tests/test_api_matrix.py
            found |= {f"api:{page}" for page in ("api-root", "openapi-json", "openapi-view")}
        else:
            found |= names(entry, prefix + (f"{entry.namespace}:" if entry.namespace else ""))
    return found
