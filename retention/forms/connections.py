"""How a data store is reached: a field for each setting and each secret of its kind."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from retention.forms.fields import line
from retention.models import StoreConnection
from retention.services.connections import LONGEST, SECRETS, SETTINGS
from tenants.models import DataStore
from tenants.vocabulary import StoreKind

#: In the order of the form.
LABELS: dict[str, Any] = {
    "endpoint_url": _("Address of the service"),
    "access_key_id": _("Access key id"),
    "secret_access_key": _("Secret access key"),
    "session_token": _("Session token"),
    "kms_key_id": _("KMS key"),
    "kms_endpoint_url": _("Address of the key service"),
    "url": _("Database address, with user and password"),
    "address": _("Database"),
}
HELP: dict[str, Any] = {
    "endpoint_url": _("Empty for AWS; else such as https://s3.example.com, without a path."),
    "kms_key_id": _("The key’s ARN, if it encrypts this tenant’s data alone: it is scheduled for deletion as well."),
    "kms_endpoint_url": _("Empty for AWS."),
    "access_key_id": _("Empty where this machine has a role of its own."),
    "secret_access_key": _("Belongs to the id above."),
    "session_token": _("Only with credentials that expire."),
    "url": _("postgresql://user:password@host/name, mysql://… or sqlite:///path."),
}
#: Without these there is no connection.
REQUIRED = frozenset({"url"})


class ConnectionForm(forms.Form):
    """What is reached and with which secrets. A secret is typed in, and never shown again."""

    def __init__(self, *args: Any, store: DataStore, row: StoreConnection | None, **more: Any) -> None:
        more["initial"] = dict(row.settings) if row else {}
        super().__init__(*args, **more)
        self.kind, self.kept = store.kind, set(row.secret_names) if row else set()
        for name in SETTINGS.get(store.kind, ()):
            widget = line(spellcheck="false")
            self.fields[name] = forms.CharField(
                label=LABELS[name], help_text=HELP[name], required=False, max_length=LONGEST, widget=widget
            )
        for name in _typed_secrets(store.kind):
            self.fields[name] = self._secret(name)
        self.order_fields(LABELS)

    def _secret(self, name: str) -> forms.CharField:
        told = _now("It is set; empty keeps it.") if name in self.kept else HELP[name]
        attrs = {"autocomplete": "new-password", "spellcheck": "false"}
        if name == "url":  # typed unseen; the part that is no secret is read back
            attrs["data-reads-as"] = _now("Reads as")
        return forms.CharField(
            label=LABELS[name], help_text=told, required=name in REQUIRED and name not in self.kept,
            max_length=LONGEST, widget=forms.PasswordInput(render_value=False, attrs=attrs),
            error_messages={"required": _("Give the address: %s") % HELP["url"]},
        )  # fmt: skip

    def given(self) -> dict[str, dict[str, str]]:
        """What was typed, as the service takes it."""
        got = self.cleaned_data
        return {
            "settings": {name: got[name] for name in SETTINGS.get(self.kind, ())},
            "secrets": {name: got[name] for name in _typed_secrets(self.kind) if got[name]},
        }


def _typed_secrets(kind: str) -> tuple[str, ...]:
    """A product's signing secret is made, never typed."""
    return () if kind == StoreKind.WEBHOOK else SECRETS.get(kind, ())
