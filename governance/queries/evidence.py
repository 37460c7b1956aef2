"""Evidence, as its pages and other rooms need it; already cut to what the actor may see."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import AuthorityError, NotFoundError
from governance.authority import Right, has_right
from governance.evidence.standing import SOC2, Reason, counts
from governance.models import Evidence
from governance.models.evidence import SOC2_MONTHS, months_after


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of a list: the evidence and why it does not count today (empty: it counts)."""

    evidence: Evidence
    reasons: list[Reason]

    @property
    def pk(self) -> uuid.UUID:
        """The evidence's id."""
        return self.evidence.pk


def visible_to(actor: Actor) -> QuerySet[Evidence]:
    """Evidence the actor may see: all for readers, their own for those who only add."""
    rows = Evidence.objects.select_related("uploaded_by", "redaction_reviewer", "withdrawn_by")
    if has_right(actor, Right.READ_EVIDENCE):
        return rows
    return rows.filter(uploaded_by_id=actor.id) if has_right(actor, Right.ADD_EVIDENCE) else rows.none()


def get_evidence(actor: Actor, evidence_id: uuid.UUID) -> Evidence:
    """One piece of evidence; :class:`NotFoundError` for whoever may not know of it."""
    row = visible_to(actor).filter(pk=evidence_id).first()
    if row is None:
        raise NotFoundError(_("There is no such evidence."))
    return row


def evidence_list(
    actor: Actor, *, words: str = "", kind: str = "", state: str = "", on: dt.date | None = None
) -> QuerySet[Evidence]:
    """Evidence filtered by words in name, issuer, scope or digest, by kind, and by ``state``.

    States: a scan's, a redaction review's (``unreviewed``, ``redacted``), ``expired`` on the day
    ``on``, or ``withdrawn``; without one the withdrawn are left out.
    """
    if not (has_right(actor, Right.READ_EVIDENCE) or has_right(actor, Right.ADD_EVIDENCE)):
        raise AuthorityError(_("Your roles do not open the evidence."))
    rows = visible_to(actor).filter(withdrawn_at__isnull=state != "withdrawn")
    if words:
        rows = rows.filter(
            Q(name__icontains=words)
            | Q(issuer__icontains=words)
            | Q(scope__icontains=words)
            | Q(digest__startswith=words.lower())
        )
    if kind in Evidence.Kind.values:
        rows = rows.filter(kind=kind)
    return rows.filter(by_state(state, on))


def by_state(state: str, on: dt.date | None) -> Q:
    """The filter a state stands for; an unknown one filters nothing."""
    if state in Evidence.Scan.values:
        return Q(scan_state=state)
    if state == "unreviewed":
        return Q(redaction=Evidence.Redaction.WAITING)
    if state == "redacted":
        return Q(redaction=Evidence.Redaction.REDACTED)
    if state == "expired" and on:
        stale = Q(kind__in=SOC2, period_end__lt=months_after(on, -SOC2_MONTHS))
        return stale | Q(valid_until__lt=on)
    return Q()


def standings(rows: list[Evidence], on: dt.date) -> list[Standing]:
    """Each row with the reasons why it does not count on that day."""
    return [Standing(row, counts(row, on)) for row in rows]


def to_review(actor: Actor) -> QuerySet[Evidence]:
    """Clean evidence whose pages wait for a reviewer other than its uploader, oldest first."""
    if not has_right(actor, Right.REVIEW_EVIDENCE):
        return Evidence.objects.none()
    rows = Evidence.objects.filter(
        scan_state=Evidence.Scan.CLEAN, redaction=Evidence.Redaction.WAITING, withdrawn_at=None
    )
    return rows.exclude(uploaded_by_id=actor.id).select_related("uploaded_by").order_by("uploaded_at")


def search_evidence(actor: Actor, words: str) -> QuerySet[Evidence]:
    """The first ten that match, for the search."""
    if not (has_right(actor, Right.READ_EVIDENCE) or has_right(actor, Right.ADD_EVIDENCE)):
        return Evidence.objects.none()
    return evidence_list(actor, words=words)[:10]
