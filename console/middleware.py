"""Who asks: resolved once for each request."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from governance.authority import actor_for_request


class ActorMiddleware:
    """Sets ``request.actor`` (``None`` for strangers) and the request id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Resolve the actor, then go on."""
        request.actor = actor_for_request(request)  # type: ignore[attr-defined]
        return self.get_response(request)
