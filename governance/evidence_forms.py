"""The evidence forms: shape and wording; ``EvidenceForm`` is embedded by other rooms as it is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from auditlog.actors import Actor
from auditlog.errors import GovernanceError
from governance.models import Evidence
from governance.services.uploads import HeldUpload, hold_upload, reopen_upload

ACCEPT = ".pdf,.png,.jpg,.jpeg,.docx,.xlsx,.csv,.txt,.json,.zip"


def date_field(label: Any, help_text: Any = "") -> forms.DateField:
    """A day, picked or typed as 2026-11-22."""
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Write the day as year-month-day, such as 2026-03-31.")},
    )


class EvidenceForm(forms.Form):
    """A file and what it claims to be.

    ``EvidenceForm(request.POST, request.FILES, actor=request.actor)``; when it is valid,
    ``add_evidence(actor=actor, **form.cleaned_data)``. An accepted file is kept although other
    fields are wrong: the form that comes back says so and carries its token (``kept``).
    """

    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text=_("PDF, PNG, JPEG, DOCX, XLSX, CSV, TXT, JSON or ZIP. No passwords, scripts or macros."),
        error_messages={"required": _("Choose a file."), "invalid": _("Choose the file again; it did not arrive.")},
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=[("", _("Choose…")), *Evidence.Kind.choices],
        help_text=_("As its title page says."),
        error_messages={"required": _("Choose what kind of evidence it is.")},
    )
    issuer = forms.CharField(
        label=_("Issued by"),
        max_length=200,
        help_text=_("The auditor, or the other party."),
        error_messages={"required": _("Say who issued it: the auditor, for a report.")},
    )
    period_start = date_field(_("Period from"), _("A report's first day."))
    period_end = date_field(_("Period to"), _("A report's last day."))
    valid_until = date_field(_("Valid until"), _("The last day it is valid."))
    scope = forms.CharField(
        label=_("Scope"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Which services, sites and criteria it covers."),
    )
    segregation_pages = forms.CharField(
        label=_("Pages on segregation"), max_length=120, required=False, help_text=_("For example: 14–16, 31.")
    )
    privacy_pages = forms.CharField(
        label=_("Pages on privacy"), max_length=120, required=False, help_text=_("For example: 22.")
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        self.actor = actor
        self.upload: HeldUpload | None = None
        super().__init__(*args, **kwargs)
        self.fields["file"].required = not self.data.get(self.add_prefix("kept"))

    def clean(self) -> dict[str, Any]:
        """Take the file in, or bring back the one that was kept."""
        found: dict[str, Any] = self.cleaned_data
        token = found.pop("kept", "")
        try:
            if found.get("file") or not token:
                self.upload = hold_upload(actor=self.actor, file=self.files.get(self.add_prefix("file")))
            else:
                self.upload = reopen_upload(actor=self.actor, token=token)
        except GovernanceError as refusal:
            self.errors.pop("file", None)
            self.add_error("file", refusal.message)
        self.remember()
        return {**found, "file": self.upload}

    def remember(self) -> None:
        """Put the kept file's token (or nothing) into the form as it comes back."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("kept")] = self.upload.token if self.upload else ""
        self.data = data
        self.fields["file"].required = self.upload is None

    @property
    def kept_notice(self) -> str:
        """What to say when the file was accepted and only other fields are wrong."""
        if self.upload is None or "file" in self.errors:
            return ""
        size = filesizeformat(self.upload.size)
        return _now("%(name)s (%(size)s) is kept; no need to choose it again.") % {
            "name": self.upload.name,
            "size": size,
        }


class EvidenceFilterForm(forms.Form):
    """What the list shows; lives in the address."""

    q = forms.CharField(
        label=_("Search"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Every kind")), *Evidence.Kind.choices])
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("Every state")),
            ("unreviewed", _("Pages not reviewed")),
            ("redacted", _("Redacted")),
            ("expired", _("Out of date")),
            *Evidence.Scan.choices,
            ("withdrawn", _("Withdrawn")),
        ],
    )


class RedactionForm(forms.Form):
    """What the reviewer says about the pages; ``page-N`` marks come beside it."""

    verdict = forms.ChoiceField(
        label=_("What you found"),
        choices=[
            ("unredacted", _("Nothing is redacted: every page is whole")),
            ("redacted", _("Parts are redacted: it does not count")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether anything is redacted.")},
    )
    reason = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What is missing, or why a dark box hides nothing. An auditor reads it later."),
    )

    def marks(self) -> dict[int, str]:
        """The pages that were marked."""
        found = {}
        for name, value in self.data.items():
            number = name.removeprefix("page-")
            if name.startswith("page-") and number.isascii() and number.isdigit() and len(number) < 6 and value:
                found[int(number)] = str(value)
        return found


class WithdrawEvidenceForm(forms.Form):
    """Why evidence is withdrawn."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "It stops counting for good. What stands on it is suspended at once. The file and its history stay."
        ),
        error_messages={"required": _("Say why, for whoever reads this later.")},
    )
