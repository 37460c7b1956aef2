"""Shape and wording of the service accounts' forms; what may be is decided by the services."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.vocabulary import EnvironmentName, Scope
from tenants.models import Tenant

SCOPES = [(scope.value, f"{scope.label} ({scope.value})") for scope in Scope]


class ServiceAccountForm(forms.Form):
    """A product that calls the API."""

    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("What people call it, such as Maintenance assistant."),
    )  # fmt: skip
    product = forms.SlugField(
        label=_("Product"), max_length=63, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Its name in your systems: small letters, digits, hyphens. It never changes."),
    )  # fmt: skip
    environment = forms.ChoiceField(
        label=_("Environment"), choices=EnvironmentName.choices,
        help_text=_("A product has one account for each environment. It never changes."),
    )  # fmt: skip
    tenant = forms.ModelChoiceField(
        label=_("Tenant"), queryset=Tenant.objects.all(), required=False, empty_label=_("Every tenant"),
        help_text=_("Bound to one tenant, it cannot see that others exist. It never changes."),
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(label=_("It may"), choices=SCOPES, widget=forms.CheckboxSelectMultiple)


class ServiceAccountEditForm(forms.Form):
    """What of a service account may change."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=SCOPES, widget=forms.CheckboxSelectMultiple,
        help_text=_("Counts from its next request."),
    )  # fmt: skip


class TokenForm(forms.Form):
    """How long a new token lives."""

    days = forms.TypedChoiceField(
        label=_("Ends after"), coerce=int, initial=90,
        choices=[(30, _("30 days")), (90, _("90 days")), (180, _("180 days")), (365, _("One year"))],
        help_text=_("Ten days before, every administrator is reminded in My work."),
    )  # fmt: skip


class RotationForm(TokenForm):
    """A new token beside an old one."""

    old_hours = forms.TypedChoiceField(
        label=_("The old one ends"), coerce=int, initial=24,
        choices=[(0, _("At once")), (1, _("In an hour")), (24, _("In a day")), (168, _("In a week"))],
        help_text=_("Until then both work, so that the product can change over without a gap."),
    )  # fmt: skip


class ServiceAccountFilter(forms.Form):
    """Filter of the list."""

    q = forms.CharField(label=_("Name, product or tenant"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("Any state")), ("active", _("Active")), ("disabled", _("Disabled"))],
    )  # fmt: skip
