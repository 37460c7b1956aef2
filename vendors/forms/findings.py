"""Forms of findings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.forms import FactorForm
from governance.models import Person
from vendors.forms.fields import PersonChoice, area, date_input
from vendors.queries.reading import active_people
from vendors.services.findings import FindingDetails
from vendors.vocabulary import Severity


class FindingForm(forms.Form):
    """Something wrong."""

    title = forms.CharField(label=_("What is wrong"), max_length=160)
    severity = forms.TypedChoiceField(label=_("Severity"), choices=Severity.choices, coerce=int, initial=2)
    text = forms.CharField(label=_("Details"), max_length=4000, required=False, widget=area(3))
    clause = forms.CharField(
        label=_("Clause"), max_length=16, required=False, help_text=_("Of the policy, such as L2-38.")
    )
    owner = PersonChoice(label=_("Who mends it"), queryset=Person.objects.none(), empty_label=_("Choose a person"))
    due_on = forms.DateField(label=_("By"), widget=date_input())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = active_people()  # type: ignore[attr-defined]

    def details(self) -> FindingDetails:
        """What was typed."""
        typed = dict(self.cleaned_data)
        owner = typed.pop("owner")
        return FindingDetails(**typed, owner_id=owner.id)


class ResolutionForm(forms.Form):
    """How a finding was mended, or why it is open again."""

    resolution = forms.CharField(label=_("How"), max_length=2000, widget=area(3))


class AcceptanceForm(FactorForm):
    """To live with a risk until a day, and a second factor."""

    reason = forms.CharField(
        label=_("Why we can live with it"), max_length=2000, widget=area(3),
        help_text=_("Kept with your confirmation. An auditor reads it years from now."),
    )  # fmt: skip
    until = forms.DateField(
        label=_("Until"), widget=date_input(), help_text=_("After that day the finding counts as open again.")
    )
    field_order = ("reason", "until", "code")

    def details(self) -> dict[str, Any]:
        """What is accepted, without the factor that confirms it."""
        return {name: self.cleaned_data[name] for name in ("reason", "until")}
