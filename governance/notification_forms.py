"""Shape and wording of the page on which a person chooses what they hear of, and how."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.notification_kinds import choosable


def clock(**attrs: str) -> forms.TimeInput:
    """A field for a time of day."""
    return forms.TimeInput(attrs={"type": "time", **attrs}, format="%H:%M")


class NotificationForm(forms.Form):
    """Quiet hours and the daily e-mail, then one field for each kind."""

    quiet_from = forms.TimeField(label=_("Quiet from"), required=False, widget=clock())
    quiet_until = forms.TimeField(label=_("Quiet until"), required=False, widget=clock())
    daily = forms.BooleanField(label=_("Send me the daily e-mail"), required=False)
    daily_at = forms.TimeField(label=_("Daily e-mail at"), widget=clock(), initial=dt.time(7))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in choosable():
            self.fields[kind.key] = forms.ChoiceField(label=kind.name, choices=kind.channels)

    @property
    def rooms(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The kinds' fields, by room."""
        grouped = groupby(choosable(), key=lambda kind: str(kind.room))
        return [(room, [self[kind.key] for kind in kinds]) for room, kinds in grouped]

    def choices(self) -> dict[str, Any]:
        """As :func:`governance.services.notification_choices.set_notification_choices` takes them."""
        values = dict(self.cleaned_data)
        channels = {kind.key: values.pop(kind.key) for kind in choosable()}
        return {"channels": channels, **values}
