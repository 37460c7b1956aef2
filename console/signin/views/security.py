"""One's own second factors, recovery codes, password and sessions."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from auditlog.actors import Actor
from console.signin.enrolling import seed_page
from console.signin.enrolment_links import forget_link, kept_link, link_first
from console.signin.forms import AuthenticatorForm, ChangePasswordForm, RenameForm, SecurityKeyForm
from console.signin.limits import limited
from console.signin.step_ups import ask_step_up, kept_step_up, step_up_first, step_up_if_enrolled
from console.signin.views.second_factor import answer_of, options_or_refusal
from governance.http import SignedInRequest, attempt, page, status_of
from governance.models import Authenticator, Person, RecoveryCode, SecurityKey
from governance.services.devices import (
    CHANGE_DEVICES,
    confirm_authenticator,
    has_second_factor,
    issue_recovery_codes,
    remove_device,
    rename_device,
)
from governance.services.security_keys import begin_security_key, finish_security_key
from governance.services.sign_ins import END_SESSIONS, change_password, end_other_sessions, end_session

FEW_CODES = 3


def devices_of(actor: Actor) -> list[Authenticator | SecurityKey]:
    """The actor's confirmed devices, oldest first."""
    found = [*Authenticator.objects.filter(user_id=actor.id, confirmed=True)]
    found += [*SecurityKey.objects.filter(user_id=actor.id, confirmed=True)]
    return sorted(found, key=lambda device: device.created_at)


def own(actor: Actor, device_id: uuid.UUID) -> Authenticator | SecurityKey:
    """One of them, or 404."""
    for device in devices_of(actor):
        if device.id == device_id:
            return device
    raise Http404


def device_step_up_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A step-up first, except for somebody whose provider verified them and who has no device here yet."""

    @functools.wraps(view)
    def wrapped(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return step_up_if_enrolled(request, CHANGE_DEVICES) or view(request, *args, **kwargs)

    return wrapped


@never_cache
@page()
def security(request: SignedInRequest) -> HttpResponse:
    """The person's devices, recovery codes and password."""
    left = RecoveryCode.objects.filter(person_id=request.actor.id, used_at=None).count()
    devices = devices_of(request.actor)
    person = Person.objects.get(pk=request.actor.id)
    context = {
        "devices": [(device, isinstance(device, SecurityKey)) for device in devices],
        "codes_left": left,
        "few": bool(devices) and left < FEW_CODES,
        "has_password": person.has_usable_password(),
        "identities": person.identities.all(),
    }
    return render(request, "console/signin/security.html", context)


@never_cache
@page()
@link_first
@device_step_up_first
@require_http_methods(["GET", "POST"])
def authenticator_add(request: SignedInRequest) -> HttpResponse:
    """Add an authenticator app."""
    form, first = AuthenticatorForm(request.POST or None), not has_second_factor(request.actor.id)
    if form.is_valid():
        given = form.cleaned_data
        confirm = functools.partial(
            confirm_authenticator, actor=request.actor, device_id=given["device"], code=given["code"],
            name=given["name"], step_up_id=kept_step_up(request, CHANGE_DEVICES), link=kept_link(request),
        )  # fmt: skip
        if attempt(form, confirm):
            return added(request, first)
    return render(
        request, "console/signin/authenticator_add.html", seed_page(request.actor, form), status=status_of(form)
    )


def added(request: SignedInRequest, first: bool) -> HttpResponse:
    """Back to the list; the very first device brings recovery codes."""
    forget_link(request)
    if first and not RecoveryCode.objects.filter(person_id=request.actor.id).exists():
        codes = issue_recovery_codes(actor=request.actor)
        return render(request, "console/signin/recovery_codes.html", {"codes": codes, "onward": "signin:security"})
    messages.success(request, _("Added. You can sign in and sign with it from now on."))
    return redirect("signin:security")


@never_cache
@page()
@link_first
@device_step_up_first
@require_http_methods(["GET", "POST"])
def key_add(request: SignedInRequest) -> HttpResponse:
    """Add a security key or passkey."""
    form, first = SecurityKeyForm(request.POST or None), not has_second_factor(request.actor.id)
    if form.is_valid():
        given = form.cleaned_data
        finish = functools.partial(
            finish_security_key, actor=request.actor, name=given["name"],
            step_up_id=kept_step_up(request, CHANGE_DEVICES), link=kept_link(request),
        )  # fmt: skip
        if attempt(form, lambda: finish(response=answer_of(given["assertion"]))):
            return added(request, first)
    return render(request, "console/signin/key_add.html", {"form": form}, status=status_of(form))


