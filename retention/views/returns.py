"""Giving a customer its data back before it is deleted."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from governance.authority import Right
from governance.http import attempt, page, status_of
from retention.forms.returns import ReturnForm
from retention.queries.cases import get_case
from retention.services.returns import ask_return, cancel_return, retry_return

READ = "retention:case_read"


@require_http_methods(["GET", "POST"])
@page(Right.DELETE_DATA)
def case_return(request: Any, case_id: uuid.UUID) -> HttpResponse:
    """Say where the customer wants its data, and begin to write it there."""
    case = get_case(case_id)
    form = ReturnForm(request.POST or None, row=getattr(case, "data_return", None))
    if form.is_valid():
        row = attempt(form, lambda: ask_return(actor=request.actor, case_id=case_id, **form.given()))
        if row is not None:
            messages.success(request, _("The data is being returned. You may leave this page."))
            return redirect(READ, case_id=case_id)
    return render(request, "retention/cases/return.html", {"form": form, "case": case}, status=status_of(form))


@require_POST
@page(Right.DELETE_DATA)
def case_return_retry(request: Any, case_id: uuid.UUID) -> HttpResponse:
    """Go on with a return, once what was in the way is mended."""
    retry_return(actor=request.actor, case_id=case_id)
    messages.success(request, _("The return goes on now."))
    return redirect(READ, case_id=case_id)


@require_POST
@page(Right.DELETE_DATA)
def case_return_cancel(request: Any, case_id: uuid.UUID) -> HttpResponse:
    """Stop a return; what was written stays where it is."""
    cancel_return(actor=request.actor, case_id=case_id)
    messages.success(request, _("The return is stopped. What was written stays where it is."))
    return redirect(READ, case_id=case_id)
