"""The style page: every component in its states, drawn with invented content."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from governance.http import page


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=gettext_lazy("Vendor"), help_text=gettext_lazy("The name on its contract."))
    website = forms.URLField(label=gettext_lazy("Website"), required=False, assume_scheme="https")
    tier = forms.ChoiceField(
        label=gettext_lazy("Plan"), choices=[("enterprise", gettext_lazy("Enterprise")), ("team", gettext_lazy("Team"))]
    )
    classes = forms.MultipleChoiceField(
        label=gettext_lazy("Data classes"),
        choices=[("operational", gettext_lazy("Operational")), ("personal", gettext_lazy("Personal"))],
        widget=forms.CheckboxSelectMultiple,
    )
    until = forms.DateField(
        label=gettext_lazy("Valid until"), widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    report = forms.FileField(
        label=gettext_lazy("Report"), required=False, help_text=gettext_lazy("PDF or ZIP, at most 50 MB.")
    )
    note = forms.CharField(label=gettext_lazy("Note"), widget=forms.Textarea, required=False)
    told = forms.BooleanField(label=gettext_lazy("The vendor knows that we ask"), required=False)


@require_safe
@page()
def style_page(request: Any) -> HttpResponse:
    """Every component, for whoever builds the next page or doubts a colour; not on a machine people work with."""
    if not settings.STYLE_PAGE:
        raise Http404
    return render(request, "console/style.html", _samples())


def _samples() -> dict[str, Any]:
    now = timezone.now()
    return {
        "now": now,
        "soon": now + dt.timedelta(hours=20),
        "later": now + dt.timedelta(days=9),
        "past": now - dt.timedelta(days=2),
        "sha": "9f2c4e1ab37d5560c8a1f0e2d4b69788135acdef0429b7c6e8d0f1a2b3c4d5e6",
        "form": SampleForm(),
        "wrong": SampleForm({"name": "", "website": "not an address", "tier": "team"}, auto_id="wrong_%s"),
        "steps": _steps(),
        "tabs": _tabs(),
        "swatches": ("paper", "surface", "ink", "night", "blue", "brass", "ok", "warn", "danger"),
        "bars": [(_("Low"), 14), (_("Medium"), 9), (_("High"), 4), (_("Critical"), 1)],
        "week": list(zip(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), (12, 30, 26, 41, 38, 9, 14), strict=True)),
        "rows": _rows(now),
    }


def _steps() -> list[dict[str, str]]:
    return [
        {"label": _("Draft"), "state": "done", "note": _("Ana Lind")},
        {"label": _("Submitted"), "state": "done", "note": _("3 hours ago")},
        {"label": _("In decision"), "state": "current", "note": _("1 of 2 signatures")},
        {"label": _("Authorised"), "state": "todo", "note": ""},
    ]


def _tabs() -> list[dict[str, Any]]:
    return [
        {"label": _("Summary"), "url": "#tabs", "current": True, "count": None},
        {"label": _("Evidence"), "url": "#tabs", "current": False, "count": 4},
        {"label": _("Findings"), "url": "#tabs", "current": False, "count": 0},
        {"label": _("Timeline"), "url": "#tabs", "current": False, "count": None},
    ]


def _rows(now: dt.datetime) -> list[dict[str, Any]]:
    return [
        {"name": "Claude on Bedrock, eu-central-1", "state": "approved", "risk": "low", "score": 92, "until": now},
        {"name": "Azure OpenAI, Sweden Central", "state": "suspended", "risk": "medium", "score": 71, "until": now},
        {
            "name": "A transcription service with an unusually long name that must wrap and not push the table",
            "state": "draft",
            "risk": "critical",
            "score": 8,
            "until": None,
        },
    ]
