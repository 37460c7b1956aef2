"""Shape and wording of the console's own forms."""

from __future__ import annotations

import zoneinfo
from functools import cache

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.models import Person
from outbox.registry import EVENTS

#: Zones people live in; the rest of the database is aliases and fixed offsets.
REGIONS = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


@cache
def zones() -> list[tuple[str, str]]:
    """UTC, then the zones by name, with spaces where the database has underscores."""
    names = sorted(name for name in zoneinfo.available_timezones() if name.startswith(REGIONS))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


class PreferencesForm(forms.Form):
    """Theme and time zone."""

    theme = forms.ChoiceField(
        label=_("Appearance"), choices=Person._meta.get_field("theme").choices or (), widget=forms.RadioSelect
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zones, help_text=_("Times are shown in it; hover over one to see UTC.")
    )


def event_choices() -> list[tuple[str, str]]:
    """Every event a room declared, by name."""
    return [(name, f"{words} ({name})") for name, words in sorted(EVENTS.items())]


class EndpointForm(forms.Form):
    """Where webhooks go, and which."""

    url = forms.CharField(
        label=_("Address"), max_length=500, help_text=_("A public https:// address of the product."),
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/hooks/countersign"}),
    )  # fmt: skip
    events = forms.MultipleChoiceField(
        label=_("Events"), choices=event_choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every event, those of later versions too."),
    )  # fmt: skip
