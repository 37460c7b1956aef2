"""Lines of the process's log about signing in: who tried, with what, from where, and how it ended.

Never a password, a code or a key's answer. Somebody we know stands there by id; what a stranger typed as their address
(which may be a password in the wrong field) only as a keyed digest, enough to see that two lines are about the same.
"""

from __future__ import annotations

import uuid
from typing import Any

import structlog
from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

from governance.sealing import keyed_digest

logger = structlog.get_logger(__name__)

TYPED = "address typed at sign-in"


def client_address(request: HttpRequest) -> str:
    """The client's address as the rate limits see it: what ``TRUSTED_PROXIES`` proxies of ours say, else the peer.

    Whatever a client writes into ``X-Forwarded-For`` stands before what our proxies add, and is not read.
    """
    try:
        address: str = get_adapter(request).get_client_ip(request)
    except (ImproperlyConfigured, PermissionDenied):
        return "unknown"
    return address


def note_success(request: HttpRequest, event: str, *, person_id: uuid.UUID, **facts: Any) -> None:
    """Somebody proved who they are; ``facts`` name the factors."""
    logger.info(event, address=client_address(request), person_id=str(person_id), **facts)


def note_failure(
    request: HttpRequest | None,
    event: str,
    *,
    why: str,
    person_id: uuid.UUID | None = None,
    typed: str = "",
    **facts: Any,
) -> None:
    """A try that failed; ``typed`` is what a stranger gave as their address."""
    who = {"person_id": str(person_id)} if person_id else {"typed_digest": digest_of_typed(typed)} if typed else {}
    address = client_address(request) if request is not None else "unknown"
    logger.warning(event, address=address, why=why, **who, **facts)


def digest_of_typed(typed: str) -> str:
    """The same for the same address, and nothing anybody could guess back without our key."""
    return keyed_digest(typed.strip().lower(), purpose=TYPED)[:16]
