"""Who asks, resolved once for each request, and how they like to see times."""

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
