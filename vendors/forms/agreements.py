"""Forms of agreements."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.models import Evidence
from vendors.forms.fields import EvidenceChoice, WordsField, area, date_input
from vendors.models import Agreement, Service, Vendor
from vendors.queries.reading import evidence_on_file
from vendors.services.agreements import AgreementDetails, TermDetails
from vendors.vocabulary import AgreementKind, Cover, TermKind


class AgreementForm(forms.Form):
    """An agreement and the promises in it."""

    kind = forms.ChoiceField(label=_("Kind"), choices=AgreementKind.choices)
    service = forms.ModelChoiceField(
        label=_("About"), queryset=Service.objects.none(), required=False, empty_label=_("All services of the vendor")
    )
    counterpart = forms.CharField(
        label=_("Counterpart"), max_length=160, help_text=_("The legal entity that signed, as written in the contract.")
    )
    starts_on = forms.DateField(label=_("From"), widget=date_input())
    ends_on = forms.DateField(
        label=_("Last day"), required=False, widget=date_input(), help_text=_("Empty: it has no end.")
    )
    evidence = EvidenceChoice(
        label=_("Signed document"), queryset=Evidence.objects.none(), required=False, empty_label=_("Not on file yet"),
        help_text=_("A term counts only with its signed document on file."),
    )  # fmt: skip
    zero_retention = forms.BooleanField(
        label=_("Zero retention: the provider keeps nothing of what is sent"), required=False
    )
    covers = forms.MultipleChoiceField(
        label=_("No training, retraining, tuning or weighting on"), choices=Cover.choices, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("Approval needs all four, each named in the contract."),
    )  # fmt: skip
    processor_only = forms.BooleanField(label=_("The vendor acts only as processor"), required=False)
    residency_regions = WordsField(
        label=_("Data stays in these regions"), required=False, help_text=_("Empty: nothing was promised.")
    )
    notice_days = forms.IntegerField(
        label=_("Days of notice before a new sub-processor"), min_value=1, max_value=3650, required=False
    )

    def __init__(self, vendor: Vendor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = vendor.services.all()  # type: ignore[attr-defined]
        self.fields["evidence"].queryset = evidence_on_file()  # type: ignore[attr-defined]

    @classmethod
    def of(cls, agreement: Agreement) -> AgreementForm:
        """Filled with what was agreed before, for the one that replaces it."""
        names = ("kind", "counterpart", "starts_on", "ends_on", "evidence", "service")
        initial: dict[str, Any] = {name: getattr(agreement, name) for name in names}
        for term in agreement.terms.all():
            initial |= {
                TermKind.ZERO_RETENTION.value: {"zero_retention": True},
                TermKind.NO_TRAINING.value: {"covers": term.covers},
                TermKind.PROCESSOR_ONLY.value: {"processor_only": True},
                TermKind.RESIDENCY.value: {"residency_regions": term.regions},
                TermKind.SUB_PROCESSOR_NOTICE.value: {"notice_days": term.notice_days},
            }[term.kind]
        return cls(agreement.vendor, initial=initial)

    def details(self) -> AgreementDetails:
        """What was typed."""
        typed = self.cleaned_data
        return AgreementDetails(
            kind=typed["kind"],
            counterpart=typed["counterpart"],
            starts_on=typed["starts_on"],
            ends_on=typed["ends_on"],
            service_id=typed["service"].id if typed["service"] else None,
            evidence_id=typed["evidence"].id if typed["evidence"] else None,
            terms=tuple(self._terms()),
        )

    def _terms(self) -> list[TermDetails]:
        typed = self.cleaned_data
        promised = [
            (typed["zero_retention"], TermDetails(kind=TermKind.ZERO_RETENTION)),
            (typed["covers"], TermDetails(kind=TermKind.NO_TRAINING, covers=tuple(typed["covers"]))),
            (typed["processor_only"], TermDetails(kind=TermKind.PROCESSOR_ONLY)),
            (typed["residency_regions"], TermDetails(kind=TermKind.RESIDENCY, regions=typed["residency_regions"])),
            (typed["notice_days"], TermDetails(kind=TermKind.SUB_PROCESSOR_NOTICE, notice_days=typed["notice_days"])),
        ]
        return [term for given, term in promised if given]


class WithdrawAgreementForm(forms.Form):
    """Why an agreement no longer holds."""

    reason = forms.CharField(label=_("Why it no longer holds"), max_length=300, widget=area(2))
