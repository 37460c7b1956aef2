"""What every write of the register begins with: who may, which row under lock, and what has a shape."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import AuthorityError, InvalidInputError, NotFoundError, StateError
from tenants.models import Tenant
from tenants.regions import wrong_regions
from tenants.vocabulary import TENANTS_WRITE

#: Who keeps the register (governance's ``Right.REGISTER_TENANT`` says the same to the pages above).
REGISTRARS = ("administrator", "privacy_officer")
KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
MOST_REGIONS = 40
LONGEST_REASON = 500
#: Days outside are typing mistakes.
FIRST_DAY = dt.date(1990, 1, 1)
LONGEST_AHEAD = dt.timedelta(days=366 * 100)


def require_registrar(actor: Actor, tenant_id: uuid.UUID | None = None) -> None:
    """Refuse whoever does not keep the register.

    A service account needs the scope ``tenants:write``. One bound to a tenant keeps that tenant alone:
    others do not exist for it (:class:`NotFoundError`), and without ``tenant_id`` it is refused.
    """
    if actor.kind != "service_account":
        if not actor.holds(*REGISTRARS):
            raise AuthorityError(_("Only an administrator or a privacy officer keeps the register of tenants."))
        return
    if TENANTS_WRITE not in actor.scopes:
        raise AuthorityError(_("This needs the scope %s.") % TENANTS_WRITE)
    if actor.bound_tenant_id is not None and tenant_id is None:
        raise AuthorityError(_("This service account is bound to one tenant and registers no others."))
    if actor.bound_tenant_id not in (None, tenant_id):
        raise NotFoundError(_("There is no such tenant."))


def locked_tenant(tenant_id: uuid.UUID, *, to_grow: bool = False) -> Tenant:
    """The tenant under lock; ``to_grow``: it is to get a site or an agreement, so it may not be terminated."""
    row: Tenant | None = Tenant.objects.select_for_update().filter(pk=tenant_id).first()
    if row is None:
        raise NotFoundError(_("There is no such tenant."))
    if to_grow and row.terminated_on is not None:
        raise StateError(
            _("%(tenant)s is terminated on %(day)s and takes no new sites or agreements. Reinstate it first.")
            % {"tenant": row.name, "day": row.terminated_on.isoformat()}
        )
    return row


def one_line(name: str) -> str:
    """A name without line breaks and double spaces, at most 120 characters."""
    return " ".join(name.split())[:120]


def key_problem(key: str, example: str) -> dict[str, str]:
    """What is wrong with a key: nothing, or a message by its field."""
    if KEY.fullmatch(key):
        return {}
    return {"key": _("Use small letters, digits and hyphens, at most 63, such as %s.") % example}


def regions_problem(regions: list[str]) -> dict[str, str]:
    """What is wrong with the allowed regions (I59): at least one, each shaped like a region's name."""
    wrong = wrong_regions(regions)
    if regions and not wrong and len(regions) <= MOST_REGIONS:
        return {}
    told = _("Name at least one region, such as eu-central-1, and at most %s.") % MOST_REGIONS
    if wrong:
        told += _(" Not a region: %s.") % ", ".join(region[:40] for region in wrong[:5])
    return {"allowed_regions": told}


def day_problem(field: str, day: dt.date | None) -> dict[str, str]:
    """What is wrong with a day: nothing, or that it can only be a typing mistake."""
    if day is None or FIRST_DAY <= day <= timezone.now().date() + LONGEST_AHEAD:
        return {}
    return {field: _("Look at the year: %s cannot be meant.") % day.isoformat()}


def reason_given(reason: str) -> str:
    """The reason, in words; refused when there is none."""
    words = reason.strip()
    if not words:
        raise InvalidInputError(_("Say why. Whoever looks years from now reads it."), field="reason")
    if len(words) > LONGEST_REASON:
        raise InvalidInputError(_("Say it in at most %s characters.") % LONGEST_REASON, field="reason")
    return words


def what_changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Each field that differs, from what to what, as an event tells it."""
    return {name: {"from": before[name], "to": value} for name, value in after.items() if value != before[name]}
