"""Shape and wording of the register's forms; what may be is decided by the services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.validators import FileExtensionValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.actors import Actor
from governance.authority import Right, has_right
from governance.queries.tenants import MISSING, Wanted, documents_on_file, regions_in_use
from tenants.models import Agreement
from tenants.services import AgreementTerms
from tenants.services.entry import LONGEST_REASON
from tenants.vocabulary import AgreementKind, TenantState


def day_input(**attrs: str) -> forms.DateInput:
    """A date field as browsers show it."""
    return forms.DateInput(attrs={"type": "date", **attrs}, format="%Y-%m-%d")


def _today() -> dt.date:
    return timezone.now().date()


#: Another day shows at once what would follow of it; without scripts the page says so of today.
FOLLOWS = {
    "hx-get": "", "hx-trigger": "change", "hx-target": "#what-follows", "hx-select": "#what-follows",
    "hx-swap": "outerHTML",
}  # fmt: skip


class ReasonField(forms.CharField):
    """Why something is done."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Why"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("Kept on record. Name the letter or ticket, not the people in it."), **kwargs,
        )  # fmt: skip


class TenantForm(forms.Form):
    """A tenant and where its data may lie."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    key = forms.CharField(
        label=_("Key"), max_length=63, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Its name in your systems: small letters, digits, hyphens. It never changes."),
    )  # fmt: skip
    allowed_regions = forms.CharField(
        label=_("Allowed regions"), max_length=1000, widget=forms.TextInput(attrs={"spellcheck": "false"}),
        help_text=_("Separated by spaces, such as eu-central-1 eu-west-1. Its data may lie nowhere else."),
    )  # fmt: skip

    def regions(self) -> list[str]:
        """The regions as a list."""
        return str(self.cleaned_data["allowed_regions"]).replace(",", " ").replace(";", " ").split()


class SiteForm(forms.Form):
    """A site of a tenant."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    key = forms.CharField(
        label=_("Key"), max_length=63, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Its name in your systems: small letters, digits, hyphens. It never changes."),
    )  # fmt: skip


class SiteEditForm(forms.Form):
    """What of a site may change."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class SiteClosingForm(forms.Form):
    """As of when a site is closed."""

    closed_on = forms.DateField(
        label=_("Closed as of"), initial=_today, widget=day_input(), help_text=_("The first day without it.")
    )


class AgreementForm(forms.Form):
    """What was agreed with a tenant."""

    reference = forms.CharField(
        label=_("Reference"), max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Its number in your systems, such as MSA-2026-014. It never changes."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind"), choices=AgreementKind.choices)
    starts_on = forms.DateField(label=_("Runs from"), widget=day_input())
    ends_on = forms.DateField(
        label=_("Last day"), required=False, widget=day_input(), help_text=_("Empty: it has no end.")
    )
    customer_owns_data = forms.BooleanField(
        label=_("The customer owns its source data, inputs and outputs"), required=False,
        help_text=_("The ownership term (LD-1) stands in this agreement."),
    )  # fmt: skip
    company_owns_platform = forms.BooleanField(
        label=_("We own the platform and its LLM technology"), required=False,
        help_text=_("The IP term (LD-2) stands in this agreement."),
    )  # fmt: skip
    evidence_digest = forms.CharField(
        label=_("Signed document"), required=False, max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
        help_text=_("SHA-256 of the file: 64 digits and letters a to f."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_right(actor, Right.READ_EVIDENCE):
            self._offer_documents()

    @classmethod
    def of(cls, row: Agreement, *args: Any, actor: Actor) -> AgreementForm:
        """The form as the agreement says now; its reference stays."""
        names = [name for name in cls.base_fields if name != "reference"]
        form = cls(*args, actor=actor, initial={name: getattr(row, name) for name in names})
        del form.fields["reference"]
        return form

    def _offer_documents(self) -> None:
        """A choice of the evidence on file in place of a digest to be typed."""
        offered = {row.digest: f"{row.name} ({row.get_kind_display()})" for row in documents_on_file()}
        kept = self.initial.get("evidence_digest")
        if kept:
            offered.setdefault(kept, _("As recorded: %s…") % kept[:12])
        self.fields["evidence_digest"] = forms.ChoiceField(
            label=_("Signed document"), required=False, choices=[("", _("None on file")), *offered.items()],
            help_text=_("From the evidence on file. Add it there first if it is missing."),
        )  # fmt: skip

    def terms(self) -> AgreementTerms:
        """What was typed, without the reference."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "reference"}
        return AgreementTerms(**{**values, "evidence_digest": values["evidence_digest"].strip().lower()})


class AgreementEndForm(forms.Form):
    """As of when an agreement is ended before its time."""

    ended_on = forms.DateField(
        label=_("Ended as of"), initial=_today, widget=day_input(), help_text=_("The first day without it.")
    )
    reason = ReasonField()


class TerminationForm(forms.Form):
    """As of when a tenant is terminated."""

    terminated_on = forms.DateField(
        label=_("Takes effect on"), initial=_today, widget=day_input(**FOLLOWS),
        help_text=_("The first day without an agreement (UTC). It may lie ahead while a notice runs."),
    )  # fmt: skip
    reason = ReasonField()

    def day(self) -> dt.date | None:
        """The day the page speaks of: what was typed, else today."""
        if self.is_bound:
            typed: dt.date | None = getattr(self, "cleaned_data", {}).get("terminated_on")
            return typed
        field = self.fields["terminated_on"]
        try:
            day: dt.date | None = field.to_python(self.get_initial_for_field(field, "terminated_on"))
        except forms.ValidationError:
            return None
        return day


class ReinstatementForm(forms.Form):
    """Why a termination is taken back."""

    reason = ReasonField()


class RegisterFileForm(forms.Form):
    """A CSV file of the register."""

    file = forms.FileField(
        label=_("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        validators=[FileExtensionValidator(["csv"])],
        help_text=_("At most 1,000 lines. Next you see what each line would do; nothing is changed before."),
    )  # fmt: skip


class RegisterSheetForm(forms.Form):
    """The lines that were looked at, and what they were seen to do."""

    sheet = forms.CharField(widget=forms.HiddenInput, strip=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class TenantFilter(forms.Form):
    """Filter of the list."""

    q = forms.CharField(label=_("Name or key"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("Any state")), *TenantState.choices, (MISSING, _("Something missing"))],
    )  # fmt: skip
    region = forms.ChoiceField(label=_("Region"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = [(region, region) for region in regions_in_use()]
        self.fields["region"].choices = [("", _("Any region")), *regions]  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """What was asked for; what cannot be meant is left out."""
        self.is_valid()
        found = getattr(self, "cleaned_data", {})
        return Wanted(words=found.get("q", ""), state=found.get("state", ""), region=found.get("region", ""))
