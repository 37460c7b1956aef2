"""Where a customer gets its data back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from retention.forms.connections import HELP, LABELS
from retention.forms.fields import line
from retention.models import DataReturn
from retention.services.connections import LONGEST
from retention.services.returns import SECRETS, SETTINGS


class ReturnForm(forms.Form):
    """A place of the customer's, and how it is written to. Secrets are typed in, and never shown again."""

    destination = forms.CharField(
        label=_("Place of the customer’s"), max_length=500, widget=line(spellcheck="false"),
        help_text=_("bucket/prefix/ with a slash at its end, or a folder’s whole path. None of our own stores."),
        error_messages={"required": _("Give bucket/prefix/, or a folder’s whole path.")},
    )  # fmt: skip
    region = forms.CharField(
        label=_("Region"), required=False, max_length=40, widget=line(spellcheck="false"),
        help_text=_("Of the bucket, such as eu-central-1."),
    )  # fmt: skip
    endpoint_url = forms.CharField(
        label=_("Address of the service"), required=False, max_length=LONGEST, widget=line(spellcheck="false"),
        help_text=_("Empty for AWS; else such as https://s3.example.com, without a path."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, row: DataReturn | None) -> None:
        super().__init__(data, initial={"destination": row.destination, **row.settings} if row else {})
        for name in SECRETS:
            widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
            self.fields[name] = forms.CharField(
                label=str(LABELS[name]), help_text=str(HELP[name]), required=False, max_length=LONGEST, widget=widget
            )

    def clean_destination(self) -> str:
        """A folder lies below one that the installation allows; the error names those."""
        text: str = self.cleaned_data["destination"].strip()
        allowed = [str(folder).rstrip("/") + "/" for folder in settings.RETENTION_FOLDERS]
        if not text.startswith("/") or any(text.startswith(one) and text != one for one in allowed):
            return text
        if allowed:
            raise forms.ValidationError(
                _now("Give a folder below one that this installation allows: %s.") % ", ".join(allowed)
            )
        raise forms.ValidationError(_now("This installation allows no folder: give bucket/prefix/."))

    def given(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        told = self.cleaned_data
        return {
            "destination": told["destination"],
            "settings": {name: told[name] for name in SETTINGS},
            "secrets": {name: told[name] for name in SECRETS},
        }
