"""Shape and wording of what the auditor fills in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from auditlog.models import Event
from auditlog.registry import ACTIONS, SUBJECTS
from auditlog.search import Filters, tenant_choices
from auditlog.services.exports import Purpose

ALL = [("", _("All"))]


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class FilterForm(forms.Form):
    """What to look for; every field may stay empty."""

    since = forms.DateField(label=_("From"), required=False, widget=_day())
    until = forms.DateField(label=_("To"), required=False, widget=_day())
    actor = forms.CharField(label=_("Who"), required=False, max_length=120)
    action = forms.ChoiceField(label=_("What happened"), required=False)
    subject_kind = forms.ChoiceField(label=_("To what"), required=False)
    tenant = forms.ChoiceField(label=_("Tenant"), required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), required=False, choices=[*ALL, *Event.Outcome.choices])
    id = forms.UUIDField(
        label=_("Id"), required=False, error_messages={"invalid": _("This is no id. An id looks like 0193…-….")}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        actions = sorted(((action, words) for action, words in ACTIONS.items()), key=lambda pair: str(pair[1]))
        subjects = sorted(((kind, subject.name) for kind, subject in SUBJECTS.items()), key=lambda pair: str(pair[1]))
        self._choose("action", [*ALL, *actions])
        self._choose("subject_kind", [*ALL, *subjects])
        self._choose("tenant", [*ALL, *tenant_choices()])

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def clean(self) -> dict[str, Any]:
        """The range must run forwards."""
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day lies before the first one."))
        return cleaned

    def filters(self) -> Filters:
        """What was asked for; what was not understood is left out and said at its field."""
        found = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        kept = {name: value for name, value in found.items() if value not in (None, "")}
        if "id" in kept:
            kept["id"] = str(kept["id"])
        return Filters(**kept)


class ExportForm(forms.Form):
    """Why part of the log leaves, and in which form."""

    purpose = forms.ChoiceField(
        label=_("What will it be used for?"),
        choices=Purpose.choices,
        widget=forms.RadioSelect,
        help_text=_("The log may be used for these four purposes only. Your answer is recorded in the log."),
        error_messages={"required": _("Choose what the export is for.")},
    )
    format = forms.ChoiceField(
        label=_("Format"), choices=[("csv", "CSV"), ("xlsx", "XLSX (Excel)")], initial="csv", widget=forms.RadioSelect
    )


class BundleForm(forms.Form):
    """Why the whole log leaves, and whether the names go with it."""

    purpose = forms.ChoiceField(
        label=_("What will it be used for?"),
        choices=Purpose.choices,
        widget=forms.RadioSelect,
        help_text=_("The log may be used for these four purposes only. Your answer is recorded in the log."),
        error_messages={"required": _("Choose what the bundle is for.")},
    )
    labels = forms.BooleanField(
        label=_("With the names of people and things"),
        required=False,
        help_text=_("Without them the bundle still verifies, and holds ids and digests only."),
    )
