"""Forms of requests to erase one person's data."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from retention.forms.fields import TenantChoice, area, day_input, line
from retention.pages.request_words import form_of, short_form_of
from retention.services.subjects import RequestFacts
from tenants.models import DataStore
from tenants.selectors import LONGEST, selector_problem


def _today() -> dt.date:
    return timezone.now().date()


class RequestForm(forms.Form):
    """A tenant, as the controller, asks for one person's data to be erased."""

    tenant = TenantChoice(help_text=_("The customer who decides about this data and asks us."))
    subject = forms.CharField(
        label=_("The person, as the customer’s systems know them"), max_length=500,
        widget=line(spellcheck="false", **{"data-secret": ""}),
        help_text=_("Such as a user number. It is encrypted, shown to privacy officers only, and emptied at the end."),
    )  # fmt: skip
    reference = forms.CharField(
        label=_("The customer’s reference"), max_length=120, required=False, widget=line(),
        help_text=_("Their ticket or letter. It stands on lists, so it may not name the person."),
    )  # fmt: skip
    asked_by = forms.CharField(label=_("Who asked on the customer’s behalf"), max_length=200, widget=line())
    identity_check = forms.CharField(
        label=_("How you know that it was them"), max_length=500, widget=area(2),
        help_text=_("Such as: called back on the number on file."),
    )  # fmt: skip
    received_on = forms.DateField(
        label=_("Came in on"), initial=_today, widget=day_input(), help_text=_("Its month starts on this day.")
    )

    def facts(self) -> RequestFacts:
        """What was typed, without the tenant."""
        return RequestFacts(**{name: value for name, value in self.cleaned_data.items() if name != "tenant"})


class SelectForm(forms.Form):
    """Which part of a store is the person's."""

    selector = forms.CharField(
        label=_("Which part is this person’s"), max_length=LONGEST,
        error_messages={"required": _("Name the part, or tick that you looked.")},
        widget=line(spellcheck="false", **{"data-secret": ""}),
    )  # fmt: skip
    is_none = forms.BooleanField(
        label=_("I looked: it holds nothing of this person"), required=False,
        help_text=_("The store is left out then, and the certificate says so."),
    )  # fmt: skip

    def __init__(self, *args: Any, store: DataStore, **more: Any) -> None:
        super().__init__(*args, **more)
        self.store = store
        self.fields["selector"].help_text = form_of(store)

    def clean(self) -> dict[str, Any]:
        """One of the two, and a part in the form of the store's kind: a tenant's own example would mislead."""
        got: dict[str, Any] = super().clean() or self.cleaned_data
        if got.get("is_none"):
            self.errors.pop("selector", None)
            return got | {"selector": ""}
        if "selector" in got and selector_problem(self.store.kind, got["selector"]):
            self.add_error("selector", short_form_of(self.store))
        return got


class RequestFilter(forms.Form):
    """Which requests."""

    q = forms.CharField(
        label=_("Reference or tenant"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Open")), ("done", _("Done")), ("all", _("All"))]
    )

    def wanted(self) -> dict[str, str]:
        """What was asked for; what is not among the choices counts as open."""
        self.is_valid()
        found = getattr(self, "cleaned_data", {})
        return {"state": found.get("state") or "open", "words": found.get("q", "")}
