"""How the register puts things: what is missing, until when something runs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext as _

from governance.queries.tenants import runs_until
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing of a tenant, and what to do about it."""

    code: str
    title: str
    text: str
    tone: str = "warn"


def gap_words(code: str) -> Gap:
    """What a code of :func:`tenants.queries.gaps` means."""
    told = {
        "no_agreement": (
            _("No agreement is recorded"),
            _("Record it with its dates and terms: without one, nothing says until when the data may be kept."),
        ),
        "not_running": (
            _("No agreement runs today"),
            _("Record the one that follows, or terminate the tenant, which starts its thirty days."),
        ),
        "ownership_term": (
            _("The ownership term is missing"),
            _("A running agreement does not say that the customer owns its source data, inputs and outputs (LD-1)."),
        ),
        "platform_term": (
            _("The IP term is missing"),
            _("A running agreement does not say that we own the platform and its LLM technology (LD-2)."),
        ),
        "document": (
            _("A signed document is missing"),
            _("A running agreement does not name its document. Add the file as evidence, then choose it."),
        ),
    }
    title, text = told[code]
    return Gap(code, title, text, "info" if code == "document" else "warn")


def run_words(tenant: Tenant) -> str:
    """Until when the tenant's agreements run, in words."""
    state, day = runs_until(tenant)
    if state == "none":
        return _("none recorded")
    if state == "running" and day is None:
        return _("runs, no end")
    words = {"running": _("until %s"), "upcoming": _("from %s"), "ended": _("ended %s")}[state]
    return words % day_words(day)


def day_words(day: dt.date | None) -> str:
    """A day as pages write it."""
    return formats.date_format(day, "j M Y") if day else "–"
