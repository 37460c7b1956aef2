"""Who asks, resolved once for each request, how they like to see times, and what the answer tells their browser."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from governance.authority import actor_for_request

#: What a page of ours never needs; security keys are the exception.
PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), "
    "midi=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)"
)

#: What a browser forgets at sign-out: pages and pictures it kept, and words typed into forms. Not "cookies", which
#: would reach those of other sites below the same domain; ours end with the session.
FORGOTTEN = '"cache", "storage"'

Handler = Callable[[HttpRequest], HttpResponse]


class ActorMiddleware:
    """Sets ``request.actor`` (``None`` for strangers) and the request id."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Resolve the actor, then go on."""
        request.actor = actor_for_request(request)  # type: ignore[attr-defined]
        if request.actor is not None:  # type: ignore[attr-defined]
            structlog.contextvars.bind_contextvars(actor_id=str(request.actor.id))  # type: ignore[attr-defined]
        return self.get_response(request)


class PreferencesMiddleware:
    """Shows times in the person's zone; kept times are UTC whatever happens here."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate the zone for this request; strangers and zones that no longer exist get UTC."""
        signed_in = getattr(request, "actor", None) is not None
        try:
            zone = zoneinfo.ZoneInfo(request.user.time_zone if signed_in else "UTC")  # type: ignore[union-attr]
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            zone = zoneinfo.ZoneInfo("UTC")
        with timezone.override(zone):
            return self.get_response(request)


class PermissionsPolicyMiddleware:
    """Tells the browser which of its powers no page of ours may use."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the header to every answer."""
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        return response


class CharsetMiddleware:
    """Names the charset of every text and XML, whoever made it: SVG among the static files, metadata for SAML."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add ours where none is named; a file handed out as an attachment is somebody else's text."""
        response = self.get_response(request)
        kind = response.get("Content-Type", "")
        is_text = kind.startswith("text/") or kind.endswith(("+xml", "/xml"))
        if is_text and "charset=" not in kind and not response.get("Content-Disposition", "").startswith("attachment"):
            response["Content-Type"] = f"{kind}; charset={response.charset}"
        return response


class NoStoreMiddleware:
    """What somebody sees who is signed in stays in no cache, unless the page itself says how long it may."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the header to answers for somebody known."""
        response = self.get_response(request)
        if getattr(request, "actor", None) is not None and "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response


class SignOutMiddleware:
    """Tells the browser at sign-out to forget what it kept."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the header to the answer that ends the session."""
        response = self.get_response(request)
        match = request.resolver_match
        if request.method == "POST" and match and match.view_name == "account_logout" and response.status_code == 302:
            response["Clear-Site-Data"] = FORGOTTEN
        return response