@never_cache
@page()
@link_first
@require_POST
def key_add_ask(request: SignedInRequest) -> HttpResponse:
    """Begin adding a security key."""
    return options_or_refusal(lambda: begin_security_key(actor=request.actor))


@never_cache
@page()
@require_http_methods(["GET", "POST"])
def device_rename(request: SignedInRequest, device_id: uuid.UUID) -> HttpResponse:
    """Rename one of one's own devices."""
    device = own(request.actor, device_id)
    form = RenameForm(request.POST or None, initial={"name": device.name})
    if form.is_valid():
        name = form.cleaned_data["name"]
        if attempt(form, lambda: rename_device(actor=request.actor, device_id=device_id, name=name)):
            return redirect("signin:security")
    return render(
        request, "console/signin/device_rename.html", {"form": form, "device": device}, status=status_of(form)
    )


@never_cache
@page()
@require_http_methods(["GET", "POST"])
def device_remove(request: SignedInRequest, device_id: uuid.UUID) -> HttpResponse:
    """Remove one of one's own devices, never the last; a stranger's is not found before anything is asked."""
    device = own(request.actor, device_id)
    if ask := ask_step_up(request, CHANGE_DEVICES):
        return ask
    if request.method == "POST":
        step_up_id = kept_step_up(request, CHANGE_DEVICES)
        remove_device(actor=request.actor, device_id=device_id, step_up_id=step_up_id)
        messages.success(request, _("Removed. It signs nobody in any more."))
        return redirect("signin:security")
    last = len(devices_of(request.actor)) == 1
    return render(request, "console/signin/device_remove.html", {"device": device, "last": last})


@never_cache
@page()
@step_up_first(CHANGE_DEVICES)
@require_http_methods(["GET", "POST"])
def codes_renew(request: SignedInRequest) -> HttpResponse:
    """Ten new recovery codes; the old ones stop working."""
    if request.method == "POST":
        codes = issue_recovery_codes(actor=request.actor, step_up_id=kept_step_up(request, CHANGE_DEVICES))
        return render(request, "console/signin/recovery_codes.html", {"codes": codes, "onward": "signin:security"})
    return render(request, "console/signin/codes_renew.html")


@never_cache
@page()
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("old", "password1", "password2")
@limited("change_password")
def password_change(request: SignedInRequest) -> HttpResponse:
    """Change one's password; every other session ends."""
    form = ChangePasswordForm(request.POST or None)
    if form.is_valid():
        given, key = form.cleaned_data, request.session.session_key or ""
        change = functools.partial(
            change_password, actor=request.actor, old=given["old"], new=given["password1"], session_key=key
        )
        person = attempt(form, change)
        if person:
            update_session_auth_hash(request, person)
            messages.success(request, _("Your password is changed. Everywhere else you are signed out."))
            return redirect("signin:security")
    return render(request, "console/signin/password_change.html", {"form": form}, status=status_of(form))


@never_cache
@page()
def session_list(request: SignedInRequest) -> HttpResponse:
    """Where one is signed in."""
    rows = UserSession.objects.filter(user_id=request.actor.id).order_by("-last_seen_at")
    return render(request, "console/signin/session_list.html", {"sessions": [row for row in rows if row.exists()]})


@never_cache
@page()
@require_http_methods(["GET", "POST"])
def session_end(request: SignedInRequest, session_id: int) -> HttpResponse:
    """Sign one of one's own sessions out, confirmed first; a stranger's is not found before anything is asked."""
    row = get_object_or_404(UserSession, pk=session_id, user_id=request.actor.id)
    if ask := step_up_if_enrolled(request, END_SESSIONS):
        return ask
    if request.method == "POST":
        end_session(actor=request.actor, user_session_id=session_id, step_up_id=kept_step_up(request, END_SESSIONS))
        messages.success(request, _("That session has ended."))
        return redirect("signin:session_list")
    return render(request, "console/signin/session_end.html", {"session": row})


@never_cache
@page()
@require_http_methods(["GET", "POST"])
def sessions_end(request: SignedInRequest) -> HttpResponse:
    """Sign out everywhere, here too, confirmed first."""
    if ask := step_up_if_enrolled(request, END_SESSIONS):
        return ask
    if request.method == "POST":
        end_other_sessions(actor=request.actor, step_up_id=kept_step_up(request, END_SESSIONS))
        request.session.flush()
        messages.success(request, _("You are signed out everywhere."))
        return redirect("account_login")
    return render(request, "console/signin/session_end.html")
