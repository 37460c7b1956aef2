"""The second factor while signing in: check it, or enrol the first one."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from auditlog.actors import Actor
from auditlog.errors import GovernanceError, InvalidInputError
from console.signin.attempts import note_failure
from console.signin.enrolling import seed_page
from console.signin.enrolment_links import forget_link, kept_link, link_first_at_stage
from console.signin.forms import AuthenticatorForm, SecondFactorForm, SecurityKeyForm
from console.signin.limits import limited
from console.signin.stage import SecondFactorStage, actor_signing_in, keep, pass_stage, stage_of
from governance.http import attempt, status_of
from governance.models import Authenticator, SecurityKey
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
        method = attempt(form, functools.partial(check_factor, request, actor, form))
        if method:
            return pass_stage(request, stage, method)
    context = {"form": form, "has_key": SecurityKey.objects.filter(user_id=actor.id).exists()}
    return render(request, "console/signin/code_check.html", context, status=status_of(form))


def check_factor(request: HttpRequest, actor: Actor, form: forms.Form) -> str:
    """The method that was verified; a refusal leaves a line in the log."""
    by_key = bool(form.cleaned_data.get("assertion"))
    with noted(request, actor, "signin.failed", by_key=by_key):
        if not by_key:
            return check_code(actor=actor, code=form.cleaned_data["code"])
        judge_answer(actor=actor, purpose=SIGN_IN, response=answer_of(form.cleaned_data["assertion"]))
    return "security_key"


@contextlib.contextmanager
def noted(request: HttpRequest, actor: Actor, event: str, *, by_key: bool) -> Iterator[None]:
    """Write a line when the second factor in this block is refused: with which kind, and why."""
    try:
        yield
    except GovernanceError as refusal:
        factor = "security_key" if by_key else "one_time"
        note_failure(request, event, factor=factor, why=refusal.code.lower(), person_id=actor.id)
        raise


@signing_in
@require_POST
@limited("second_factor")
def key_ask(request: HttpRequest, stage: SecondFactorStage, actor: Actor) -> HttpResponse:
    """Begin a security key's check."""
    return options_or_refusal(lambda: ask_key(actor=actor, purpose=SIGN_IN))


@signing_in
@link_first_at_stage
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
            confirm_authenticator, actor=actor, device_id=given["device"], code=given["code"], name=given["name"],
            link=kept_link(request),
        )  # fmt: skip
        if device := attempt(form, confirm):
            return show_codes(request, stage, actor, device)
    return render(request, "console/signin/enrolment.html", seed_page(actor, form), status=status_of(form))


@signing_in
@link_first_at_stage
@require_http_methods(["GET", "POST"])
def enrolment_key(request: HttpRequest, stage: SecondFactorStage, actor: Actor) -> HttpResponse:
    """Enrol a security key or passkey as the first second factor."""
    if has_second_factor(actor.id):
        return redirect("signin:code_check")
    form = SecurityKeyForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        finish = functools.partial(finish_key, actor, given, kept_link(request))
        if device := attempt(form, finish):
            return show_codes(request, stage, actor, device)
    return render(request, "console/signin/enrolment_key.html", {"form": form}, status=status_of(form))


def finish_key(actor: Actor, given: dict[str, Any], link: str) -> SecurityKey:
    """The key that answered, enrolled."""
    return finish_security_key(actor=actor, response=answer_of(given["assertion"]), name=given["name"], link=link)


@signing_in
@link_first_at_stage
@require_POST
def enrolment_key_ask(request: HttpRequest, stage: SecondFactorStage, actor: Actor) -> HttpResponse:
    """Begin enrolling a security key."""
    return options_or_refusal(lambda: begin_security_key(actor=actor))


def show_codes(
    request: HttpRequest, stage: SecondFactorStage, actor: Actor, device: Authenticator | SecurityKey
) -> HttpResponse:
    """The recovery codes, this once; the sign-in goes on when they were kept."""
    stage.state["enrolled"] = str(device.pk)
    keep(request, stage)
    forget_link(request)
    codes = issue_recovery_codes(actor=actor)
    return render(request, "console/signin/recovery_codes.html", {"codes": codes, "onward": "signin:enrolment_finish"})


@signing_in
@require_http_methods(["GET", "POST"])
def enrolment_finish(request: HttpRequest, stage: SecondFactorStage, actor: Actor) -> HttpResponse:
    """The codes were kept: the sign-in that enrolled the device ends, if the device is still there."""
    method = method_of(actor, stage.state.get("enrolled"))
    if not method:
        stage.state.pop("enrolled", None)
        keep(request, stage)
        return redirect("signin:enrolment")
    if request.method == "POST":
        return pass_stage(request, stage, method)
    return render(request, "console/signin/enrolment_finish.html")


def method_of(actor: Actor, device_id: str | None) -> str:
    """How the device that this sign-in enrolled counts; nothing when it was taken away since, as by a reset."""
    for model, method in ((Authenticator, "totp"), (SecurityKey, "security_key")):
        if device_id and model.objects.filter(pk=device_id, user_id=actor.id, confirmed=True).exists():
            return method
    return ""
