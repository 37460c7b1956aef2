"""When and from where a session was last used, for its owner's list; and its end, by age or for want of use."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import ngettext

from governance.authority import SessionEnd, session_end

log = structlog.get_logger(__name__)

#: How exact "last seen" is: one write per session in this many seconds, not one per request.
EVERY = 60
KEY = "seen_at"
#: In the session that follows an ended one, until somebody signs in: why it ended.
ENDED = "signin_ended"
#: What an open page asks for by itself: nobody need be there, so it is no use of the session.
POLLED = frozenset({"retention:case_progress"})


class SeenMiddleware:
    """As allauth's middleware, without a write for every page, and the end of what is too old."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """End the session or note its use now and then, then go on."""
        if request.session.session_key:
            end = session_end(request.session)
            if end is not None:
                end_here(request, end)
            elif time.time() - request.session.get(KEY, 0) > EVERY and request.user.is_authenticated:
                note_use(request)
        return self.get_response(request)


def end_here(request: HttpRequest, end: SessionEnd) -> None:
    """Take the session away for good; the sign-in page will say why."""
    log.info("session_ended", why=end.value, actor_id=str(request.user.pk or ""))
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    logout(request)
    request.session[ENDED] = end.value


def note_use(request: HttpRequest) -> None:
    """Move the idle end on and update the owner's list, unless the page asked by itself."""
    if is_polled(request):
        return
    request.session[KEY] = time.time()
    UserSession.objects.create_from_request(request)


def is_polled(request: HttpRequest) -> bool:
    """Whether this is one of :data:`POLLED`."""
    try:
        return resolve(request.path_info).view_name in POLLED
    except Resolver404:
        return False


def ended_because(session: Any) -> str:
    """Why the session before this one ended, in words, or nothing."""
    why = session.get(ENDED)
    if why == SessionEnd.IDLE.value:
        n = settings.SESSION_IDLE // 60
        return ngettext("Nothing was done here for %(n)d minute.", "Nothing was done here for %(n)d minutes.", n) % {
            "n": n
        }
    n = settings.SESSION_COOKIE_AGE // 3600
    words = ngettext(
        "A session ends %(n)d hour after signing in.",
        "A session ends %(n)d hours after signing in, however it is used.",
        n,
    )
    return words % {"n": n} if why else ""
