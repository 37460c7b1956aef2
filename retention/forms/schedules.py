"""Forms of retention schedules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.vocabulary import DataClass
from retention.forms.fields import TenantChoice, area
from retention.services.schedules import MOST_DAYS
from retention.vocabulary import Basis


class ScheduleForm(forms.Form):
    """How long one class of data is kept, for one tenant or for all, and on what it rests."""

    tenant = TenantChoice(
        label=_("For"), required=False, empty_label=_("Every tenant without a schedule of its own"),
        help_text=_("A tenant’s own schedule goes before the default."),
    )  # fmt: skip
    data_class = forms.ChoiceField(label=_("Class of data"), choices=DataClass.choices)
    keep_days = forms.IntegerField(
        label=_("Kept for how many days"), min_value=1, max_value=MOST_DAYS,
        help_text=_("From the day the data came in, while an agreement runs. A year has 365."),
    )  # fmt: skip
    basis = forms.ChoiceField(label=_("Legal basis"), choices=Basis.choices)
    basis_text = forms.CharField(
        label=_("On what it rests"), max_length=500, widget=area(),
        help_text=_("The law with its section, the clause of the agreement, or the interest, in a sentence."),
    )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        got = self.cleaned_data
        tenant = got["tenant"]
        return {name: got[name] for name in ("data_class", "keep_days", "basis", "basis_text")} | {
            "tenant_id": tenant.id if tenant else None
        }


class ScheduleFilter(forms.Form):
    """Which tenants' schedules."""

    q = forms.CharField(
        label=_("Tenant"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )

    def words(self) -> str:
        """What the tenant's name or key holds."""
        self.is_valid()
        return str(getattr(self, "cleaned_data", {}).get("q", ""))
