"""Who may do what: the table of rights from the domain, and the actor of a request."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping
from enum import Enum
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, HeldRole, Source
from auditlog.errors import AuthorityError, NotFoundError
from governance.models import Person, ServiceAccount
from governance.vocabulary import Role


class Right(Enum):
    """One verb of the console; :data:`HOLDERS` says which roles have it."""

    DRAFT_ASSESSMENT = "draft a vendor assessment"
    SIGN_ASSESSMENT = "decide about a vendor assessment"
    RECORD_AGREEMENT = "record agreements and terms"
    READ_VENDORS = "read vendors, services and assessments"
    ADD_EVIDENCE = "add evidence"
    READ_EVIDENCE = "open evidence"
    REVIEW_EVIDENCE = "review evidence for redactions"
    MANAGE_PEOPLE = "add people, ask for roles, set up sign-in"
    READ_PEOPLE = "read who holds which role"
    ERASE_NAMES = "erase the names of people who left from the audit log"
    MANAGE_SERVICE_ACCOUNTS = "keep service accounts and their tokens"
    READ_SERVICE_ACCOUNTS = "read which products call the API, with which scopes"
    PUBLISH_POLICY = "propose who decides about what"
    REGISTER_TENANT = "keep the register of tenants"
    READ_TENANTS = "read the register of tenants"
    DECIDE_REVIEW = "decide about review items of one's tenant and site"
    KEEP_QUEUES = "open review queues, set their rules, move work"
    READ_REVIEWS = "read review items, decisions and figures"
    READ_REVIEW_FIGURES = "read the figures of every reviewer"
    DELETE_DATA = "open, plan and ask for deletions, place and lift holds"
    READ_DELETIONS = "read deletion cases, holds and certificates"
    READ_LOG = "read and export the audit log"
    READ_ADMIN_PAGES = "look at background work"


#: Which roles have a right. Nobody else does (default deny).
HOLDERS: dict[Right, tuple[Role, ...]] = {
    Right.DRAFT_ASSESSMENT: (Role.VENDOR_ANALYST,),
    Right.SIGN_ASSESSMENT: (Role.SECURITY_APPROVER,),
    Right.RECORD_AGREEMENT: (Role.VENDOR_ANALYST, Role.PRIVACY_OFFICER),
    Right.READ_VENDORS: (
        Role.VENDOR_ANALYST,
        Role.SECURITY_APPROVER,
        Role.PRIVACY_OFFICER,
        Role.AUDITOR,
        Role.ADMINISTRATOR,
    ),
    Right.ADD_EVIDENCE: (Role.VENDOR_ANALYST, Role.PRIVACY_OFFICER, Role.SYSTEM_OWNER),
    Right.READ_EVIDENCE: (Role.VENDOR_ANALYST, Role.SECURITY_APPROVER, Role.PRIVACY_OFFICER, Role.AUDITOR),
    Right.REVIEW_EVIDENCE: (Role.VENDOR_ANALYST, Role.SECURITY_APPROVER, Role.PRIVACY_OFFICER),
    Right.MANAGE_PEOPLE: (Role.ADMINISTRATOR,),
    Right.READ_PEOPLE: (Role.ADMINISTRATOR, Role.AUDITOR, Role.SECURITY_APPROVER, Role.PRIVACY_OFFICER),
    Right.ERASE_NAMES: (Role.PRIVACY_OFFICER,),
    Right.MANAGE_SERVICE_ACCOUNTS: (Role.ADMINISTRATOR,),
    Right.READ_SERVICE_ACCOUNTS: (Role.ADMINISTRATOR, Role.AUDITOR),
    Right.PUBLISH_POLICY: (Role.SECURITY_APPROVER,),
    Right.REGISTER_TENANT: (Role.ADMINISTRATOR, Role.PRIVACY_OFFICER),
    Right.READ_TENANTS: (Role.ADMINISTRATOR, Role.PRIVACY_OFFICER, Role.AUDITOR),
    Right.DECIDE_REVIEW: (Role.REVIEWER,),
    Right.KEEP_QUEUES: (Role.SYSTEM_OWNER,),
    Right.READ_REVIEWS: (Role.REVIEWER, Role.SYSTEM_OWNER, Role.AUDITOR),
    Right.READ_REVIEW_FIGURES: (Role.SYSTEM_OWNER, Role.AUDITOR),
    Right.DELETE_DATA: (Role.PRIVACY_OFFICER,),
    Right.READ_DELETIONS: (Role.PRIVACY_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR),
    Right.READ_LOG: (Role.AUDITOR,),
    Right.READ_ADMIN_PAGES: (Role.ADMINISTRATOR, Role.AUDITOR),
}

#: Roles that never sign anything, whatever else the person holds (I13).
NEVER_SIGNS = frozenset({Role.ADMINISTRATOR.value, Role.AUDITOR.value})


#: Rights that people hold for a tenant or a site: their pages open to them, and show what lies within.
SCOPED_RIGHTS = frozenset({Right.DECIDE_REVIEW, Right.KEEP_QUEUES, Right.READ_REVIEWS, Right.READ_REVIEW_FIGURES})


def has_right(
    actor: Actor | None, right: Right, *, tenant_id: uuid.UUID | None = None, site_id: uuid.UUID | None = None
) -> bool:
    """Whether the actor holds a role that has ``right`` for this tenant and site, or everywhere.

    Without a tenant, one of :data:`SCOPED_RIGHTS` counts if it is held for any.
    """
    if actor is None:
        return False
    if tenant_id is None and right in SCOPED_RIGHTS:
        return actor.holds_any(HOLDERS[right])
    return actor.holds(*HOLDERS[right], tenant_id=tenant_id, site_id=site_id)


def require(
    actor: Actor, right: Right, *, tenant_id: uuid.UUID | None = None, site_id: uuid.UUID | None = None
) -> None:
    """Refuse with :class:`AuthorityError` unless the actor has ``right``."""
    if not has_right(actor, right, tenant_id=tenant_id, site_id=site_id):
        names = _(" or ").join(str(Role(role).label).lower() for role in HOLDERS[right])
        raise AuthorityError(
            _("This needs the role %(roles)s. Ask somebody who holds it, or ask an administrator for it.")
            % {"roles": names}
        )


def require_scope(actor: Actor, scope: str, *, tenant_id: uuid.UUID | None = None) -> None:
    """Refuse unless the actor is a service account with ``scope``, and not bound to another tenant.

    A thing of another tenant does not exist for it: :class:`NotFoundError`, never "not yours".
    """
    if actor.kind != "service_account" or scope not in actor.scopes:
        raise AuthorityError(
            _("This needs the scope %(scope)s. Ask an administrator to add it to the service account.")
            % {"scope": scope}
        )
    if tenant_id is not None and not is_within_bounds(actor, tenant_id):
        raise NotFoundError(_("There is no such thing for this service account."))


def is_within_bounds(actor: Actor, tenant_id: uuid.UUID) -> bool:
    """Whether a thing of this tenant exists for the actor: always, unless it is bound to another one."""
    return actor.bound_tenant_id in (None, tenant_id)


def roles_of(person: Person) -> frozenset[HeldRole]:
    """The roles a person holds now, read from the database."""
    if not person.is_active:
        return frozenset()
    return frozenset(HeldRole(*row) for row in person.roles.live().values_list("role", "tenant_id", "site_id"))


def actor_for_person(
    person: Person,
    *,
    source: Source,
    request_id: str,
    verified_at: dt.datetime | None = None,
    method: str = "",
    session_id: str = "",
) -> Actor:
    """The actor for a person, with the roles held at this moment (I06)."""
    return Actor(
        kind="person",
        id=person.id,
        label=person.name,
        source=source,
        request_id=request_id,
        roles=roles_of(person),
        verified_at=verified_at,
        method=method,
        session_id=session_id,
    )


def actor_for_account(account: ServiceAccount, *, source: Source, request_id: str) -> Actor:
    """The actor for a service account, with the scopes it has at this moment; the caller knows that it is enabled."""
    return Actor(
        kind="service_account",
        id=account.id,
        label=account.name,
        source=source,
        request_id=request_id,
        scopes=frozenset(account.scopes),
        bound_tenant_id=account.tenant_id,
    )


def session_digest(session_key: str | None) -> str:
    """What is kept of a session key: its SHA-256, hex."""
    return hashlib.sha256((session_key or "").encode()).hexdigest()


class SessionEnd(Enum):
    """Why a session ended by itself."""

    AGE = "age"
    IDLE = "idle"


def session_end(session: Mapping[str, Any]) -> SessionEnd | None:
    """Why nobody acts by this session any more, or ``None``; use moves the idle end on, never the one by age.

    Read are ``signed_in_at`` and ``seen_at`` (POSIX seconds; ``second_factor_at`` where they are missing) against
    ``SESSION_COOKIE_AGE`` and ``SESSION_IDLE`` (seconds). A session in which nobody is signed in has no such end.
    """
    signed_in = session.get("signed_in_at") or session.get("second_factor_at")
    if not signed_in:
        return None
    now = timezone.now().timestamp()
    if now - signed_in >= settings.SESSION_COOKIE_AGE:
        return SessionEnd.AGE
    return SessionEnd.IDLE if now - max(session.get("seen_at", 0), signed_in) >= settings.SESSION_IDLE else None


def actor_for_request(request: HttpRequest) -> Actor | None:
    """The signed-in person with a verified second factor, or ``None``.

    The sign-in stage stores when and how the second factor was given in the session
    (``second_factor_at`` as POSIX seconds, ``second_factor_method``); without it nobody acts,
    nor by a session that is too old or was not used for too long.
    """
    request_id = request.headers.get("X-Request-Id", "")[:64] or str(uuid.uuid4())
    request.request_id = request_id  # type: ignore[attr-defined]
    person = request.user
    if not isinstance(person, Person) or not person.is_active:
        return None
    at = request.session.get("second_factor_at")
    if not at or session_end(request.session):
        return None
    return actor_for_person(
        person,
        source="web",
        request_id=request_id,
        verified_at=dt.datetime.fromtimestamp(at, tz=dt.UTC),
        method=request.session.get("second_factor_method", ""),
        session_id=session_digest(request.session.session_key),
    )


def is_fresh(actor: Actor, minutes: int) -> bool:
    """Whether the actor's last second factor is at most ``minutes`` old (I01)."""
    return actor.verified_at is not None and timezone.now() - actor.verified_at <= dt.timedelta(minutes=minutes)
