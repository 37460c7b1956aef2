"""What an assessment still lacks before it can be submitted (I20, I21)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.vocabulary import Purpose
from vendors.models import Agreement, Assessment, IsolationReview, Service, Term
from vendors.queries.bases import INDEPENDENT, is_whole
from vendors.queries.dossier import Dossier
from vendors.vocabulary import UNFIT_TIERS, AgreementKind, Severity, TermKind

#: Purposes in which customer data reaches the service.
CUSTOMER_PURPOSES = frozenset({Purpose.INFERENCE.value, Purpose.EVALUATION.value})

#: Findings from here on must be remediated or accepted first (L2-38).
BLOCKING = Severity.HIGH

#: Terms without which nothing is approved (I20).
NEEDED = frozenset({TermKind.ZERO_RETENTION, TermKind.NO_TRAINING, TermKind.PROCESSOR_ONLY})


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing to do first: ``section`` of the workspace (or ``service``) where it is mended, and the clause."""

    code: str
    section: str
    text: str
    clause: str


def missing_for_submission(assessment: Assessment, on: dt.date | None = None) -> list[Missing]:
    """Everything that keeps the assessment from being submitted on this day (UTC; default today)."""
    return missing_in(Dossier(assessment, on))


def missing_in(dossier: Dossier) -> list[Missing]:
    """The same, from records already read."""
    return [
        *_scope(dossier.assessment, dossier.on),
        *_plan(dossier.assessment),
        *_service_facts(dossier.service),
        *_answers(dossier),
        *_reports(dossier),
        *_terms(dossier),
        *_isolation(dossier),
        *_findings(dossier),
    ]


def _scope(assessment: Assessment, on: dt.date) -> Iterator[Missing]:
    wanted = (
        ("intended_use", _("Say in plain words what people will use it for."), "L2-10"),
        ("data_classes", _("Choose the data classes it may see."), "L2-20"),
        ("purposes", _("Choose the purposes."), "L2-10"),
        ("environments", _("Choose the environments."), "L2-26"),
        ("regions", _("Choose the regions it may run in."), "L2-44"),
        ("models", _("Choose the models."), "L2-3"),
        ("criticality", _("Say how much depends on it."), "L2-5"),
        ("requested_until", _("Say until when it is wanted."), "L2-5"),
    )
    for name, text, clause in wanted:
        if not getattr(assessment, name):
            yield Missing(name, "scope", text, clause)
    if assessment.requested_until and assessment.requested_until <= on:
        yield Missing("requested_until", "scope", _("The day until which it is wanted has passed."), "L2-5")
    if set(assessment.regions) - set(assessment.service.regions):
        yield Missing("regions", "scope", _("The service no longer runs in a region of the scope."), "L2-44")
    if set(assessment.models) - {model.name for model in assessment.service.models.all()}:
        yield Missing("models", "scope", _("The service no longer offers a model of the scope."), "L2-3")


def _plan(assessment: Assessment) -> Iterator[Missing]:
    """I21: free and consumer plans are never approved for customer data."""
    tier = assessment.service.plan_tier
    if tier in UNFIT_TIERS and CUSTOMER_PURPOSES & set(assessment.purposes):
        text = _(
            "The %(plan)s plan is never approved for customer data. Move the account to a company plan, or ask for "
            "internal work only."
        ) % {"plan": assessment.service.get_plan_tier_display().lower()}
        yield Missing("plan", "scope", text, "L2-4")


def _service_facts(service: Service) -> Iterator[Missing]:
    if not service.account_id or not service.billing_owner:
        text = _("Name the company's account and who pays for it: only company-sponsored instances count.")
        yield Missing("account", "service", text, "L2-3")
    if service.retention_days is None:
        yield Missing("retention", "service", _("Find out how many days the service keeps what is sent."), "L2-12")
    elif service.retention_days > 0:
        text = ngettext(
            "The service keeps what is sent for %(days)d day; it must keep nothing.",
            "The service keeps what is sent for %(days)d days; it must keep nothing.",
            service.retention_days,
        ) % {"days": service.retention_days}
        yield Missing("retention", "service", text, "L2-12")
    if service.trains_on_data is None:
        yield Missing("training", "service", _("Find out whether the service trains on what is sent."), "L2-9")
    elif service.trains_on_data:
        yield Missing("training", "service", _("The service trains on what is sent; it never may."), "L2-9")


def _answers(dossier: Dossier) -> Iterator[Missing]:
    if dossier.assessment.questionnaire_id is None:
        yield Missing("questionnaire", "questionnaire", _("Choose a questionnaire."), "L2-34")
        return
    for question in dossier.book.missing():
        text = _("Answer: %(question)s") % {"question": question.shape.label}
        yield Missing("answer", "questionnaire", text, "L2-34")


def _reports(dossier: Dossier) -> Iterator[Missing]:
    """L2-37: an independent report that counts today."""
    reports = {link: why for link, why in dossier.problems.items() if link.evidence.kind in INDEPENDENT}
    if any(not why for why in reports.values()):
        return
    text = _("Attach a SOC 2 Type II report or an ISO 27001 certificate that counts today.")
    why = " ".join(f"{link.evidence.name}: {' '.join(reasons)}" for link, reasons in reports.items())
    yield Missing("report", "evidence", f"{text} {why}".strip(), "L2-37")


def _terms(dossier: Dossier) -> Iterator[Missing]:
    if TermKind.ZERO_RETENTION not in dossier.terms:
        yield Missing("zero_retention", "agreements", _("Record an agreement with a zero retention term."), "L2-8")
    if TermKind.NO_TRAINING not in dossier.terms:
        yield _no_training(dossier.agreements)
    if not has_dpa(dossier):
        text = _("Record a data processing agreement that is in force, with its signed document.")
        yield Missing("dpa", "agreements", text, "L2-42")
    if TermKind.PROCESSOR_ONLY not in dossier.terms:
        text = _("Record the term that the vendor acts only as processor.")
        yield Missing("processor_only", "agreements", text, "L2-42")


def has_dpa(dossier: Dossier) -> bool:
    """Whether a data processing agreement counts today."""
    return any(row.kind == AgreementKind.DPA and not why for row, why in dossier.agreement_problems.items())


def promises_of(dossier: Dossier) -> list[tuple[TermKind, Term | None, bool]]:
    """Each kind of term with the promise in force or ``None``, and whether approval needs it."""
    return [(kind, dossier.terms.get(kind.value), kind in NEEDED) for kind in TermKind]


def _no_training(agreements: list[Agreement]) -> Missing:
    terms = [term for row in agreements for term in row.terms.all() if term.kind == TermKind.NO_TRAINING]
    if terms and not any(is_whole(term) for term in terms):
        text = _("The no-training term must name data, queries, procedures and outputs: all four.")
    else:
        text = _("Record an agreement with a no-training term for data, queries, procedures and outputs.")
    return Missing("no_training", "agreements", text, "L2-9")


def _isolation(dossier: Dossier) -> Iterator[Missing]:
    if dossier.review is None:
        yield Missing("isolation", "isolation", _("Record the isolation review."), "L2-39")
    elif dossier.review.verdict == IsolationReview.Verdict.INADEQUATE:
        text = _("The isolation review found the separation inadequate. Have it mended, then review it again.")
        yield Missing("isolation", "isolation", text, "L2-39")


def _findings(dossier: Dossier) -> Iterator[Missing]:
    for finding in dossier.unsolved:
        if finding.severity >= BLOCKING:
            text = _("Remediate the finding “%(title)s”, or have its risk accepted.") % {"title": finding.title}
            yield Missing("finding", "findings", text, "L2-38")
