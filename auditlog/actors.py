"""Who acts. Every service takes one of these and nothing else to know its caller."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

ActorKind = Literal["person", "service_account", "job", "respondent"]
Source = Literal["web", "api", "task", "command"]


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role the actor holds now; ``tenant_id``/``site_id`` ``None`` means every one."""

    role: str
    tenant_id: uuid.UUID | None = None
    site_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks for a change, from where, and how they proved who they are.

    Built for each request from the database (I06: a role change counts from the next
    request), never from a session's memory. ``verified_at`` is when a second factor was last
    verified in this session (UTC), ``method`` how (``totp``, ``security_key``,
    ``recovery_code``, ``idp``). A ``job`` acts on its own account for what time brings (an
    expiry), holds no role, and signs nothing (I11); work that a person started keeps that
    person in ``acting_for``. A ``service_account`` holds no role either: it may do what its
    ``scopes`` name, for ``bound_tenant_id`` only (``None``: for every tenant).
    """

    kind: ActorKind
    id: uuid.UUID
    label: str
    source: Source
    request_id: str
    roles: frozenset[HeldRole] = field(default=frozenset())
    acting_for: uuid.UUID | None = None
    verified_at: dt.datetime | None = None
    method: str = ""
    session_id: str = ""
    scopes: frozenset[str] = frozenset()
    bound_tenant_id: uuid.UUID | None = None

    @property
    def is_person(self) -> bool:
        """Whether a human being is behind this."""
        return self.kind == "person"

    def holds(self, *roles: str, tenant_id: uuid.UUID | None = None, site_id: uuid.UUID | None = None) -> bool:
        """Whether any of ``roles`` is held for this tenant and site (a role without a scope covers all)."""
        return any(
            held.role in roles and held.tenant_id in (None, tenant_id) and held.site_id in (None, site_id)
            for held in self.roles
        )

    def holds_any(self, roles: Collection[str]) -> bool:
        """Whether any of ``roles`` is held, for whatever tenant."""
        return any(held.role in roles for held in self.roles)


JOBS = uuid.uuid5(uuid.NAMESPACE_URL, "countersign:jobs")


def job_actor(name: str, *, request_id: str = "", acting_for: uuid.UUID | None = None) -> Actor:
    """The actor of a periodic or background job called ``name``."""
    return Actor(
        kind="job",
        id=uuid.uuid5(JOBS, name),
        label=name,
        source="task",
        request_id=request_id or f"job-{uuid.uuid4()}",
        acting_for=acting_for,
    )
