"""Filters of the lists."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.vocabulary import DataClass, Purpose
from vendors.models import Finding
from vendors.queries.register import STATES, Wanted
from vendors.vocabulary import Hosting, PlanTier, Severity

ANY = ("", _("Any"))
WITHIN = [ANY, ("30", _("30 days")), ("60", _("60 days")), ("90", _("90 days")), ("365", _("a year"))]


class ServiceFilter(forms.Form):
    """What an analyst looks for."""

    q = forms.CharField(
        label=_("Words"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[ANY, *STATES.items()])
    plan = forms.ChoiceField(label=_("Plan"), required=False, choices=[ANY, *PlanTier.choices])
    hosting = forms.ChoiceField(label=_("Hosting"), required=False, choices=[ANY, *Hosting.choices])
    data_class = forms.ChoiceField(label=_("Approved for"), required=False, choices=[ANY, *DataClass.choices])
    within = forms.ChoiceField(label=_("Ends within"), required=False, choices=WITHIN)

    def wanted(self) -> Wanted:
        """The filter; what is not among the choices counts as any."""
        self.is_valid()
        typed = self.cleaned_data
        return Wanted(
            words=typed.get("q", ""), state=typed.get("state", ""), plan=typed.get("plan", ""),
            hosting=typed.get("hosting", ""), data_class=typed.get("data_class", ""),
            within_days=int(typed["within"]) if typed.get("within") else None,
        )  # fmt: skip


class RegisterFilter(forms.Form):
    """What an employee asks."""

    q = forms.CharField(
        label=_("Which tool, or what for?"), required=False, max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Claude, summarise, transcripts…")}),
    )  # fmt: skip
    data_class = forms.ChoiceField(label=_("With which data?"), required=False, choices=[ANY, *DataClass.choices])
    purpose = forms.ChoiceField(label=_("For which purpose?"), required=False, choices=[ANY, *Purpose.choices])

    def wanted(self) -> Wanted:
        """The question; what is not among the choices counts as any."""
        self.is_valid()
        typed = self.cleaned_data
        return Wanted(
            words=typed.get("q", ""), data_class=typed.get("data_class", ""), purpose=typed.get("purpose", "")
        )


class FindingFilter(forms.Form):
    """Which findings."""

    q = forms.CharField(
        label=_("Words"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[ANY, *Finding.State.choices])
    severity = forms.ChoiceField(label=_("Severity"), required=False, choices=[ANY, *Severity.choices])
