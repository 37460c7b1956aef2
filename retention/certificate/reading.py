"""A certificate in words, the same on paper and on every page: no more than is true."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from retention.certificate.object_names import TOLD
from retention.models import Certificate
from retention.vocabulary import Cause
from tenants.vocabulary import StoreKind


@dataclass(frozen=True, slots=True)
class Reading:
    """A certificate's content, and the sentences that sum it up."""

    content: dict[str, Any]
    issued_at: dt.datetime

    @classmethod
    def of(cls, certificate: Certificate) -> Reading:
        """Read a certificate's body."""
        return cls(json.loads(certificate.body), certificate.issued_at)

    @property
    def stores(self) -> list[dict[str, Any]]:
        """The data stores, as the body lists them."""
        rows: list[dict[str, Any]] = self.content["stores"]
        return rows

    @property
    def approvals(self) -> list[dict[str, Any]]:
        """Under which approvals it was erased, the first one first; format 1 named the last one alone."""
        rows: list[dict[str, Any]] = self.content.get("approvals") or [self.content["approved"]]
        return rows

    @property
    def approved_by(self) -> int:
        """How many signatures approved the deletion."""
        return sum(len(row["signed_by"]) for row in self.approvals)

    @property
    def retained(self) -> int:
        """How many objects are still kept."""
        return int(self.content["totals"]["retained"])

    @property
    def told(self) -> list[dict[str, Any]]:
        """Stores for which we rely on somebody else's word."""
        return [row for row in self.stores if row["kind"] in TOLD]

    @property
    def backups_until(self) -> str:
        """When the last backup with the data expires, if that lies after the issue; UTC, else empty."""
        ends = [row["out_of_reach"]["expire_at"] for row in self.stores if row["out_of_reach"]]
        latest = max(ends, default="")
        return latest if latest > f"{self.issued_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}" else ""

    @property
    def title(self) -> str:
        """What the document is called."""
        if self.content["supplements"]:
            return _("Supplementary certificate of deletion")
        return _("Certificate of deletion") if self.content["is_final"] else _("Certificate of deletion, with residue")

    @property
    def claim(self) -> str:
        """What is certified, in one sentence."""
        one_person = self.content["cause"] == Cause.DATA_SUBJECT
        what = _("Everything found of one person’s data") if one_person else _("Everything found")
        if len(self.told) == len(self.stores):
            return _("Whoever keeps the data states that it was destroyed; Countersign reaches none of it itself.")
        if self.retained and self.told:
            words = _(
                "%(what)s within Countersign’s reach was destroyed and verified, except what is listed as retained."
            )
        elif self.retained:
            words = _("%(what)s was destroyed and verified, except what is retained and listed below.")
        elif self.told:
            words = _("%(what)s within Countersign’s reach was destroyed, and each data store it reaches found empty.")
        else:
            words = _("%(what)s in the data stores below was destroyed, and each of them was then found empty.")
        return words % {"what": what}

    @property
    def limits(self) -> list[str]:
        """What the claim does not cover, sentence by sentence."""
        found = []
        if self.retained:
            words = ngettext("%(n)s object is retained: why and until when is listed with its data store.",
                             "%(n)s objects are retained: why and until when is listed with their data stores.",
                             self.retained)  # fmt: skip
            found.append(words % {"n": self.retained})
        if self.told:
            words = ngettext("For %(n)s data store this rests on the statement of whoever keeps it.",
                             "For %(n)s data stores this rests on the statements of whoever keeps them.",
                             len(self.told))  # fmt: skip
            found.append(words % {"n": len(self.told)})
        if self.backups_until:
            words = _("Backups, which Countersign does not reach, may hold copies until %(day)s.")
            found.append(words % {"day": day_words(self.backups_until)})
        return found


def kind_label(kind: str) -> str:
    """A store's kind, in words."""
    return str(StoreKind(kind).label) if kind in StoreKind.values else _("This console")


def until_words(row: dict[str, Any]) -> str:
    """Until when, and by whose leave, a store retains something."""
    return _("until %(day)s") % {"day": day_words(row["until"])} if row["until"] else _("with no date set")


def store_name(row: dict[str, Any]) -> str:
    """How a store is called; format 1 told its key alone."""
    return str(row.get("name") or row["key"])


def day_words(moment: str) -> str:
    """The day (UTC) of an ISO 8601 day or moment as ``22 November 2026``; empty stays empty."""
    return date_format(dt.date.fromisoformat(moment[:10]), "j F Y") if moment else ""


def day_and_time(moment: str) -> str:
    """An ISO 8601 moment as ``22 November 2026, 16:05 UTC``; empty stays empty."""
    if not moment:
        return ""
    at = dt.datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(dt.UTC)
    return f"{day_words(at.isoformat())}, {at:%H:%M} UTC"
