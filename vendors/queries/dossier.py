"""Everything one assessment consists of, each part read once and only when asked for."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

from django.db.models import F
from django.utils import timezone

from vendors.models import Agreement, Assessment, AssessmentEvidence, Finding, IsolationReview, Service, Term
from vendors.queries.answers import Book, answer_book
from vendors.queries.bases import agreements_of, problems_with, problems_with_agreement, terms_among


class Dossier:
    """An assessment's records as of one day (UTC; default today): at most eight queries, however often it is asked."""

    def __init__(self, assessment: Assessment, on: dt.date | None = None) -> None:
        self.assessment = assessment
        self.on = on or timezone.now().date()

    @property
    def service(self) -> Service:
        """What is assessed."""
        return self.assessment.service

    @cached_property
    def links(self) -> list[AssessmentEvidence]:
        """The evidence put forward, oldest first."""
        return list(self.assessment.evidence_links.select_related("evidence", "attached_by"))

    @cached_property
    def problems(self) -> dict[AssessmentEvidence, list[str]]:
        """Each link with why its evidence does not count; none: it counts."""
        name = self.service.vendor.name
        return {link: problems_with(link.evidence, name, self.on) for link in self.links}

    @cached_property
    def agreements(self) -> list[Agreement]:
        """Agreements about the service, ended ones too, those in force first."""
        return list(
            agreements_of(self.service).order_by(F("withdrawn_at").asc(nulls_first=True), "kind", "-starts_on", "id")
        )

    @cached_property
    def agreement_problems(self) -> dict[Agreement, list[str]]:
        """Each agreement with why it does not count; none: it counts."""
        return {agreement: problems_with_agreement(agreement, self.on) for agreement in self.agreements}

    @cached_property
    def terms(self) -> dict[str, Term]:
        """For each kind of term the promise in force that lasts longest."""
        return terms_among(self.agreements, self.on)

    @cached_property
    def reviews(self) -> list[IsolationReview]:
        """Isolation reviews, newest first."""
        return list(self.assessment.isolation_reviews.select_related("reviewer", "evidence").order_by("-at", "-id"))

    @property
    def review(self) -> IsolationReview | None:
        """The isolation review that counts: the newest."""
        return self.reviews[0] if self.reviews else None

    @cached_property
    def findings(self) -> list[Finding]:
        """The service's findings that are not closed, worst first."""
        rows = Finding.objects.filter(assessment__service_id=self.assessment.service_id)
        live = rows.exclude(state=Finding.State.CLOSED).select_related("owner")
        return list(live.order_by("-severity", "due_on", "id"))

    @property
    def unsolved(self) -> list[Finding]:
        """Findings that are open, or whose accepted risk has run out."""
        return [row for row in self.findings if row.state == Finding.State.OPEN or self.has_run_out(row)]

    def has_run_out(self, finding: Finding) -> bool:
        """Whether a risk was accepted until a day that has passed."""
        until = finding.accepted_until
        return finding.state == Finding.State.ACCEPTED and until is not None and until < self.on

    @cached_property
    def book(self) -> Book:
        """The questionnaire with the answers so far."""
        return answer_book(self.assessment)
