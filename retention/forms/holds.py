"""Forms of legal holds."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from retention.forms.fields import PersonChoice, TenantChoice, area, day_input, line
from tenants.models import DataStore

#: Another tenant shows its stores at once; without scripts a button of the form does.
LISTS_STORES = {
    "hx-get": "", "hx-trigger": "change", "hx-target": "#stores-of", "hx-select": "#stores-of", "hx-swap": "outerHTML",
}  # fmt: skip
#: Proposed for the next look at a hold.
REVIEW_AFTER = dt.timedelta(days=90)


def _in_three_months() -> dt.date:
    return timezone.now().date() + REVIEW_AFTER


class ReviewField(forms.DateField):
    """When a hold is looked at again."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            label=_("Look at it again by"), initial=_in_three_months, widget=day_input(),
            help_text=_("Within a year. Its owner is reminded; the hold does not end by itself."), **more,
        )  # fmt: skip


class StoreChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of a tenant's stores."""

    def label_from_instance(self, obj: DataStore) -> str:
        """Its name and where it lies."""
        return f"{obj.name} ({obj.region})"


class HoldForm(forms.Form):
    """What is held, why, and who answers for it."""

    tenant = TenantChoice(widget=forms.Select(attrs=LISTS_STORES))
    store = StoreChoice(
        label=_("Which data"), required=False, queryset=DataStore.objects.none(),
        empty_label=_("All of the tenant’s data"),
        help_text=_("All of it, or one data store: the others are deleted then as planned."),
    )  # fmt: skip
    matter = forms.CharField(
        label=_("Matter"), max_length=120, widget=line(),
        help_text=_("What it is called on pages and in messages, such as “Arbitration 14/2026”. No names of people."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why"), max_length=500, widget=area(),
        help_text=_("The order, letter or law that asks for it. Whoever looks years from now reads it."),
    )  # fmt: skip
    owner = PersonChoice(label=_("Who answers for it"), help_text=_("Looks at it again, and says when it can go."))
    review_on = ReviewField()

    def __init__(self, *args: Any, tenant_id: str = "", **more: Any) -> None:
        super().__init__(*args, **more)
        if tenant_id:
            rows = DataStore.objects.filter(tenant_id=tenant_id, withdrawn_at=None)
            self.fields["store"].queryset = rows  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        got = self.cleaned_data
        return {
            "tenant_id": got["tenant"].id, "store_id": got["store"].id if got["store"] else None,
            "matter": got["matter"], "reason": got["reason"], "owner_id": got["owner"].id,
            "review_on": got["review_on"],
        }  # fmt: skip


class HoldReviewForm(forms.Form):
    """It is still needed."""

    review_on = ReviewField()
    reason = forms.CharField(
        label=_("Why it is still needed"), max_length=500, widget=area(),
        help_text=_("In a sentence. The log keeps its digest, not its words."),
    )  # fmt: skip


class HoldLiftForm(forms.Form):
    """It is not needed any more."""

    reason = forms.CharField(
        label=_("Why it can go"), max_length=500, widget=area(),
        help_text=_("Who decided it, and on what. It stays with the hold, on record."),
    )  # fmt: skip


class HoldFilter(forms.Form):
    """Which holds."""

    q = forms.CharField(
        label=_("Matter or tenant"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("In force")), ("overdue", _("Review overdue")), ("lifted", _("Lifted")), ("all", _("All"))],
    )  # fmt: skip

    def wanted(self) -> dict[str, str]:
        """What was asked for; what is not among the choices counts as those in force."""
        self.is_valid()
        found = getattr(self, "cleaned_data", {})
        return {"state": found.get("state") or "live", "words": found.get("q", "")}


def as_uuid(text: str) -> str:
    """The id in an address, or nothing when it is none."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""
