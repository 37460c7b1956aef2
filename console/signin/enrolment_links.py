"""The link that somebody needs to enrol after a reset, kept in the browser's session from opening to enrolling."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from auditlog.actors import Actor
from governance.services.enrolments import awaits_enrolment, may_enrol_by

#: In the session: the token of the enrolment link somebody opened here.
KEY = "signin_enrolment_link"


def keep_link(request: HttpRequest, token: str) -> None:
    """Remember the token; the service judges it when it is spent."""
    request.session[KEY] = token


def kept_link(request: HttpRequest) -> str:
    """The token, or nothing."""
    token: str = request.session.get(KEY, "")
    return token


def forget_link(request: HttpRequest) -> None:
    """It was spent."""
    request.session.pop(KEY, None)


def closed_without_link(request: HttpRequest, actor: Actor) -> HttpResponse | None:
    """The page that says a link is needed, for somebody who was reset and has not opened theirs here."""
    if not awaits_enrolment(actor.id) or may_enrol_by(kept_link(request), actor.id):
        return None
    return render(request, "console/signin/enrolment_closed.html", {"signed_in": bool(request.actor)}, status=403)  # type: ignore[attr-defined]


def link_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Guard a view of a signed-in person that enrols a device."""

    @functools.wraps(view)
    def wrapped(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return closed_without_link(request, request.actor) or view(request, *args, **kwargs)

    return wrapped


def link_first_at_stage(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The same for a view of somebody signing in (inside ``signing_in``)."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, stage: Any, actor: Actor, *args: Any, **kwargs: Any) -> HttpResponse:
        return closed_without_link(request, actor) or view(request, stage, actor, *args, **kwargs)

    return wrapped
