"""What an approval stands on: evidence that counts, and terms that are in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from governance.evidence.standing import counts
from governance.models import Evidence
from vendors.models import Agreement, Assessment, Service, Term
from vendors.vocabulary import Cover, TermKind

#: Reports of an auditor that prove a vendor's controls (I20, L2-37).
INDEPENDENT = frozenset({Evidence.Kind.SOC2_TYPE2.value, Evidence.Kind.ISO27001.value})


@dataclass(frozen=True, slots=True)
class Basis:
    """One thing an approval would stand on; ``last_day`` (UTC) ``None``: it has no end."""

    label: str
    last_day: dt.date | None
    evidence: Evidence | None = None
    term: Term | None = None


def problems_with(evidence: Evidence, vendor_name: str, on: dt.date) -> list[str]:
    """Why this evidence does not count for this vendor on this day; empty when it does (I20, L2-34..L2-38)."""
    return [reason.text for reason in counts(evidence, on, vendor_name)]


def agreements_of(service: Service) -> QuerySet[Agreement]:
    """Agreements with the service's vendor that are about this service or about all."""
    return (
        Agreement.objects.filter(Q(service=service) | Q(service__isnull=True), vendor_id=service.vendor_id)
        .select_related("evidence", "service")
        .prefetch_related("terms")
    )


def problems_with_agreement(agreement: Agreement, on: dt.date) -> list[str]:
    """Why this agreement does not count on this day; empty when it does (L2-8)."""
    if agreement.withdrawn_at is not None:
        return [_("It was withdrawn.")]
    if on < agreement.starts_on:
        return [_("It begins on %(day)s.") % {"day": date_format(agreement.starts_on)}]
    if agreement.ends_on is not None and on > agreement.ends_on:
        return [_("It ended on %(day)s.") % {"day": date_format(agreement.ends_on)}]
    if agreement.evidence is None:
        return [_("Its signed document is missing.")]
    return [_("Its signed document: %(why)s") % {"why": why} for why in counts(agreement.evidence, on)]


def is_whole(term: Term) -> bool:
    """Whether a term promises enough: no training must name each of the four (L2-9)."""
    return term.kind != TermKind.NO_TRAINING or set(Cover.values) <= set(term.covers)


def terms_in_force(service: Service, on: dt.date) -> dict[str, Term]:
    """For each kind of term the promise that holds on this day, the one that lasts longest."""
    return terms_among(agreements_of(service), on)


def terms_among(agreements: Iterable[Agreement], on: dt.date) -> dict[str, Term]:
    """The same, from agreements already read."""
    best: dict[str, Term] = {}
    for agreement in agreements:
        if problems_with_agreement(agreement, on):
            continue
        for term in agreement.terms.all():
            term.agreement = agreement
            if is_whole(term) and (term.kind not in best or _last_day(term) > _last_day(best[term.kind])):
                best[term.kind] = term
    return best


def _last_day(term: Term) -> dt.date:
    ends = [term.agreement.ends_on, term.agreement.evidence and term.agreement.evidence.counts_until]
    return min((day for day in ends if day), default=dt.date.max)


def bases_of(assessment: Assessment, on: dt.date) -> list[Basis]:
    """Everything the assessment's approval would stand on, on this day (I22)."""
    vendor_name = assessment.service.vendor.name
    links = assessment.evidence_links.select_related("evidence")
    evidence = {link.evidence_id: link.evidence for link in links if not problems_with(link.evidence, vendor_name, on)}
    terms = terms_in_force(assessment.service, on).values()
    evidence |= {t.agreement.evidence_id: t.agreement.evidence for t in terms if t.agreement.evidence is not None}
    return [Basis(label_of(row), row.counts_until, evidence=row) for row in evidence.values()] + [
        Basis(label_of_term(term), term.agreement.ends_on, term=term) for term in terms
    ]


def label_of(evidence: Evidence) -> str:
    """A piece of evidence in a few words."""
    return f"{evidence.get_kind_display()} ({evidence.issuer})"


def label_of_term(term: Term) -> str:
    """A term in a few words, with the agreement it stands in."""
    return f"{term.get_kind_display()} ({term.agreement.get_kind_display()})"


def after(day: dt.date) -> dt.datetime:
    """The instant after a day's end, UTC: from then on what ended that day no longer counts."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC)


def end_of(requested_until: dt.date, bases: Iterable[Basis]) -> tuple[dt.datetime, str]:
    """When an approval ends, and what sets it: the earliest of what was asked for and every basis (I22)."""
    ends = [(basis.last_day, basis.label) for basis in bases if basis.last_day is not None]
    day, why = min([(requested_until, _("the date that was asked for")), *ends], key=lambda end: end[0])
    return after(day), why
