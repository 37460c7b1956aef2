"""Leaving for a provider takes somebody's own click: a link from elsewhere only leads to a page with a button."""

from __future__ import annotations

import functools
import hmac
import secrets
from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

#: In the session, and in the button's address: browsers that do not say where a click came from prove it by this.
ASKED = "signin_asked"
#: What the browser itself says of a click on a page of ours; no page of somebody else's can say it.
OURS = "same-origin"


def was_asked(request: HttpRequest) -> bool:
    """Whether somebody clicked here, on one of our pages."""
    kept, given = str(request.session.get(ASKED, "")), request.GET.get("asked", "")
    return request.headers.get("Sec-Fetch-Site") == OURS or (bool(kept) and hmac.compare_digest(kept, given))


def ask_first(name_of: Callable[[HttpRequest, str], str]) -> Callable[..., Callable[..., HttpResponse]]:
    """Guard a view that leaves for the provider with this short name; ``name_of`` gives its name, or 404."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def wrapped(request: HttpRequest, **slug: str) -> HttpResponse:
            name = name_of(request, *slug.values())
            if was_asked(request):
                request.session.pop(ASKED, None)
                return view(request, **slug)
            return ask(request, name)

        return never_cache(wrapped)

    return decorate


def ask(request: HttpRequest, name: str) -> HttpResponse:
    """The page with the button; the way back is kept."""
    request.session[ASKED] = secrets.token_urlsafe(32)
    onward = {"next": request.GET["next"]} if "next" in request.GET else {}
    url = f"{request.path}?{urlencode({**onward, 'asked': request.session[ASKED]})}"
    return render(request, "console/signin/ask.html", {"name": name, "url": url})
