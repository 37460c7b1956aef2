"""Erasing the names of somebody who left from the audit log."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from governance.authority import Right
from governance.forms import NameErasureForm
from governance.http import attempt, key_options, page, status_of
from governance.queries.people import get_person
from governance.services.erasures import begin_erasure, erase_with_factor, kept_names


@require_http_methods(["GET", "POST"])
@page(Right.ERASE_NAMES)
def names_erase(request: Any, person_id: uuid.UUID) -> HttpResponse:
    """What erasing does and does not do; then it is done, with the e-mail typed out and a second factor."""
    person = get_person(person_id)
    form = NameErasureForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        erased = attempt(
            form,
            lambda: erase_with_factor(actor=request.actor, person_id=person_id, email=given["email"], given=given),
        )
        if erased is not None:
            words = ngettext("%(n)s name left the audit log.", "%(n)s names left the audit log.", erased)
            messages.success(request, words % {"n": erased})
            return redirect("governance:person_read", person_id=person_id)
    context = {"form": form, "person": person, "kept": kept_names(person_id)}
    return render(request, "governance/people/erase_names.html", context, status=status_of(form))


@require_POST
@page(Right.ERASE_NAMES)
def names_erase_begin(request: Any, person_id: uuid.UUID) -> HttpResponse:
    """The security key's challenge for erasing exactly this person's names, as JSON; or ``error``, in words."""
    form = NameErasureForm(request.POST, with_key=True)
    return key_options(
        form, lambda: begin_erasure(actor=request.actor, person_id=person_id, email=form.cleaned_data["email"])
    )
