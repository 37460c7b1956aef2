"""Who calls: a service account, by the bearer token it shows. A browser's session never counts here."""

from __future__ import annotations

from typing import Any, ClassVar

import structlog
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from auditlog.actors import Actor
from auditlog.errors import GovernanceError
from governance.api.limits import count_call
from governance.authority import actor_for_account, require_scope
from governance.queries.service_accounts import find_token
from governance.services.service_accounts import note_use


class TokenError(GovernanceError):
    """No token, or one that does not count."""

    code: ClassVar[str] = "TOKEN"
    status: ClassVar[int] = 401


class ApiRequest(HttpRequest):
    """What an operation behind :func:`bearer` gets."""

    actor: Actor


class Bearer(HttpBearer):
    """Lets a service account through whose token counts and whose scopes hold ``scope``; sets ``request.actor``."""

    openapi_description: str = "The token of a service account. An administrator issues it; it is shown once."

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any:
        """The actor behind the ``Authorization`` header."""
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise TokenError(_("Show a service account's token: Authorization: Bearer cs_…"))
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """The account's actor; one answer for a token that is unknown, expired or revoked."""
        found = find_token(token)
        if found is None:
            raise TokenError(_("This token is unknown, has expired or was revoked, or its account is disabled."))
        actor = actor_for_account(found.account, source="api", request_id=request.META.get("HTTP_X_REQUEST_ID", ""))
        request.actor = actor  # type: ignore[attr-defined]
        structlog.contextvars.bind_contextvars(actor_id=str(actor.id))
        count_call(actor.id)
        require_scope(actor, self.scope)
        note_use(found)
        return actor


def bearer(scope: str) -> Bearer:
    """``auth=bearer("review:submit")``: only service accounts with this scope."""
    return Bearer(scope)
