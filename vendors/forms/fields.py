"""Fields the vendors forms share."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.models import Evidence, Person


class WordsField(forms.CharField):
    """Words parted by commas, spaces or lines; cleaned to a tuple, shown joined by commas."""

    def prepare_value(self, value: Any) -> Any:
        """Words as the person reads them."""
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """The words, each once, in order."""
        words = re.split(r"[\s,;]+", value or "")
        return tuple(dict.fromkeys(word for word in words if word))

    def clean(self, value: Any) -> Any:
        """Not longer than two thousand characters, then as words."""
        if isinstance(value, str) and len(value) > 2000:
            raise forms.ValidationError(_("At most 2,000 characters."))
        words = self.to_python(value)
        if self.required and not words:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return words


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody active, by name and address."""

    def label_from_instance(self, obj: Person) -> str:
        """Name and e-mail, so that two of one name can be told apart."""
        return f"{obj.name} ({obj.email})"


class EvidenceChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Evidence on file, by kind, issuer and file."""

    def label_from_instance(self, obj: Evidence) -> str:
        """Enough to tell it apart."""
        return f"{obj.get_kind_display()} · {obj.issuer} · {obj.name}"


def date_input() -> forms.DateInput:
    """A date as the browser picks it."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def area(rows: int = 3) -> forms.Textarea:
    """A text of some lines."""
    return forms.Textarea(attrs={"rows": rows})
