"""Values checked before they are kept, each refusal at its field."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from auditlog.errors import InvalidInputError, InvalidInputsError
from tenants.regions import wrong_regions


def check_fields(row: Model, fields: Iterable[str]) -> None:
    """Refuse values that do not fit the row's ``fields`` (length, choice, form), with a message for each."""
    wanted = set(fields)
    others = {field.name for field in row._meta.fields} - wanted
    try:
        row.clean_fields(exclude=others)
    except ValidationError as refusal:
        errors = {name: " ".join(messages) for name, messages in refusal.message_dict.items()}
        raise InvalidInputsError(errors) from refusal


def check_regions(regions: Iterable[str], *, field: str = "regions") -> list[str]:
    """The regions in order, each once; refused when one does not look like a region's name."""
    names = sorted({region.strip().lower() for region in regions if region.strip()})
    wrong = wrong_regions(names)
    if wrong:
        raise InvalidInputError(
            _("%(names)s: not a region's name. Write it as the provider does, such as eu-central-1 or westeurope.")
            % {"names": ", ".join(wrong)},
            field=field,
        )
    return names


def check_members(values: Iterable[str], allowed: Iterable[str], *, field: str) -> list[str]:
    """The values in the order of ``allowed``, each once; refused when one is not among them."""
    allowed, values = list(allowed), set(values)
    unknown = values - set(allowed)
    if unknown:
        raise InvalidInputError(
            _("%(names)s: not among the choices.") % {"names": ", ".join(sorted(unknown))}, field=field
        )
    return [value for value in allowed if value in values]
