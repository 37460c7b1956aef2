"""Forms of vendors and services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.models import Person
from vendors.forms.fields import PersonChoice, WordsField, area
from vendors.models import Service, SubProcessor, Vendor
from vendors.queries.reading import active_people
from vendors.services.services import ServiceDetails
from vendors.services.vendors import FIELDS as VENDOR_FIELDS
from vendors.services.vendors import VendorDetails
from vendors.vocabulary import Hosting, PlanTier

TRAINS = [("", _("Not known yet")), ("no", _("No, never")), ("yes", _("Yes"))]


class VendorForm(forms.Form):
    """What is known of a vendor."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("The company as it signs contracts."))
    website = forms.URLField(
        label=_("Website"), max_length=300, required=False, assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )  # fmt: skip
    country = forms.CharField(label=_("Country"), max_length=60, required=False)
    contact_name = forms.CharField(label=_("Contact"), max_length=120, required=False)
    contact_email = forms.EmailField(label=_("Contact's e-mail"), required=False)
    notes = forms.CharField(
        label=_("Our notes"), max_length=4000, required=False, widget=area(3),
        help_text=_("Seen by everybody who may read the vendors room."),
    )  # fmt: skip

    @classmethod
    def of(cls, vendor: Vendor) -> VendorForm:
        """Filled with what is known."""
        return cls(initial={name: getattr(vendor, name) for name in VENDOR_FIELDS})

    def details(self) -> VendorDetails:
        """What was typed."""
        return VendorDetails(**self.cleaned_data)


class ServiceForm(forms.Form):
    """What is known of a service."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("As people call it, such as Claude on Bedrock.")
    )
    summary = forms.CharField(
        label=_("What it is"), max_length=300, required=False, help_text=_("One sentence that everybody understands.")
    )
    plan_tier = forms.ChoiceField(
        label=_("Plan"), choices=PlanTier.choices,
        help_text=_("Consumer and free plans are never approved for customer data."),
    )  # fmt: skip
    licence_tier = forms.CharField(label=_("Licence"), max_length=80, required=False)
    hosting = forms.ChoiceField(label=_("Hosting"), choices=Hosting.choices)
    account_id = forms.CharField(
        label=_("Account"), max_length=120, required=False,
        help_text=_("The company's account or subscription at the provider. Needed for approval."),
    )  # fmt: skip
    billing_owner = forms.CharField(
        label=_("Billing owner"), max_length=120, required=False, help_text=_("Who pays. Needed for approval.")
    )
    regions = WordsField(
        label=_("Regions"), required=False,
        help_text=_("As the provider writes them, parted by commas: eu-central-1, eu-west-1."),
    )  # fmt: skip
    endpoints = WordsField(
        label=_("Endpoints"), required=False, help_text=_("Host names that products call, parted by commas.")
    )
    retention_days = forms.IntegerField(
        label=_("Days it keeps what is sent"), min_value=0, max_value=3650, required=False,
        help_text=_("0: nothing is kept. Empty: not known yet."),
    )  # fmt: skip
    trains_on_data = forms.ChoiceField(label=_("Trains on what is sent"), choices=TRAINS, required=False)
    owner = PersonChoice(
        label=_("Owner"), queryset=Person.objects.none(), empty_label=_("Choose a person"),
        help_text=_("Answers for its use here, and hears when its approval ends."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = active_people()  # type: ignore[attr-defined]

    @classmethod
    def of(cls, service: Service) -> ServiceForm:
        """Filled with what is known."""
        names = [name for name in cls.base_fields if name not in ("trains_on_data", "owner")]
        known = {None: "", True: "yes", False: "no"}[service.trains_on_data]
        return cls(
            initial={name: getattr(service, name) for name in names}
            | {"trains_on_data": known, "owner": service.owner_id}
        )

    def details(self) -> ServiceDetails:
        """What was typed."""
        typed = dict(self.cleaned_data)
        trains = {"": None, "yes": True, "no": False}[typed.pop("trains_on_data")]
        owner = typed.pop("owner")
        return ServiceDetails(**typed, trains_on_data=trains, owner_id=owner.id)


class ServiceModelForm(forms.Form):
    """A model the service offers."""

    family = forms.CharField(
        label=_("Family"), max_length=80, help_text=_("Such as Claude Sonnet. A new family needs a re-assessment.")
    )
    name = forms.CharField(label=_("Model id"), max_length=160, help_text=_("As products call it."))
    version = forms.CharField(label=_("Version"), max_length=60, required=False)


class SubProcessorForm(forms.Form):
    """Somebody who works for the service."""

    name = forms.CharField(label=_("Name"), max_length=120)
    purpose = forms.CharField(label=_("What for"), max_length=200)
    regions = WordsField(label=_("Regions"), required=False, help_text=_("Where it works, parted by commas."))


class NewSubProcessorForm(SubProcessorForm):
    """The same, with its place in the tree."""

    parent = forms.ModelChoiceField(
        label=_("Works for"), queryset=SubProcessor.objects.none(), required=False, empty_label=_("the service itself")
    )

    def __init__(self, service: Service, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = service.sub_processors.filter(removed_at=None)  # type: ignore[attr-defined]
