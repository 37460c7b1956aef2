"""What people type to import a questionnaire, invite a respondent, or bring a sheet back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.validators import FileExtensionValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.evidence_forms import ACCEPT
from governance.models import Evidence
from vendors.forms.fields import EvidenceChoice
from vendors.queries.reading import evidence_on_file
from vendors.questionnaires.shape import SectionShape


class UploadForm(forms.Form):
    """A questionnaire file."""

    file = forms.FileField(
        label=_("Questionnaire file"),
        help_text=_("VSAQ or OSCAL JSON, our YAML, or a CSV or XLSX sheet with a column of questions; up to 5 MB."),
        widget=forms.FileInput(attrs={"accept": ".json,.yaml,.yml,.csv,.tsv,.xlsx"}),
        validators=[FileExtensionValidator(["json", "yaml", "yml", "csv", "tsv", "xlsx"])],
    )


class ImportForm(forms.Form):
    """What a questionnaire is to be called, which questions need an answer, and what each section weighs."""

    name = forms.CharField(label=_("Name"), max_length=160, help_text=_("The same name again makes a new version."))
    required = forms.ChoiceField(
        label=_("Which questions need an answer"),
        choices=[
            ("choices", _("Every question with one choice, and those the file marks")),
            ("marked", _("Only those the file marks")),
            ("all", _("Every question")),
        ],
        initial="choices",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, sections: tuple[SectionShape, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = sections
        for section in sections:
            self.fields[f"weight-{section.key}"] = forms.IntegerField(
                label=section.title, min_value=0, max_value=100, initial=section.weight,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )  # fmt: skip

    def weight_fields(self) -> list[tuple[SectionShape, forms.BoundField]]:
        """Each section with the field of its weight."""
        return [(section, self[f"weight-{section.key}"]) for section in self.sections]

    def weights(self) -> dict[str, int]:
        """The weights, by section key."""
        return {section.key: self.cleaned_data[f"weight-{section.key}"] for section in self.sections}


class InviteForm(forms.Form):
    """Who answers for the vendor, and until when."""

    recipient = forms.CharField(
        label=_("Who answers"),
        max_length=120,
        help_text=_("A name you will recognise. It is shown beside each answer."),
    )
    expires_on = forms.DateField(
        label=_("Last day"),
        help_text=_("The link ends after this day (UTC); at most 90 days ahead."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        initial=lambda: timezone.now().date() + dt.timedelta(days=14),
    )

    def expires_at(self) -> dt.datetime:
        """The instant the last day ends."""
        day: dt.date = self.cleaned_data["expires_on"]
        return dt.datetime.combine(day, dt.time.max, tzinfo=dt.UTC)


class SheetForm(forms.Form):
    """The filled-in sheet."""

    file = forms.FileField(
        label=_("Filled-in sheet"), help_text=_("The XLSX file you downloaded here, with answers."),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}), validators=[FileExtensionValidator(["xlsx"])],
    )  # fmt: skip


class DocumentForm(forms.Form):
    """A document beside an answer: a new file or, for an analyst, evidence on file."""

    file = forms.FileField(
        label=_("A new file"), required=False, widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text=_("PDF, PNG, JPEG, DOCX, XLSX, CSV, TXT, JSON or ZIP. No passwords, scripts or macros."),
    )  # fmt: skip
    evidence = EvidenceChoice(
        label=_("Evidence on file"), queryset=Evidence.objects.none(), required=False,
        empty_label=_("None, I send a new file"),
    )  # fmt: skip

    def __init__(self, *args: Any, is_respondent: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_respondent:
            del self.fields["evidence"]
            self.fields["file"].required = True
            self.fields["file"].label = _("File")
        else:
            self.fields["evidence"].queryset = evidence_on_file()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Exactly one of the two."""
        given: dict[str, Any] = super().clean() or {}
        if "evidence" in self.fields and bool(given.get("file")) == bool(given.get("evidence")) and not self.errors:
            self.add_error("file", _("Choose a new file or evidence on file: one of the two."))
        return given

    def document(self) -> dict[str, Any]:
        """What was chosen, as the service takes it."""
        evidence = self.cleaned_data.get("evidence")
        return {"file": self.cleaned_data.get("file"), "evidence_id": evidence.id if evidence else None}
