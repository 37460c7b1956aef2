"""The second factor while signing in: check it, or enrol the first one."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from auditlog.actors import Actor
from auditlog.errors import GovernanceError, InvalidInputError
from console.signin.enrolling import seed_page
from console.signin.forms import AuthenticatorForm, SecondFactorForm, SecurityKeyForm
from console.signin.limits import limited
from console.signin.stage import SecondFactorStage, actor_signing_in, keep, pass_stage, stage_of
from governance.http import attempt, status_of
from governance.models import SecurityKey
from governance.services.ceremonies import ask_key, judge_answer
from governance.services.devices import confirm_authenticator, has_second_factor, issue_recovery_codes
from governance.services.second_factors import check_code
from governance.services.security_keys import begin_security_key, finish_security_key

SIGN_IN = "governance.sign_in"


def signing_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a view to a browser at the second-factor stage; everybody else goes to the entrance."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        stage = stage_of(request)
        if stage is None:
            return redirect("account_login")
        return view(request, stage, actor_signing_in(request, stage.login.user), *args, **kwargs)

    return never_cache(wrapped)


def answer_of(text: str) -> dict[str, Any]:
    """A security key's answer out of its hidden field."""
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise InvalidInputError(_("The security key's answer was cut off. Try again."), field="code")
    return answer


def options_or_refusal(ask: Callable[[], dict[str, Any]]) -> JsonResponse:
    """What ``navigator.credentials`` takes, or why not."""
    try:
        return JsonResponse(ask())
    except GovernanceError as refusal:
        return JsonResponse({"error": refusal.message}, status=refusal.status)


@signing_in
@require_http_methods(["GET", "POST"])
@limited("second_factor")
def code_check(request: HttpRequest, stage: SecondFactorStage, actor: Actor) -> HttpResponse:
    """Ask for the second factor; a right one ends the sign-in."""
    if not has_second_factor(actor.id):
        return redirect("signin:enrolment")
    form = SecondFactorForm(request.POST or None)
    if form.is_valid():
        method = attempt(form, functools.partial(check_factor, actor, form))
        if method:
            return pass_stage(request, stage, method)
    context = {"form": form, "has_key": SecurityKey.objects.filter(user_id=actor.id).exists()}
    return render(request, "console/signin/code_check.html", context, status=status_of(form))


def check_factor(actor: Actor, form: forms.Form) -> str:
    """The method that was verified."""
    if form.cleaned_data.get("assertion"):
        judge_answer(actor=actor, purpose=SIGN_IN, response=answer_of(form.cleaned_data["assertion"]))
        return "security_key"
    return check_code(actor=actor, code=form.cleaned_data["code"])


@signing_in
@require_POST
@limited("second_factor")
def key_ask(request: HttpRequest, stage: SecondFactorStage, actor: Actor) -> HttpResponse:
    """Begin a security key's check."""
    return options_or_refusal(lambda: ask_key(actor=actor, purpose=SIGN_IN))


@signing_in
@require_http_methods(["GET", "POST"])
def enrolment(request: HttpRequest, stage: SecondFactorStage, actor: Actor) -> HttpResponse:
    """Enrol an authenticator app; nobody gets further without a second factor."""
    if stage.state.get("enrolled"):
        return redirect("signin:enrolment_finish")
    if has_second_factor(actor.id):
        return redirect("signin:code_check")
    form = AuthenticatorForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        confirm = functools.partial(
            confirm_authenticator, actor=actor, device_id=given["device"], code=given["code"], name=given["name"]
        )
        if attempt(form, confirm):
            return show_codes(request, stage, actor, "totp")
    return render(request, "console/signin/enrolment.html", seed_page(actor, form), status=status_of(form))


@signing_in
@require_http_methods(["GET", "POST"])
def enrolment_key(request: HttpRequest, stage: SecondFactorStage, actor: Actor) -> HttpResponse:
    """Enrol a security key or passkey as the first second factor."""
    if has_second_factor(actor.id):
        return redirect("signin:code_check")
    form = SecurityKeyForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        finish = functools.partial(finish_key, actor, given)
        if attempt(form, finish):
            return show_codes(request, stage, actor, "security_key")
    return render(request, "console/signin/enrolment_key.html", {"form": form}, status=status_of(form))


def finish_key(actor: Actor, given: dict[str, Any]) -> SecurityKey:
    """The key that answered, enrolled."""
    return finish_security_key(actor=actor, response=answer_of(given["assertion"]), name=given["name"])


@signing_in
@require_POST
def enrolment_key_ask(request: HttpRequest, stage: SecondFactorStage, actor: Actor) -> HttpResponse:
    """Begin enrolling a security key."""
    return options_or_refusal(lambda: begin_security_key(actor=actor))


def show_codes(request: HttpRequest, stage: SecondFactorStage, actor: Actor, method: str) -> HttpResponse:
    """The recovery codes, this once; the sign-in goes on when they were kept."""
    stage.state["enrolled"] = method
    keep(request, stage)
    codes = issue_recovery_codes(actor=actor)
    return render(request, "console/signin/recovery_codes.html", {"codes": codes, "onward": "signin:enrolment_finish"})


@signing_in
@require_http_methods(["GET", "POST"])
def enrolment_finish(request: HttpRequest, stage: SecondFactorStage, actor: Actor) -> HttpResponse:
    """The codes were kept: the sign-in that enrolled the device ends."""
    method = stage.state.get("enrolled")
    if not method:
        return redirect("signin:enrolment")
    if request.method == "POST":
        return pass_stage(request, stage, method)
    return render(request, "console/signin/enrolment_finish.html")
