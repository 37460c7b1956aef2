"""How the console looks to one person."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from console.forms import PreferencesForm
from governance.http import attempt, page, status_of
from governance.services.people import set_preferences


@require_http_methods(["GET", "POST"])
@page()
def preferences(request: Any) -> HttpResponse:
    """The actor's own theme and time zone."""
    now = {"theme": request.user.theme, "time_zone": request.user.time_zone}
    form = PreferencesForm(request.POST or None, initial=now)
    if form.is_valid() and _kept(request, form):
        messages.success(request, _("Preferences kept."))
        return redirect("console:preferences")
    context = {"form": form, "has_style_page": settings.STYLE_PAGE}
    return render(request, "console/preferences.html", context, status=status_of(form))


def _kept(request: Any, form: PreferencesForm) -> bool:
    return attempt(form, lambda: set_preferences(actor=request.actor, **form.cleaned_data)) is not None
