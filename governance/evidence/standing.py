"""Whether a piece of evidence counts on a day, and every reason why it does not (I20)."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from governance.models import Evidence

#: How a day is written in a sentence, the same as on every page.
DAY = "j M Y"

SOC2 = ("soc2_type1", "soc2_type2")
ISO = ("iso27001", "iso42001")

#: Kinds that prove something only when somebody other than the vendor issued them (L2-37).
INDEPENDENT = (*SOC2, *ISO, "pentest")

#: Words of a company's name that say nothing about which company it is.
LEGAL_FORMS = frozenset(
    {
        "inc", "incorporated", "llc", "llp", "ltd", "limited", "gmbh", "ag", "sa", "sas", "srl", "bv", "nv",
        "plc", "corp", "corporation", "co", "company", "pbc", "pty", "oy", "ab", "as", "aps", "the", "and",
        "group", "holdings", "international",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """Why evidence does not count; ``code`` is stable, ``clause`` names the promise."""

    code: str
    text: str
    clause: str

    def __str__(self) -> str:
        return self.text


def counts(evidence: Evidence, on: dt.date, vendor_name: str = "") -> list[Reason]:
    """Every reason why ``evidence`` does not count on the day ``on``; empty: it counts.

    ``vendor_name`` is whose service it is to prove something about: an auditor that is the vendor
    does not count. Reads no other row. Clauses L2-34 to L2-37, I20.
    """
    found = [*bytes_faults(evidence), *kind_faults(evidence, vendor_name), *date_faults(evidence, on)]
    return [*found, *redaction_faults(evidence)]


def bytes_faults(evidence: Evidence) -> list[Reason]:
    """What checking the bytes found, or that nobody did yet."""
    if evidence.withdrawn_at:
        return [Reason("withdrawn", _("It was withdrawn."), "I24")]
    faults = {
        "waiting": Reason("unscanned", _("It has not been checked for malware yet."), "I20"),
        "failed": Reason("unscanned", _("Checking it failed, so nobody knows whether it is safe."), "I20"),
        "refused": Reason("refused", _("It was refused when its content was checked."), "I20"),
        "infected": Reason("infected", _("It is infected."), "I20"),
    }
    return [faults[evidence.scan_state]] if evidence.scan_state in faults else []


def kind_faults(evidence: Evidence, vendor_name: str) -> list[Reason]:
    """Kinds that prove nothing, and auditors who are not independent."""
    faults = []
    if evidence.kind == "soc2_type1":
        faults.append(Reason("type1", _("A Type I report describes one day; a Type II report is needed."), "L2-37"))
    if evidence.kind == "marketing":
        faults.append(Reason("marketing", _("Marketing material proves nothing."), "L2-34"))
    if evidence.kind in INDEPENDENT and same_company(evidence.issuer, vendor_name):
        faults.append(
            Reason("not_independent", _("The vendor issued it itself; an independent auditor is needed."), "L2-37")
        )
    return faults


def date_faults(evidence: Evidence, on: dt.date) -> list[Reason]:
    """Not yet, no longer, or nobody says until when."""
    faults = []
    if evidence.valid_until and evidence.valid_until < on:
        faults.append(Reason("expired", _("It expired on %s.") % date_format(evidence.valid_until, DAY), "L2-35"))
    if evidence.period_start and evidence.period_start > on:
        faults.append(
            Reason("not_yet", _("It is not valid before %s.") % date_format(evidence.period_start, DAY), "L2-35")
        )
    if evidence.kind in SOC2:
        faults += soc2_faults(evidence, on)
    if evidence.kind in ISO and not evidence.valid_until:
        faults.append(Reason("no_dates", _("It does not say until when the certificate is valid."), "L2-35"))
    return faults


def soc2_faults(evidence: Evidence, on: dt.date) -> list[Reason]:
    """A SOC 2 report is current for 12 months after its period (L2-35)."""
    if not evidence.period_end:
        return [Reason("no_dates", _("It does not say which period the report covers."), "L2-35")]
    if evidence.period_end > on:
        return [
            Reason(
                "not_yet", _("Its period ends on %s, after this day.") % date_format(evidence.period_end, DAY), "L2-35"
            )
        ]
    last = evidence.counts_until
    if last and last < on and not (evidence.valid_until and evidence.valid_until < on):
        ended = date_format(evidence.period_end, DAY)
        return [Reason("stale", _("Its period ended on %s, more than 12 months before this day.") % ended, "L2-35")]
    return []


def redaction_faults(evidence: Evidence) -> list[Reason]:
    """Blacked-out pages, or nobody looked (L2-36)."""
    if evidence.redaction == "redacted":
        return [Reason("redacted", _("Parts of it are redacted; ask the vendor for the whole report."), "L2-36")]
    if evidence.redaction == "waiting":
        return [Reason("not_reviewed", _("Nobody has looked through its pages for redactions yet."), "L2-36")]
    return []


def same_company(one: str, other: str) -> bool:
    """Whether two names mean one company: the words of one begin the other, legal forms aside."""
    shorter, longer = sorted((words_of(one), words_of(other)), key=len)
    return bool(shorter) and longer[: len(shorter)] == shorter


def words_of(name: str) -> list[str]:
    """The words of a company's name that tell it apart, in small plain letters."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = re.findall(r"\w+", plain)
    return [word for word in words if word not in LEGAL_FORMS] or words
