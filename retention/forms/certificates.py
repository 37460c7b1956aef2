"""Checking a certificate without signing in."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.validators import FileExtensionValidator
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from retention.certificate.enquiry import Asked
from retention.certificate.object_names import Named
from retention.certificate.reception import MOST, other_file
from retention.forms.fields import line

#: What an object may have been, in the words the digests were made with.
KINDS = [
    ("", _("Choose one")),
    ("version", _("Bucket: version of an object")),
    ("marker", _("Bucket: delete marker")),
    ("upload", _("Bucket: unfinished upload")),
    ("key", _("Bucket: encryption key")),
    ("row", _("Database, or this console: row")),
    ("file", _("Folder: file")),
    ("folder", _("Folder: folder")),
    ("link", _("Folder: link")),
]
DIGEST = re.compile(r"[0-9a-f]{64}")
NAMED_JSON = FileExtensionValidator(["json"])
TOGETHER = ("store", "kind", "name")


class CheckForm(forms.Form):
    """A certificate's file or its digest, and perhaps one object to look for."""

    file = forms.FileField(
        label=_("Signed file"), required=False, allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".json"}),
        help_text=_("certificate-of-deletion-….json; in the zip it is called certificate.json."),
    )  # fmt: skip
    digest = forms.CharField(
        label=_("Or its digest"), required=False, max_length=100, widget=line(spellcheck="false", **{"class": "mono"}),
        help_text=_("64 digits, printed at the foot of each page."),
    )  # fmt: skip
    store = forms.CharField(
        label=_("Data store"),
        required=False,
        max_length=120,
        widget=line(),
        help_text=_("Its name or key on the certificate."),
    )
    kind = forms.ChoiceField(label=_("What it was"), required=False, choices=KINDS)
    name = forms.CharField(
        label=_("Name"), required=False, max_length=2_000, strip=False, widget=line(spellcheck="false"),
        help_text=_("Whole, and written as above."),
    )  # fmt: skip
    version = forms.CharField(
        label=_("Version"), required=False, max_length=1_100, widget=line(spellcheck="false"),
        help_text=_("Of what was in a bucket; null where it kept none."),
    )  # fmt: skip
    salt = forms.CharField(
        label=_("Salt"), required=False, max_length=200, widget=line(spellcheck="false"),
        help_text=_("Only with a digest: the file holds it itself."),
    )  # fmt: skip

    def clean_file(self) -> Any:
        """Refuse what is too large, here and where the whole site stops, and what is another file."""
        file = self.cleaned_data["file"]
        if file and (getattr(file, "refusal", "") or file.size > MOST):
            raise forms.ValidationError(
                _now("At most %s. Check a larger file offline, with the checker that came with it.")
                % filesizeformat(MOST)
            )
        if file and (words := other_file(file)):
            raise forms.ValidationError(words)
        if file:
            NAMED_JSON(file)
        return file

    def clean_digest(self) -> str:
        """Hex, however it was copied."""
        text = re.sub(r"[\s\u200b]", "", self.cleaned_data["digest"]).lower().removeprefix("sha-256").strip(":")
        if text and not DIGEST.fullmatch(text):
            raise forms.ValidationError(_now("A digest is 64 digits, 0 to 9 and a to f."))
        return text

    def clean(self) -> dict[str, Any]:
        """One of the two, and an object as a whole or not at all."""
        found: dict[str, Any] = self.cleaned_data
        if not self.errors and not found.get("file") and not found.get("digest"):
            self.add_error("file", _now("Choose a file, or give a digest."))
        if any(found.get(name) for name in TOGETHER):
            for name in TOGETHER:
                if name not in self.errors and not found.get(name):
                    self.add_error(name, _now("To look for an object, give its data store, what it was, and its name."))
            if not found.get("file") and not found.get("salt"):
                self.add_error("salt", _now("With a digest alone, the salt of your file is needed."))
        return found

    def asked(self) -> Asked | None:
        """The object asked for, if one is."""
        found = self.cleaned_data
        if not found["name"]:
            return None
        named = Named(found["store"], found["kind"], found["name"], found["version"])
        return Asked(named, found["salt"].strip())
