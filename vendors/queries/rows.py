"""A service as one row of a file."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from vendors.models import Service
from vendors.queries.register import STATES

HEADINGS = (
    _("Vendor"),
    _("Service"),
    _("Plan"),
    _("Hosting"),
    _("Regions"),
    _("State"),
    _("Last day"),
    _("Data classes"),
    _("Purposes"),
    _("Environments"),
    _("Models"),
    _("Conditions"),
    _("Why"),
    _("Owner"),
)


def row_of(service: Service) -> list[Any]:
    """The cells under :data:`HEADINGS`; the service has its standing attached."""
    authorisation, standing = service.authorisation, service.standing  # type: ignore[attr-defined]
    state = service.standing_now  # type: ignore[attr-defined]
    lists = ("data_classes", "purposes", "environments", "models")
    last_day = authorisation.until - dt.timedelta(days=1) if authorisation and state == "approved" else None
    return [
        service.vendor.name,
        service.name,
        service.get_plan_tier_display(),
        service.get_hosting_display(),
        ", ".join(service.regions),
        STATES[state],
        last_day.date().isoformat() if last_day else "",
        *(", ".join(getattr(authorisation, name)) if authorisation else "" for name in lists),
        authorisation.conditions if authorisation else "",
        " ".join(ground.text for ground in standing.grounds) if standing else "",
        service.owner.name,
    ]
