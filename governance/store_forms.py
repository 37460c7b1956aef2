"""Shape and wording of the data stores' forms; what may be is decided by the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.tenant_forms import ReasonField
from governance.vocabulary import DataClass
from tenants.models import DataStore, Tenant
from tenants.selectors import LONGEST
from tenants.services import StoreFacts
from tenants.vocabulary import StoreKind


def _words(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": "off", **attrs})


class StoreForm(forms.Form):
    """A place where a tenant's data lies."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=_words())
    key = forms.CharField(
        label=_("Key"), max_length=63, widget=_words(spellcheck="false"),
        help_text=_("Its name in your systems: small letters, digits, hyphens. It never changes."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind"), choices=StoreKind.choices)
    selector = forms.CharField(
        label=_("Which part is this tenant's"), max_length=LONGEST, widget=_words(spellcheck="false"),
        help_text=_(
            "Object storage: bucket/prefix/ with the slash at its end. Table: table.column=value. Folder: its whole "
            "path with a slash at its end. Product: the https address that takes the request. Vendor or backup: who "
            "attests."
        ),
    )  # fmt: skip
    region = forms.ChoiceField(label=_("Region"), help_text=_("Where it lies; one of those the tenant allows."))
    account = forms.CharField(
        label=_("Account"), required=False, max_length=120, widget=_words(spellcheck="false"),
        help_text=_("At the provider, such as an AWS account number. No passwords or keys."),
    )  # fmt: skip
    data_classes = forms.MultipleChoiceField(
        label=_("Holds"), choices=DataClass.choices, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one class of data.")},
    )  # fmt: skip
    backup_days = forms.IntegerField(
        label=_("Backups expire after"), required=False, min_value=0,
        help_text=_("Days until the last backup with this data is gone. Empty: there are no backups."),
    )  # fmt: skip
    owner = forms.CharField(
        label=_("Owner"), max_length=120, widget=_words(), help_text=_("The team that answers for it.")
    )

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = [(region, region) for region in tenant.allowed_regions]
        self.fields["region"].choices = regions  # type: ignore[attr-defined]

    @classmethod
    def of(cls, row: DataStore, *args: Any) -> StoreForm:
        """The form as the store is recorded now; its key stays."""
        names = [name for name in cls.base_fields if name != "key"]
        form = cls(*args, tenant=row.tenant, initial={name: getattr(row, name) for name in names})
        del form.fields["key"]
        return form

    def facts(self) -> StoreFacts:
        """What was typed, without the key."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "key"}
        return StoreFacts(**{**values, "data_classes": tuple(values["data_classes"])})


class StoreWithdrawalForm(forms.Form):
    """Why a store is taken out."""

    reason = ReasonField()
