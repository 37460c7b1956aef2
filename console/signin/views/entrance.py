"""In and out: password, sign-out, a forgotten password, an invitation."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.core.internal.ratelimit import RateLimitUsage, consume, respond_429
from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from auditlog.actors import Actor, job_actor
from auditlog.errors import NotFoundError
from console.signin.adapters import INVITATION
from console.signin.attempts import note_failure
from console.signin.enrolment_links import keep_link, kept_link
from console.signin.forms import NewPasswordForm, ResetForm, SignInForm
from console.signin.limits import limited
from console.signin.oidc import safe_next
from console.signin.providers import app_of, enabled_providers
from console.signin.seen import ended_because
from console.signin.stage import actor_signing_in
from governance.http import attempt, status_of
from governance.models import Invitation
from governance.services.invitations import accept_invitation, request_password_reset
from governance.services.links import find_link
from governance.services.sign_ins import record_sign_out

#: Answers that must not tell who has an account take whole multiples of this long, in seconds.
GRAIN = 0.25


@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password")
@limited("login")
def login(request: HttpRequest) -> HttpResponse:
    """Ask for e-mail and password, or send people to their provider."""
    if getattr(request, "actor", None) is not None:
        return redirect(safe_next(request) or "/")
    form = SignInForm(request.POST or None)
    if form.is_valid():
        response = sign_in(request, form)
        if response is not None:
            return response
    return render(request, "console/signin/login.html", entrance(request, form), status=status_of(form))


def sign_in(request: HttpRequest, form: SignInForm) -> HttpResponse | None:
    """Check the password (throttled by address and place) and go on to the second factor."""
    usage = consume_try(request, form.cleaned_data["email"])
    if not usage:
        note_failure(request, "signin.throttled", factor="password", why="rate", typed=form.cleaned_data["email"])
        too_many: HttpResponse = respond_429(request)
        return too_many
    email = form.cleaned_data["email"]
    person = authenticate(request, email=email, password=form.cleaned_data["password"])
    if person is None:
        form.add_error(None, _("E-mail and password do not match. Nothing else is wrong; try again."))
        return None
    usage.rollback()
    onward = Login(user=person, redirect_url=safe_next(request))
    response: HttpResponse = perform_password_login(request, {"email": email}, onward)
    return response


def consume_try(request: HttpRequest, email: str) -> RateLimitUsage | None:
    """One failed try, for an address *from one place*: nobody can lock somebody else out by guessing."""
    key = f"{get_adapter(request).get_client_ip(request)}:{email.lower()}"
    usage: RateLimitUsage | None = consume(request, app="allauth.account", action="login_failed", key=key)
    return usage


def entrance(request: HttpRequest, form: SignInForm) -> dict[str, Any]:
    """What the sign-in page shows: the form, and a button for each provider."""
    onward = safe_next(request)
    kwargs = {"next": onward} if onward else {}
    apps = [app_of(row) for row in enabled_providers()]
    buttons = [(app.name, app.get_provider(request).get_login_url(request, **kwargs)) for app in apps]
    return {"form": form, "providers": buttons, "next": onward, "ended": ended_because(request.session)}


@never_cache
@require_http_methods(["GET", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """Sign out on POST; a mere link asks first."""
    if request.method == "GET" and request.user.is_authenticated:
        return render(request, "console/signin/logout.html")
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None:
        record_sign_out(actor=actor)
    get_adapter(request).logout(request)
    return redirect("account_login")


@never_cache
@require_http_methods(["GET", "POST"])
@limited("reset_password")
def reset_password(request: HttpRequest) -> HttpResponse:
    """Send a link to whoever can use one; the answer is the same for everybody, in words and time."""
    started = time.monotonic()
    form = ResetForm(request.POST or None)
    if not form.is_valid():
        return render(request, "console/signin/reset.html", {"form": form}, status=status_of(form))
    request_password_reset(actor=stranger(request), email=form.cleaned_data["email"])
    elapsed = time.monotonic() - started
    time.sleep(GRAIN - elapsed % GRAIN)
    return render(request, "console/signin/reset_sent.html", {"email": form.cleaned_data["email"]})


def stranger(request: HttpRequest) -> Actor:
    """Somebody nobody knows: the entrance acts, on its own account and with no role (I03)."""
    return job_actor("console.entrance", request_id=getattr(request, "request_id", ""))


@never_cache
@limited("reset_password_from_key", limit_get=True)
def welcome_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address bar; opening a link spends nothing."""
    request.session[INVITATION] = token
    return redirect("signin:welcome")


@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password1", "password2")
def welcome(request: HttpRequest) -> HttpResponse:
    """Set a password by an invitation or reset link, link one's identity at the provider, or go on to enrol."""
    token = request.session.get(INVITATION, "")
    try:
        invitation = find_link(token)
    except NotFoundError as gone:
        request.session.pop(INVITATION, None)
        return render(request, "console/signin/link_gone.html", {"refusal": gone}, status=404)
    if invitation.purpose == Invitation.Purpose.FACTOR:
        keep_link(request, token)
        onward = "signin:authenticator_add" if getattr(request, "actor", None) else "signin:enrolment"
        context = {"person": invitation.person, "onward": onward}
        return render(request, "console/signin/enrolment_open.html", context)
    person, form = invitation.person, NewPasswordForm(request.POST or None)
    offers = entrance(request, SignInForm())["providers"]
    joins_outside = bool(offers) and invitation.purpose == Invitation.Purpose.JOIN and not person.is_break_glass
    if form.is_valid() and not joins_outside:
        password, actor = form.cleaned_data["password1"], actor_signing_in(request, person)
        if attempt(form, lambda: accept_invitation(actor=actor, token=token, password=password)):
            to_enrol = kept_link(request)
            request.session.flush()
            if to_enrol:
                keep_link(request, to_enrol)
            messages.success(request, _("Your password is set. Sign in with it now."))
            return redirect("account_login")
    context = {"form": form, "person": person, "invitation": invitation, "providers": offers if joins_outside else []}
    return render(request, "console/signin/welcome.html", context, status=status_of(form))


def accounts_home(request: HttpRequest) -> HttpResponse:
    """The bare prefix leads to the person's own security page, or to the entrance."""
    return redirect(reverse("signin:security"))
