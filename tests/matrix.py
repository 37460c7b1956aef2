"""How a route is listed for the authorisation matrix: who may, and what the others get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ROLES = (
    "vendor_analyst",
    "security_approver",
    "access_approver",
    "privacy_officer",
    "system_owner",
    "release_approver",
    "reviewer",
    "auditor",
    "administrator",
    "employee",  # signed in, no role
)

EVERYBODY = frozenset(ROLES)


@dataclass(frozen=True)
class Route:
    """One address and method. ``allow`` may also hold ``anonymous``; ``denied`` is what everyone else gets."""

    name: str
    allow: frozenset[str] | set[str]
    method: str = "GET"
    args: Callable[[Any], dict[str, Any]] = field(default=lambda world: {})
    data: Callable[[Any], dict[str, Any]] = field(default=lambda world: {})
    denied: int = 403
    #: Roles that see the row and may not act on it: 403 where a stranger gets ``denied``.
    sees: frozenset[str] | set[str] = frozenset()
    grow: Callable[[Any], None] | None = None


@dataclass(frozen=True)
class Operation:
    """One operation of the API, by its operation id: its scope, a request that succeeds, and whose it is.

    ``headers`` (in Python's spelling) go with the body. ``caller`` gives the service account it succeeds for. ``foreign`` is what an account bound to
    another tenant gets for the same request; for a list, which such an account may well open, it
    is 200 and ``hidden`` is a text of this tenant that must not stand in the answer.
    """

    name: str
    scope: str
    args: Callable[[Any], dict[str, Any]] = field(default=lambda world: {})
    query: Callable[[Any], dict[str, Any]] = field(default=lambda world: {})
    body: Callable[[Any], dict[str, Any]] | None = None
    headers: Callable[[Any, Any], dict[str, str]] = field(default=lambda world, body: {})
    caller: Callable[[Any], Any] = field(default=lambda world: world.account)
    status: int = 200
    foreign: int = 404
    hidden: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Mutant:
    """A rule taken out (``old`` → ``new`` in ``path``) that ``test`` must notice."""

    rule: str
    path: str
    old: str
    new: str
    test: str
