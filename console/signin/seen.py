"""When and from where a session was last used, for its owner's list."""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse

#: How exact "last seen" is: one write per session in this many seconds, not one per request.
EVERY = 60
KEY = "seen_at"


class SeenMiddleware:
    """As allauth's middleware, without a write for every page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Note the session now and then, then go on."""
        due = time.time() - request.session.get(KEY, 0) > EVERY if request.session.session_key else False
        if due and request.user.is_authenticated:
            request.session[KEY] = time.time()
            UserSession.objects.create_from_request(request)
        return self.get_response(request)
