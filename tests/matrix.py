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
class Mutant:
    """A rule taken out (``old`` → ``new`` in ``path``) that ``test`` must notice."""

    rule: str
    path: str
    old: str
    new: str
    test: str
