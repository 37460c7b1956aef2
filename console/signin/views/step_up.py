"""The step-up page: confirm a second factor for one purpose, then go on."""

from __future__ import annotations

import functools

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from auditlog.actors import Actor
from console.signin.forms import SecondFactorForm
from console.signin.limits import limited
from console.signin.oidc import safe_next
from console.signin.step_ups import PURPOSES, keep_step_up
from console.signin.views.second_factor import answer_of, options_or_refusal
from governance.http import SignedInRequest, attempt, page, status_of
from governance.models import SecurityKey, StepUp
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
    """Confirm the second factor for ``?for=`` and go on to ``?next=``."""
    purpose, form = purpose_of(request), SecondFactorForm(request.POST or None)
    if form.is_valid():
        confirmed = attempt(form, functools.partial(confirm, request.actor, form, purpose))
        if confirmed:
            keep_step_up(request, confirmed)
            return redirect(safe_next(request) or "signin:security")
    has_key = SecurityKey.objects.filter(user_id=request.actor.id).exists()
    context = {"form": form, "words": PURPOSES[purpose], "purpose": purpose, "has_key": has_key}
    return render(request, "console/signin/step_up.html", context, status=status_of(form))


def confirm(actor: Actor, form: forms.Form, purpose: str) -> StepUp:
    """The step-up, by key or by code."""
    if form.cleaned_data.get("assertion"):
        return finish_key_step_up(actor=actor, purpose=purpose, response=answer_of(form.cleaned_data["assertion"]))
    return step_up_with_code(actor=actor, code=form.cleaned_data["code"], purpose=purpose)


@never_cache
@page()
@require_POST
@limited("second_factor")
def step_up_ask(request: SignedInRequest) -> HttpResponse:
    """Begin a security key's step-up."""
    purpose = purpose_of(request)
    return options_or_refusal(lambda: begin_key_step_up(actor=request.actor, purpose=purpose))
