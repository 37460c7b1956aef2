"""What somebody says a file is: which claims each kind needs, and what cannot be."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from governance.evidence.standing import ISO, SOC2
from governance.models import Evidence

LONGEST = {"issuer": 200, "scope": 4000, "segregation_pages": 120, "privacy_pages": 120}
EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2100, 1, 1)


def claim_faults(claims: Mapping[str, Any], today: dt.date) -> dict[str, str]:
    """What is wrong or missing, by field; empty: nothing."""
    faults = {**text_faults(claims), **period_faults(claims, today), **missing_dates(claims)}
    if claims["kind"] not in Evidence.Kind.values:
        faults["kind"] = _("Choose what kind of evidence it is.")
    return faults


def text_faults(claims: Mapping[str, Any]) -> dict[str, str]:
    """Names and scope."""
    faults = {}
    if not claims["issuer"]:
        faults["issuer"] = _("Say who issued it: the auditor, for a report.")
    if claims["kind"] in (*SOC2, *ISO) and not claims["scope"]:
        faults["scope"] = _("Say which services the report covers, as its scope section does.")
    for name, limit in LONGEST.items():
        if len(claims[name]) > limit:
            faults[name] = _("At most %s characters.") % limit
        elif any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\r\n\t" for letter in claims[name]):
            faults[name] = _("There are control characters in it. Type it anew.")
    return faults


def missing_dates(claims: Mapping[str, Any]) -> dict[str, str]:
    """Dates without which this kind never counts."""
    kind, faults = claims["kind"], {}
    if kind == "soc2_type2" and not claims["period_start"]:
        faults["period_start"] = _("Say when the report's period starts.")
    if kind in (*SOC2, "pentest") and not claims["period_end"]:
        faults["period_end"] = _("Say when the report's period ends (for a single day: that day).")
    if kind in ISO and not claims["valid_until"]:
        faults["valid_until"] = _("Say until when the certificate is valid.")
    return faults


def period_faults(claims: Mapping[str, Any], today: dt.date) -> dict[str, str]:
    """Dates that cannot be."""
    faults = {}
    start, end, until = claims["period_start"], claims["period_end"], claims["valid_until"]
    for name in ("period_start", "period_end", "valid_until"):
        if claims[name] and not EARLIEST <= claims[name] <= LATEST:
            faults[name] = _("Check the year.")
    if start and end and end < start:
        faults["period_end"] = _("The period ends before it starts.")
    if end and end > today and claims["kind"] in (*SOC2, "pentest"):
        faults["period_end"] = _("A report is written after its period; this day has not come yet.")
    if until and (start or end) and until < (start or end):
        faults["valid_until"] = _("It would lapse before it starts.")
    return faults
