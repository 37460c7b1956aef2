"""Between a request and the review room: verbs that come back to their page."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect


def verb_of(
    url_name: str, argument: str
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A view for POST alone; somebody who comes back from signing in with a GET finds the page it belongs to."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method != "POST":
                return redirect(url_name, kwargs[argument])
            return view(request, *args, **kwargs)

        return wrapped

    return decorate


item_verb = verb_of("reviews:item_read", "item_id")
queue_verb = verb_of("reviews:queue_read", "queue_id")


def id_in(text: Any) -> uuid.UUID | None:
    """The id that somebody typed or a form sent, if it is one."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None


def own_path(request: HttpRequest, fallback: str) -> HttpResponse:
    """Back to the list the verb was used on: only ever an address of this room."""
    wanted = request.POST.get("next", "")
    return redirect(
        wanted if wanted.startswith("/reviews/") and "\\" not in wanted and "\n" not in wanted else fallback
    )
