"""The period and the queue of the figures, from the URL."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.actors import Actor
from reviews.queries.figures import CUTS, Wanted
from reviews.queries.scopes import queues_for

DAYS = 90
MOST_DAYS = 3 * 366


def day(label: Any) -> forms.DateField:
    """A day, picked or typed."""
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class FiguresFilter(forms.Form):
    """From, until, and perhaps one queue; what is missing or wrong is the last ninety days, all queues."""

    starts = day(_("From"))
    ends = day(_("Until"))
    queue = forms.ChoiceField(label=_("Queue"), required=False)
    cut = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, query: Any, *, actor: Actor) -> None:
        today = timezone.now().astimezone(dt.UTC).date()
        given = {name: query.get(name) for name in self.base_fields}
        given["starts"] = given["starts"] or (today - dt.timedelta(days=DAYS - 1)).isoformat()
        super().__init__(given | {"ends": given["ends"] or today.isoformat()})
        queues = queues_for(actor)
        self.fields["queue"].choices = [("", _("All queues")), *((str(row.pk), row.name) for row in queues)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A period that begins before it ends, of three years at most."""
        cleaned: dict[str, Any] = super().clean() or {}
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and starts > ends:
            self.add_error("ends", _("The period ends before it begins."))
        elif starts and ends and (ends - starts).days > MOST_DAYS:
            self.add_error("starts", _("At most three years at once."))
        return cleaned

    def wanted(self) -> Wanted:
        """What to show; the last ninety days where the form does not say."""
        today = timezone.now().astimezone(dt.UTC).date()
        valid = self.is_valid()
        read = self.cleaned_data if valid else {}
        cut = str(self.data.get("cut") or "queue")
        return Wanted(
            read.get("starts") or today - dt.timedelta(days=DAYS - 1), read.get("ends") or today,
            read.get("queue") or None, cut if cut in CUTS else "queue",
        )  # fmt: skip
