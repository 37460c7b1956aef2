"""The step-up page: confirm a second factor for one purpose, then go on."""

from __future__ import annotations

import functools
from typing import Literal

from allauth.core.internal.ratelimit import RateLimitUsage, consume, respond_429
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from auditlog.errors import GovernanceError
from console.signin.attempts import note_failure
from console.signin.backends import may_use_password
from console.signin.forms import StepUpForm
from console.signin.limits import limited
from console.signin.oidc import safe_next
from console.signin.step_ups import PURPOSES, WITH_PASSWORD, keep_step_up
from console.signin.views.second_factor import answer_of, noted, options_or_refusal
from governance.http import SignedInRequest, attempt, page, status_of
from governance.models import Person, SecurityKey, StepUp
from governance.services.sign_ins import check_own_password
from governance.services.stepups import begin_key_step_up, finish_key_step_up, step_up_with_code


def purpose_of(request: HttpRequest) -> str:
    """What ``?for=`` names, if this page confirms it."""
    purpose = request.GET.get("for", "")
    if purpose not in PURPOSES:
        raise Http404
    return purpose


@never_cache
@page()
@require_http_methods(["GET", "POST"])
@limited("second_factor")
def step_up(request: SignedInRequest) -> HttpResponse:
    """Confirm the second factor, and the password where it is asked for, for ``?for=`` and go on to ``?next=``."""
    purpose = purpose_of(request)
    form = StepUpForm(request.POST or None, with_password=wants_password(request, purpose))
    if form.is_valid():
        usage = consume_guess(request) if "password" in form.fields else None
        if usage is not None and not usage:
            too_many: HttpResponse = respond_429(request)
            return too_many
        confirmed = attempt(form, functools.partial(confirm, request, form, purpose, usage))
        if confirmed:
            keep_step_up(request, confirmed)
            return redirect(safe_next(request) or "signin:security")
    has_key = SecurityKey.objects.filter(user_id=request.actor.id).exists()
    context = {"form": form, "words": PURPOSES[purpose], "purpose": purpose, "has_key": has_key}
    return render(request, "console/signin/step_up.html", context, status=status_of(form))


def wants_password(request: SignedInRequest, purpose: str) -> bool:
    """Whether the password is asked for too: for what it is meant for, of whoever could sign in with one."""
    person = request.user
    return purpose in WITH_PASSWORD and isinstance(person, Person) and signs_in_by_password(person)


def signs_in_by_password(person: Person) -> bool:
    """Whether this person has a password that counts here."""
    return bool(person.has_usable_password()) and may_use_password(person)


def confirm(
    request: SignedInRequest, form: forms.Form, purpose: str, usage: RateLimitUsage | Literal[False] | None = None
) -> StepUp:
    """The step-up, by key or by code, after the password if it is asked for; a refusal leaves a line in the log."""
    actor, assertion = request.actor, form.cleaned_data.get("assertion")
    if usage:
        check_password(request, form.cleaned_data["password"])
        usage.rollback()
    with noted(request, actor, "step_up.failed", by_key=bool(assertion)):
        if assertion:
            return finish_key_step_up(actor=actor, purpose=purpose, response=answer_of(assertion))
        return step_up_with_code(actor=actor, code=form.cleaned_data["code"], purpose=purpose)


def consume_guess(request: SignedInRequest) -> RateLimitUsage | Literal[False]:
    """One try of the person's password, bounded as where it is changed; false: too many."""
    usage: RateLimitUsage | None = consume(request, app="allauth.account", action="change_password", user=request.user)
    return usage or False


def check_password(request: SignedInRequest, password: str) -> None:
    """Refuse a wrong password before a code or key is spent; the log has a line."""
    try:
        check_own_password(actor=request.actor, password=password)
    except GovernanceError:
        note_failure(request, "step_up.failed", factor="password", why="wrong", person_id=request.actor.id)
        raise


@never_cache
@page()
@require_POST
@limited("second_factor")
def step_up_ask(request: SignedInRequest) -> HttpResponse:
    """Begin a security key's step-up."""
    purpose = purpose_of(request)
    return options_or_refusal(lambda: begin_key_step_up(actor=request.actor, purpose=purpose))
