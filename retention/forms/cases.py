"""Shape and wording of the cases' forms; what may be is decided by the services."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from retention.forms.fields import TenantChoice, area, day_input
from retention.pages.case_words import LIGHT_WORDS
from retention.queries.cases import ALL, CLOSED, LIGHTS, Wanted, newest_evidence, tenants_without_case
from retention.services.entry import LONGEST
from retention.vocabulary import CaseState, Mode
from tenants.models import Tenant

#: Another tenant says at once what keeps its data from being deleted.
SAYS_WHAT_STOPS = {
    "hx-get": "", "hx-trigger": "change", "hx-target": "#what-stops", "hx-select": "#what-stops",
    "hx-swap": "outerHTML",
}  # fmt: skip


def _today() -> dt.date:
    return timezone.now().date()


class CaseReasonField(forms.CharField):
    """Why something is called off."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Why"), max_length=LONGEST, widget=area(),
            help_text=_("Kept on record. Name the letter or ticket, not the people in it."), **kwargs,
        )  # fmt: skip


class CaseFilter(forms.Form):
    """Filter of the list."""

    q = forms.CharField(label=_("Tenant or reference"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[
            ("", _("Open cases")), (ALL, _("All cases")), (CLOSED, _("Done or called off")), *CaseState.choices,
        ],
    )  # fmt: skip
    light = forms.ChoiceField(
        label=_("Deadline"), required=False,
        choices=[("", _("Any")), *((light, LIGHT_WORDS[light][2]) for light in LIGHTS)],
    )  # fmt: skip

    def wanted(self) -> Wanted:
        """What was asked for; what cannot be meant is left out."""
        self.is_valid()
        found = getattr(self, "cleaned_data", {})
        return Wanted(words=found.get("q", ""), state=found.get("state", ""), light=found.get("light", ""))


class CaseOpeningForm(forms.Form):
    """A customer asks for everything to be erased."""

    tenant = TenantChoice(
        help_text=_("Only tenants without a case. A termination opens its case by itself."),
    )  # fmt: skip
    received_on = forms.DateField(
        label=_("Request came in on"), initial=_today, widget=day_input(),
        help_text=_("The thirty days count from this day (UTC). It cannot be edited."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tenant"].queryset = tenants_without_case()  # type: ignore[attr-defined]
        self.fields["tenant"].widget.attrs |= SAYS_WHAT_STOPS

    def chosen(self) -> Tenant | None:
        """The tenant that is chosen now, whether or not the form was sent."""
        given = str(self["tenant"].value() or "")
        try:
            row: Tenant | None = self.fields["tenant"].clean(given) if given else None
        except forms.ValidationError:
            return None
        return row


class CaseModeForm(forms.Form):
    """What the customer chose."""

    mode = forms.ChoiceField(
        label=_("What becomes of the data"), choices=Mode.choices, widget=forms.RadioSelect,
        help_text=_("As the customer chose. With a return, nobody can ask for the deletion before it is done."),
    )  # fmt: skip


class CaseReasonForm(forms.Form):
    """Why a case or its approval is called off."""

    reason = CaseReasonField()


class AttestationForm(forms.Form):
    """What somebody who keeps data says about it."""

    attested_by = forms.CharField(
        label=_("Who attests"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("The company and the person’s function, such as Example Backup Ltd, data protection officer."),
    )  # fmt: skip
    statement = forms.CharField(
        label=_("What they say"), max_length=2_000, widget=area(6),
        help_text=_("Word for word. Its digest stands in the certificate."),
    )  # fmt: skip
    evidence = forms.ChoiceField(
        label=_("Evidence"),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        on_file = [(str(row.id), f"{row.name} ({row.get_kind_display()})") for row in newest_evidence()]
        self.fields["evidence"].choices = [("", _("None on file")), *on_file]  # type: ignore[attr-defined]
        told = _("The letter or e-mail, from the evidence on file. What you type here is kept meanwhile.")
        add = reverse("governance:evidence_add")
        self.fields["evidence"].help_text = format_html('{} <a href="{}">{}</a>', told, add, _("Add evidence"))

    def statement_made(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        told = dict(self.cleaned_data)
        chosen = told.pop("evidence")
        return told | {"evidence_id": uuid.UUID(chosen) if chosen else None}


class CalendarFilter(forms.Form):
    """Filter of the calendar."""

    kind = forms.ChoiceField(label=_("What"), required=False)

    def __init__(self, *args: Any, kinds: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("Everything")), *kinds]  # type: ignore[attr-defined]

    def wanted(self) -> str:
        """The kind that was asked for; empty: all."""
        self.is_valid()
        return str(getattr(self, "cleaned_data", {}).get("kind", ""))
