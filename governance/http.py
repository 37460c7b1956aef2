"""Between a request and a service: who may open a page, and how a refusal is shown."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import AuthorityError, GovernanceError, InvalidInputsError
from governance.authority import Right, has_right

T = TypeVar("T")


class SignedInRequest(HttpRequest):
    """A request of somebody whose second factor was verified (what ``page`` hands to a view)."""

    actor: Actor
    request_id: str


class View(Protocol):
    """A view of a signed-in person."""

    def __call__(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request."""
        ...


def page(right: Right | None = None) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """Open a view to signed-in people who have ``right`` (``None``: everybody active).

    Strangers go to the sign-in page and come back; without the right, the 403 page says whom to
    ask. A refusal a service raises and the view does not place on a form becomes a page of its own
    with the refusal's status.
    """

    def decorate(view: View) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor: Actor | None = getattr(request, "actor", None)
            if actor is None:
                return redirect_to_login(request.get_full_path())
            if right is not None and not has_right(actor, right):
                return refusal_page(request, AuthorityError(_("Your roles do not open this page.")))
            try:
                return view(request, *args, **kwargs)
            except GovernanceError as refusal:
                return refusal_page(request, refusal)

        wrapped.right = right  # type: ignore[attr-defined]
        return wrapped

    return decorate


def refusal_page(request: HttpRequest, refusal: GovernanceError) -> HttpResponse:
    """The page for a refusal: what happened, what was kept, what to do."""
    template = {404: "404.html", 403: "403.html"}.get(refusal.status, "refused.html")
    return render(request, template, {"refusal": refusal}, status=refusal.status)


def attempt(form: forms.BaseForm, verb: Callable[[], T]) -> T | None:
    """Call a service; a refusal goes to the form's field (nothing typed is lost) and gives ``None``."""
    try:
        return verb()
    except InvalidInputsError as refusal:
        for field, message in refusal.errors.items():
            _add_error(form, field, message)
    except GovernanceError as refusal:
        if refusal.status == 404:
            raise
        _add_error(form, refusal.field, refusal.message)
    return None


def _add_error(form: forms.BaseForm, field: str | None, message: str) -> None:
    form.add_error(field if field in form.fields else None, message)


def key_options(form: forms.BaseForm, begin: Callable[[], dict[str, Any]]) -> JsonResponse:
    """What the browser asks the security key, as JSON; or ``error``, in words, with the field's name before them."""
    options = attempt(form, begin) if form.is_valid() else None
    if options is not None:
        return JsonResponse(options)
    told = []
    for name, errors in form.errors.items():
        # Whoever reaches for a key is not told about the code's field.
        label = f"{form.fields[name].label}: " if name in form.fields and name != "code" else ""
        told.append(label + " ".join(str(error) for error in errors))
    return JsonResponse({"error": " ".join(told)}, status=422)


def status_of(form: forms.BaseForm) -> int:
    """200 for a fresh form, 422 for one that comes back with errors."""
    return 422 if form.is_bound and form.errors else 200
