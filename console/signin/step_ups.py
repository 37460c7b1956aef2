"""A second factor confirmed on its own page, kept in the session until the verb that needs it."""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import StepUp
from governance.services.devices import CHANGE_DEVICES, has_second_factor
from governance.services.sign_ins import END_SESSIONS
from governance.services.stepups import MINUTES

#: What the page may be asked to confirm, in words; nothing else gets a step-up there.
PURPOSES: dict[str, Any] = {CHANGE_DEVICES: _("change your second factors"), END_SESSIONS: _("end sessions of yours")}
#: For these the password is asked for too, of whoever signs in with one: a borrowed phone changes no factors.
WITH_PASSWORD = frozenset({CHANGE_DEVICES})
KEY = "step_ups"


def keep_step_up(request: HttpRequest, step_up: StepUp) -> None:
    """Remember a step-up for the verb that follows."""
    request.session[KEY] = {**request.session.get(KEY, {}), step_up.purpose: str(step_up.id)}


def kept_step_up(request: HttpRequest, purpose: str) -> uuid.UUID | None:
    """The id of an unused, fresh step-up of this session; the service decides again when it is spent."""
    kept = request.session.get(KEY, {}).get(purpose)
    fresh = timezone.now() - dt.timedelta(minutes=MINUTES)
    usable = StepUp.objects.filter(
        pk=kept, person_id=request.actor.id, session_id=request.actor.session_id, used_at=None, at__gt=fresh  # type: ignore[attr-defined]
    )  # fmt: skip
    return uuid.UUID(kept) if kept and usable.exists() else None


def ask_step_up(request: HttpRequest, purpose: str) -> HttpResponse | None:
    """The way to the step-up page and back here, unless one for ``purpose`` is at hand."""
    if kept_step_up(request, purpose) is not None:
        return None
    return redirect(f"{reverse('signin:step_up')}?{urlencode({'for': purpose, 'next': request.path})}")


def step_up_if_enrolled(request: HttpRequest, purpose: str) -> HttpResponse | None:
    """As :func:`ask_step_up`, but not of somebody whose provider verified them and who has no factor here."""
    return ask_step_up(request, purpose) if has_second_factor(request.actor.id) else None  # type: ignore[attr-defined]


def step_up_first(purpose: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Send people to the step-up page before a view that needs one, and bring them back."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return ask_step_up(request, purpose) or view(request, *args, **kwargs)

        return wrapped

    return decorate
