"""Fields the forms of holds, schedules and requests share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.models import Person
from tenants.models import Tenant


def day_input(**attrs: str) -> forms.DateInput:
    """A date as the browser picks it."""
    return forms.DateInput(attrs={"type": "date", **attrs}, format="%Y-%m-%d")


def area(rows: int = 3) -> forms.Textarea:
    """A text of some lines."""
    return forms.Textarea(attrs={"rows": rows})


def line(**attrs: str) -> forms.TextInput:
    """A text of one line that the browser does not fill in."""
    return forms.TextInput(attrs={"autocomplete": "off", **attrs})


class TenantChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the tenants, by name and key."""

    def __init__(self, **more: Any) -> None:
        super().__init__(queryset=Tenant.objects.order_by("name", "id"), **{"label": _("Tenant"), **more})

    def label_from_instance(self, obj: Tenant) -> str:
        """Name and key, so that two of one name can be told apart."""
        return f"{obj.name} ({obj.key})"


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody active, by name and address."""

    def __init__(self, **more: Any) -> None:
        super().__init__(queryset=Person.objects.filter(is_active=True).order_by("name", "id"), **more)

    def label_from_instance(self, obj: Person) -> str:
        """Name and e-mail, so that two of one name can be told apart."""
        return f"{obj.name} ({obj.email})"
